"""Retry-After in every form that servers send."""

import math

import pytest

from checker.core.retry_after import http_date_seconds, retry_after_seconds

pytestmark = pytest.mark.pure

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110, section 5.6.7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("1" + "0" * 30, 1e30),
        ("9" * 400, math.inf),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 10.0),
        ("Sun Nov  6 08:49:47 1994", 10.0),
        ("Sun, 06 Nov 1994 08:49:27 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799.0 - NOW),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1e3", None),
        ("٣", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("x" * 10_000, None),
    ],
)
def test_what_a_server_asks_for(value: str, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


def test_a_date_is_a_unix_time() -> None:
    assert http_date_seconds("Sun, 06 Nov 1994 08:49:37 GMT") == NOW
