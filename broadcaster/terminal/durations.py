"""Reads how long, and since when: `6h`, `2d`, `tuesday`, `2026-11-24`. Pure."""

import math
import re
from datetime import UTC, datetime, timedelta

from broadcaster.errors import WrongCommand

__all__ = ["moment_of", "seconds_of"]

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_LONG = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([smhdw])\Z")
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC).timestamp() - 1.0
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def seconds_of(text: str, option: str) -> float:
    """A duration of at least a second. Raises WrongCommand."""
    found = _LONG.match(text.strip().lower())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 1.0 <= seconds < math.inf:
        raise WrongCommand(f"{option} must be a duration, such as 30m, 6h or 2d.")
    return seconds


def moment_of(text: str, now: float, option: str) -> float:
    """A moment in the past, in UTC where nothing else is said: so long ago, the last day of that
    name, a date, or a date and time; not before 1970. Raises WrongCommand.
    """
    return min(max(_moment(text, now, option), 0.0), _LAST_MOMENT)


def _moment(text: str, now: float, option: str) -> float:
    word = text.strip().lower()
    if _LONG.match(word):
        return now - seconds_of(word, option)
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if word in _DAYS:
        back = (today.weekday() - _DAYS.index(word)) % 7 or 7
        return (today - timedelta(days=back)).timestamp()
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongCommand(
            f"{option} must be a time, such as 24h, tuesday, 2026-11-24 or 2026-11-24T18:00."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
