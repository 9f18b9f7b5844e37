"""How long a server asks to wait: the header Retry-After (RFC 9110, section 10.2.3). Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["http_date_seconds", "retry_after_seconds"]

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_LONGEST_DATE = 100


def retry_after_seconds(value: str, now: float) -> float | None:
    """The seconds that Retry-After asks to wait: a number, also with a fraction, or an HTTP-date.

    None for anything else; 0 for a date in the past, infinity for a number beyond all floats.
    `now` is the Unix time to which a date is compared. The caller limits the wait, since a server
    may ask for 10^30 seconds.
    """
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    until = http_date_seconds(text)
    return None if until is None else max(until - now, 0.0)


def http_date_seconds(value: str) -> float | None:
    """The Unix time of an HTTP-date, or None for anything else."""
    if len(value) > _LONGEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - datetime.fromtimestamp(0, UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
