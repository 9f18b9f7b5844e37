"""Whether shared caches may keep a response (RFC 9111)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.caching import cache_permission
from checker.core.model import Exchange, Purpose

pytestmark = pytest.mark.pure

DATE = ("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
LATER = ("Expires", "Thu, 01 Jan 2026 00:01:00 GMT")


def permission(*headers: tuple[str, str]) -> str | None:
    exchange = Exchange(purpose=Purpose.PAGE, method="GET", url="u", status=200, headers=headers)
    return cache_permission(exchange)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ([("Cache-Control", "public")], "Cache-Control: public"),
        ([("cache-control", "PUBLIC, max-age=0")], "Cache-Control: public"),
        ([("Cache-Control", "max-age=60")], "Cache-Control: max-age=60"),
        ([("Cache-Control", "Max-Age = 60")], "Cache-Control: max-age=60"),
        ([("Cache-Control", 'max-age="60"')], "Cache-Control: max-age=60"),
        (
            [("Cache-Control", "max-age=99999999999999999999999")],
            "Cache-Control: max-age=99999999999999999999999",
        ),
        ([("Cache-Control", "max-age=1" + "0" * 5000)], "Cache-Control: max-age=1" + "0" * 5000),
        ([("Cache-Control", "s-maxage=1")], "Cache-Control: s-maxage=1"),
        ([("Cache-Control", "max-age=0, s-maxage=1")], "Cache-Control: s-maxage=1"),
        ([("Cache-Control", "no-cache, max-age=5")], "Cache-Control: max-age=5"),
        (
            [("Cache-Control", "must-revalidate"), ("Cache-Control", "public")],
            "Cache-Control: public",
        ),
        ([LATER, DATE], "an Expires ahead"),
        ([("Expires", "Thu, 01 Jan 2099 00:00:00 GMT")], "an Expires ahead"),
        ([("Expires", "Thu, 01 Jan 2099 00:00:00 -0000")], "an Expires ahead"),
        ([("Expires", "Thu, 01 Jan 2099 00:00:00")], "an Expires ahead"),
        ([("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"), ("Date", "rubbish")], "an Expires ahead"),
    ],
)
def test_what_allows_it(headers: list[tuple[str, str]], allowed: str) -> None:
    assert permission(*headers) == allowed


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Cache-Control", "")],
        [("Cache-Control", "no-store")],
        [("Cache-Control", "no-store, max-age=60")],
        [("Cache-Control", "max-age=60, private")],
        [("Cache-Control", "PRIVATE, public")],
        [("Cache-Control", "public"), ("Cache-Control", "no-store")],
        [("Cache-Control", "no-cache")],
        [("Cache-Control", "max-age=0")],
        [("Cache-Control", "max-age=000000000000")],
        [("Cache-Control", "max-age")],
        [("Cache-Control", "max-age=")],
        [("Cache-Control", "max-age=-5")],
        [("Cache-Control", "max-age=soon")],
        [("Cache-Control", "max-age=²")],
        [("Cache-Control", "s-maxage=0, max-age=60")],
        [("Cache-Control", "max-age=0"), LATER, DATE],
        [("Cache-Control", "no-store"), LATER, DATE],
        [("Cache-Control", "publicity")],
        [("Expires", "0")],
        [("Expires", "-1")],
        [("Expires", "")],
        [("Expires", "rubbish")],
        [("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")],
        [("Expires", DATE[1]), DATE],
        [("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"), ("Date", "Thu, 32 Foo 2026")],
        [("ETag", '"1"')],
        [("Last-Modified", DATE[1])],
        [("X-Cache-Control", "public")],
    ],
)
def test_what_does_not(headers: list[tuple[str, str]]) -> None:
    assert permission(*headers) is None


@given(st.lists(st.tuples(st.sampled_from(["Cache-Control", "Expires", "Date"]), st.text())))
def test_no_header_breaks_it(headers: list[tuple[str, str]]) -> None:
    permission(*headers)


@given(st.integers(-99999, 99999), st.integers(0, 10**6), st.integers(-9999, 9999))
def test_no_odd_date_breaks_it(year: int, day: int, zone: int) -> None:
    permission(("Expires", f"Thu, {day} Jan {year} 00:00:00 {zone:+05}"), DATE)
