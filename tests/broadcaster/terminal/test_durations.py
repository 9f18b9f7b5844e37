"""How long, and since when, as people write it."""

from datetime import UTC, datetime

import pytest

from broadcaster.errors import WrongCommand
from broadcaster.terminal.durations import moment_of, seconds_of

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC).timestamp()  # a Wednesday


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("6h", 21_600), ("1.5D", 129_600)]
)
def test_a_duration(text: str, seconds: float) -> None:
    assert seconds_of(text, "--every") == seconds


@pytest.mark.parametrize("text", ["", "6", "h", "-6h", "0s", "6 hours", "9" * 400 + "d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(WrongCommand, match="--every"):
        seconds_of(text, "--every")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", "2026-11-24T18:30:00+00:00"),
        ("tuesday", "2026-11-24T00:00:00+00:00"),
        ("Wednesday", "2026-11-18T00:00:00+00:00"),
        ("2026-11-20", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20T12:00+02:00", "2026-11-20T10:00:00+00:00"),
        ("9999999w", "1970-01-01T00:00:00+00:00"),
        ("0001-01-01", "1970-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_a_moment(text: str, moment: str) -> None:
    assert moment_of(text, NOW, "--since") == datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize("text", ["", "someday", "2026-13-01"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(WrongCommand, match="--since"):
        moment_of(text, NOW, "--since")
