"""What a page's `next` tells the crawl (contract, section 2), and what is no token."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.endpoint import Endpoint
from checker.core.model import Next, NextKind
from checker.parsing.json_body import NO_NUMBER
from checker.parsing.next_token import looks_like_url, read_next
from checker.signatures.paginators import kind_of_link

pytestmark = pytest.mark.pure

ENDPOINT = Endpoint.parse("https://api.example.com/v1/recipients?team=7", "weiter")
ROOT = Endpoint.parse("https://api.example.com/")

EMPTY = Next(kind=NextKind.EMPTY)
INVALID = Next(kind=NextKind.INVALID)
MISSING = Next(kind=NextKind.MISSING)
URL = Next(kind=NextKind.URL)


def token(text: str) -> Next:
    return Next(kind=NextKind.TOKEN, token=text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", EMPTY),
        (None, EMPTY),
        (False, EMPTY),
        (0, EMPTY),
        (0.0, EMPTY),
        (-0.0, EMPTY),
        ([], EMPTY),
        ({}, EMPTY),
        ("t", token("t")),
        ("0", token("0")),
        ("null", token("null")),
        (" t ", token(" t ")),
        ("😀", token("😀")),
        (1, token("1")),
        (-1, token("-1")),
        (2.0, token("2")),
        (10**30, token("1" + "0" * 30)),
        (True, INVALID),
        (1.5, INVALID),
        (-0.5, INVALID),
        (NO_NUMBER, INVALID),
        ([1], INVALID),
        ({"a": 1}, INVALID),
        (" ", INVALID),
        ("\u3000\n", INVALID),
        ("https://api.example.com/v1/recipients?next=2", URL),
        ("?page=2", URL),
    ],
)
def test_a_next_is_read(value: Any, expected: Next) -> None:
    assert read_next({"list": [], "next": value}, ENDPOINT) == expected


@pytest.mark.parametrize("document", [{}, {"list": []}, {"Next": "t"}, [], None, "next", 5])
def test_without_a_next_there_is_none(document: Any) -> None:
    assert read_next(document, ENDPOINT) == MISSING


@pytest.mark.parametrize(
    "value",
    [
        "https://api.example.com/v1/recipients?next=abc",
        "HTTP://api.example.com/",
        "http://x",
        "ftp://x/y",
        "//api.example.com/recipients",
        "//api.example.com:8080/recipients?a=1",
        "/v1/recipients?page=2",
        "/recipients?cursor=abc",
        "recipients.php?cursor=abc",
        "?next=abc",
        "?page[number]=2",
        "/v1/recipients/2",
        "/v1/recipients?2",
        "&page=2",
        "page=2",
        "PAGE=2",
        "page=2&limit=100",
        "next=abc",
        "weiter=abc",
        "Weiter=abc",
        "cursor=b64==",
        "next_page=2",
    ],
)
def test_what_is_a_url_or_a_query_string(value: str) -> None:
    assert looks_like_url(value, ENDPOINT)


@pytest.mark.parametrize(
    "value",
    [
        "eyJpZCI6MTAwfQ.Zx3-_w",
        "MTAw",
        "MTAwMA==",
        "a+b/c=&d?e",
        "a/b/c",
        "/v1/recipientsX",
        "/abc",
        "//abc",
        "//a/b",
        "//+/==",
        "abc?def",
        "what?!",
        "a=1",
        "uid=U123",
        "page==2",
        "page=",
        "page",
        "pagex=2",
        "weiterx=2",
        "2026-01-01T00:00:00Z",
        "12:34",
        "urn:uuid:1",
        "id>100",
        "?",
        "&",
        "&&a=b",
        "?=x",
        "a b?c=1",
        '{"id": 1}',
        "%2Fabc%3D",
        "ünï=cödé",
        "😀",
    ],
)
def test_what_may_well_be_a_token(value: str) -> None:
    assert not looks_like_url(value, ENDPOINT)


def test_at_the_root_a_slash_makes_no_url() -> None:
    assert not looks_like_url("//abc", ROOT)
    assert not looks_like_url("/abc", ROOT)


def test_the_parameters_name_is_taken_literally() -> None:
    endpoint = Endpoint.parse("http://localhost/", "a.b")
    assert looks_like_url("a.b=1", endpoint)
    assert not looks_like_url("aXb=1", endpoint)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,40}={0,2}", fullmatch=True))
def test_base64_is_never_taken_for_a_url(text: str) -> None:
    assert read_next({"next": text}, ENDPOINT) == token(text)


@given(st.text(st.characters(exclude_characters="?=", exclude_categories=["Cs"]), min_size=1))
def test_text_without_a_query_is_followed_unless_it_is_a_url(text: str) -> None:
    answer = read_next({"next": text}, ENDPOINT)
    if not text.strip():
        assert answer == INVALID
    elif "://" not in text and not text.startswith(("//", "/v1/recipients/")):
        assert answer == token(text)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("https://x/?page=2", "the URL of the next page"),
        ("?page=2", "a query string"),
        ("&page=2", "a query string"),
        ("page=2", "a query string"),
        ("page[number]=2", "a query string"),
        ("/recipients?page=2", "a part of a URL"),
        ("//host.example/x", "a part of a URL"),
    ],
)
def test_a_link_is_called_what_it_is(value: str, kind: str) -> None:
    assert kind_of_link(value).startswith(kind)
