"""The endpoint's URL: what is refused at the door, and how a page's URL is made."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.endpoint import Endpoint, looks_secret, origin_of
from checker.core.errors import UsageError

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://Example.COM", "http://example.com/"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://example.com/a?b=c&d", "https://example.com/a?b=c&d"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("https://example.com/ü?ñ=é", "https://example.com/%C3%BC?%C3%B1=%C3%A9"),
        ("https://example.com/%41%2f?a=%2B+", "https://example.com/%41%2f?a=%2B+"),
        ("https://example.com/a/../b//c", "https://example.com/a/../b//c"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("http://127.0.0.1/x", "http://127.0.0.1/x"),
        ("http://localhost/?", "http://localhost/"),
        ("http://localhost:8080", "http://localhost:8080/"),
    ],
)
def test_a_url_is_made_normal(given_url: str, url: str) -> None:
    endpoint = Endpoint.parse(given_url)
    assert endpoint.url == url
    assert endpoint.token_param == "next"
    assert Endpoint.parse(url) == endpoint


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "Give the endpoint's URL"),
        ("   ", "Give the endpoint's URL"),
        ("example.com/recipients", "must begin with http"),
        ("ftp://example.com/", "must begin with http"),
        ("file:///etc/passwd", "must begin with http"),
        ("http:/example.com", "must begin with http"),
        ("http://", "must begin with http"),
        ("http:///path", "must begin with http"),
        ("http://:80/", "has no host name"),
        ("https://user:hunter2@example.com/", "credentials"),
        ("https://user@example.com/", "credentials"),
        ("https://@example.com/", "credentials"),
        ("https://example.com/#top", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https://example.com:0/", "port 0"),
        ("https://example.com:99999/", "cannot be read"),
        ("https://example.com:http/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://example.com/a b", "blank or a control"),
        ("https://example.com/a\tb", "blank or a control"),
        ("https://example.com/a\nb", "blank or a control"),
        ("https://exam\x00ple.com/", "blank or a control"),
        ("https://example.com/\x85x", "blank or a control"),
        (f"https://{'a' * 64}.example/", "too long"),
        (f"https://{'.'.join(['a' * 60] * 5)}/", "too long"),
        ("https://\u2603\u200d.example/", "international"),
    ],
)
def test_a_wrong_url_is_refused_in_one_sentence(url: str, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        Endpoint.parse(url)
    sentence = str(raised.value)
    assert says in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence


def test_an_empty_parameter_is_refused() -> None:
    with pytest.raises(UsageError, match="--token-param"):
        Endpoint.parse("http://localhost/", "")


@given(st.text())
def test_any_text_is_a_url_or_refused(text: str) -> None:
    try:
        endpoint = Endpoint.parse(text)
    except UsageError:
        return
    assert endpoint.url.isascii()
    assert Endpoint.parse(endpoint.url) == endpoint


@given(st.text("htps:/@[]#?%&=.0123456789ax \u00fc\u3002", max_size=25).map("http://".__add__))
def test_anything_after_the_scheme_is_a_url_or_refused(text: str) -> None:
    try:
        endpoint = Endpoint.parse(text)
    except UsageError:
        return
    assert endpoint.url.isascii()
    assert Endpoint.parse(endpoint.url) == endpoint


@pytest.mark.parametrize(
    ("url", "param", "token", "page_url"),
    [
        ("http://h/", "next", None, "http://h/"),
        ("http://h/?next=9&a=1", "next", None, "http://h/?next=9&a=1"),
        ("http://h/", "next", "t", "http://h/?next=t"),
        ("http://h/?a=1&b=%20+", "next", "t", "http://h/?a=1&b=%20+&next=t"),
        ("http://h/?next=9&a=1&next=8", "next", "t", "http://h/?a=1&next=t"),
        ("http://h/?n%65xt=9", "next", "t", "http://h/?next=t"),
        ("http://h/?next", "next", "t", "http://h/?next=t"),
        ("http://h/?nextx=1", "next", "t", "http://h/?nextx=1&next=t"),
        ("http://h/?a=1&&b", "next", "t", "http://h/?a=1&b&next=t"),
        ("http://h/", "next", "a+b/c=&d e", "http://h/?next=a%2Bb%2Fc%3D%26d%20e"),
        ("http://h/", "next", "ü😀", "http://h/?next=%C3%BC%F0%9F%98%80"),
        ("http://h/", "page[after]", "%41", "http://h/?page%5Bafter%5D=%2541"),
        ("http://h/?page[after]=1", "page[after]", "2", "http://h/?page%5Bafter%5D=2"),
    ],
)
def test_a_pages_url(url: str, param: str, token: str | None, page_url: str) -> None:
    assert Endpoint.parse(url, param).page_url(token) == page_url


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_token_arrives_as_it_was_sent(param: str, token: str) -> None:
    endpoint = Endpoint.parse("https://example.com/r?a=1&b=2", param)
    pairs = parse_qsl(urlsplit(endpoint.page_url(token)).query, keep_blank_values=True)
    kept = [pair for pair in [("a", "1"), ("b", "2")] if pair[0] != param]
    assert pairs == [*kept, (param, token)]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://Example.com/a", ("http", "example.com", 80)),
        ("HTTPS://example.com", ("https", "example.com", 443)),
        ("https://example.com:80/", ("https", "example.com", 80)),
        ("ftp://example.com/", ("ftp", "example.com", 0)),
        ("//example.com/", ("", "example.com", 0)),
    ],
)
def test_an_origin(url: str, origin: tuple[str, str, int]) -> None:
    assert origin_of(url) == origin


def test_the_parts_of_a_url() -> None:
    endpoint = Endpoint.parse("HTTPS://h/a/b?c=d")
    assert (endpoint.scheme, endpoint.path) == ("https", "/a/b")


def test_parameters_that_look_secret() -> None:
    url = "http://h/?api_key=1&a=2&next_token=3&to%6Ben=%34&PASSWORD=5&key=&sig%6Eature=6"
    endpoint = Endpoint.parse(url, "next_token")
    assert endpoint.secret_parameters() == [
        ("api_key", "1"),
        ("token", "%34"),
        ("PASSWORD", "5"),
        ("signature", "6"),
    ]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("X-Api-Key", True),
        ("X-Auth", True),
        ("x-server-TOKEN", True),
        ("client_secret", True),
        ("passphrase", True),
        ("pwd", True),
        ("X-Signature", True),
        ("credential", True),
        ("Accept-Language", False),
        ("X-Team", False),
        ("page", False),
        ("", False),
    ],
)
def test_names_that_look_secret(name: str, secret: bool) -> None:
    assert looks_secret(name) is secret
