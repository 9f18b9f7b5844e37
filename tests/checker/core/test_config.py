"""A Config that exists is a right one; headers are refused without repeating their value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.config import Config, parse_header, parse_headers
from checker.core.endpoint import Endpoint
from checker.core.errors import UsageError

pytestmark = pytest.mark.pure

ENDPOINT = Endpoint.parse("http://localhost/")


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("channel", "telegraph", "Known: line"),
        ("channel", "", "Known: line"),
        ("max_pages", 0, "--max-pages"),
        ("max_pages", -1, "--max-pages"),
        ("max_empty_pages", -1, "--max-empty-pages"),
        ("delay_seconds", -0.1, "--delay"),
        ("delay_seconds", 3601, "--delay"),
        ("delay_seconds", float("nan"), "--delay"),
        ("timeout_seconds", 0, "--timeout"),
        ("timeout_seconds", -1.0, "--timeout"),
        ("timeout_seconds", float("nan"), "--timeout"),
        ("timeout_seconds", float("inf"), "--timeout"),
        ("retries", -1, "--retries"),
        ("retries", 11, "--retries"),
        ("load", -1, "--load"),
        ("load", 65, "--load"),
        ("probe_methods", ("GET",), "--probe-method"),
        ("probe_methods", ("HEAD",), "--probe-method"),
        ("probe_methods", ("CONNECT",), "--probe-method"),
        ("probe_methods", ("put",), "--probe-method"),
        ("probe_methods", ("PUT", "P T"), "--probe-method"),
        ("probe_methods", ("PUT\n",), "--probe-method"),
        ("probe_methods", ("",), "--probe-method"),
    ],
)
def test_what_makes_no_sense_is_refused(option: str, value: Any, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        Config(endpoint=ENDPOINT, **{option: value})
    assert says in str(raised.value)
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("channel", "line"),
        ("max_pages", 1),
        ("max_empty_pages", 0),
        ("delay_seconds", 0),
        ("delay_seconds", 3600),
        ("timeout_seconds", 0.001),
        ("retries", 0),
        ("retries", 10),
        ("load", 0),
        ("load", 64),
        ("probe_methods", ("PUT", "DELETE", "OPTIONS")),
    ],
)
def test_what_is_just_within_bounds_is_taken(option: str, value: Any) -> None:
    assert getattr(Config(endpoint=ENDPOINT, **{option: value}), option) == value


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("Authorization: Bearer abc", ("Authorization", "Bearer abc")),
        ("X-A:b", ("X-A", "b")),
        ("  X-A  :  b  ", ("X-A", "b")),
        ("X-Time: 12:30", ("X-Time", "12:30")),
        ("X-Empty:", ("X-Empty", "")),
        ("X_a.b!#$%&'*+^`|~9: v", ("X_a.b!#$%&'*+^`|~9", "v")),
        ("X-Tab: a\tb", ("X-Tab", "a\tb")),
    ],
)
def test_a_header_is_read(line: str, header: tuple[str, str]) -> None:
    assert parse_header(line) == header


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Authorization Bearer hunter2", "no colon"),
        ("", "no colon"),
        (": hunter2", "not a header name"),
        ("X A: hunter2", "not a header name"),
        ("X-Ä: hunter2", "not a header name"),
        ("X-A\n: hunter2", None),
        ("X(A): hunter2", "not a header name"),
        ("Host: hunter2", "the checker sets it"),
        ("content-LENGTH: hunter2", "the checker sets it"),
        ("Transfer-Encoding: hunter2", "the checker sets it"),
        ("X-A: hunter2\r\nX-B: c", "visible ASCII"),
        ("X-A: hunter2\x00", "visible ASCII"),
        ("X-A: hunter2é", "visible ASCII"),
        ("X-A: hunter2\x7f", "visible ASCII"),
    ],
)
def test_a_wrong_header_is_refused_without_its_value(line: str, says: str | None) -> None:
    if says is None:
        assert parse_header(line) == ("X-A", "hunter2")
        return
    with pytest.raises(UsageError) as raised:
        parse_header(line)
    assert says in str(raised.value)
    assert "hunter2" not in str(raised.value)


@given(st.text())
def test_any_line_is_a_header_that_can_be_sent_or_refused(line: str) -> None:
    try:
        name, value = parse_header(line)
    except UsageError:
        return
    assert name
    assert not set(name + value) & set("\r\n\0")
    (name + value).encode("ascii")


def test_headers_from_a_mapping_or_from_pairs() -> None:
    pairs = (("A", "1"), ("B", "2"))
    assert parse_headers(None) == ()
    assert parse_headers({}) == ()
    assert parse_headers({"A": " 1 ", "B": "2"}) == pairs
    assert parse_headers(iter(pairs)) == pairs


def test_a_header_is_given_once() -> None:
    with pytest.raises(UsageError, match="twice") as raised:
        parse_headers([("X-Key", "hunter2"), ("x-key", "hunter3")])
    assert "hunter" not in str(raised.value)
