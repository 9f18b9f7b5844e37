"""The correct endpoint, over real HTTP."""

import gzip
import itertools
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import MockConfig, MockError, MockServer
from mockserver.recipients.data import GeneratedRows, ListedRows
from schemas import ROW_LIMIT

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
ROWS = st.lists(st.fixed_dictionaries({"uid": TEXTS, "msg": TEXTS}), max_size=40)


def walk(http: requests.Session, endpoint: str, parameter: str = "next") -> list[dict[str, Any]]:
    """Follow the tokens to the end and return the pages."""
    pages = [http.get(endpoint).json()]
    while pages[-1]["next"]:
        pages.append(http.get(endpoint, params={parameter: pages[-1]["next"]}).json())
        assert len(pages) < 1000
    return pages


def test_pages_follow_each_other_to_the_end(mock: MockServer, http: requests.Session) -> None:
    pages = walk(http, mock.endpoint)
    assert [len(page["list"]) for page in pages] == [100, 100, 30]
    assert pages[-1]["next"] == ""
    assert all(list(page) == ["list", "next"] for page in pages)


def test_the_headers_of_a_page(mock: MockServer, http: requests.Session) -> None:
    response = http.get(mock.endpoint)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert not {"ETag", "Set-Cookie", "Connection"} & set(response.headers)


def test_gzip_only_for_those_who_take_it(mock: MockServer, http: requests.Session) -> None:
    packed = http.get(mock.endpoint, headers={"Accept-Encoding": "gzip"})
    plain = http.get(mock.endpoint, headers={"Accept-Encoding": "identity"})
    refused = http.get(mock.endpoint, headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refused.headers
    assert packed.content == plain.content == refused.content
    assert int(packed.headers["Content-Length"]) < len(gzip.compress(plain.content)) * 2


def test_small_bodies_are_not_compressed(mock: MockServer, http: requests.Session) -> None:
    assert "Content-Encoding" not in http.get(f"{mock.url}/nothing").headers


def test_head_has_the_headers_alone(mock: MockServer, http: requests.Session) -> None:
    head, page = http.head(mock.endpoint), http.get(mock.endpoint)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == page.headers["Content-Length"]


def test_the_connection_is_kept(mock: MockServer, http: requests.Session) -> None:
    with http.get(mock.endpoint, stream=True) as first:
        port = first.raw.connection.sock.getsockname()[1]
        assert first.json()
    with http.get(mock.endpoint, stream=True) as second:
        assert second.raw.connection.sock.getsockname()[1] == port


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused(mock: MockServer, http: requests.Session, method: str) -> None:
    response = http.request(method, mock.endpoint)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert "error" in response.json()


@pytest.mark.parametrize("path", ["/nothing", "/recipients/", "/faults/NONE/recipients", "/faults"])
def test_what_is_not_there_is_json_404(mock: MockServer, http: requests.Session, path: str) -> None:
    response = http.get(mock.url + path)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/json"
    assert "error" in response.json()


@pytest.mark.parametrize(
    "token", ["letters", "0", "-1", "%00", "ü", "W10.abc", ".", "a.b.c", "null", "x" * 3000]
)
def test_a_token_never_issued_is_400(mock: MockServer, http: requests.Session, token: str) -> None:
    response = http.get(mock.endpoint, params={"next": token})
    assert response.status_code == 400
    assert list(response.json()) == ["error"]


def test_a_tampered_token_is_400(mock: MockServer, http: requests.Session) -> None:
    token = http.get(mock.endpoint).json()["next"]
    for place, character in itertools.product(range(0, len(token), 5), "Az"):
        tampered = token[:place] + character + token[place + 1 :]
        status = http.get(mock.endpoint, params={"next": tampered}).status_code
        assert status == (200 if tampered == token else 400)


def test_another_spelling_of_a_token_is_400(mock: MockServer, http: requests.Session) -> None:
    token = http.get(mock.endpoint).json()["next"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    statuses = [
        http.get(mock.endpoint, params={"next": token[:-1] + last}).status_code for last in alphabet
    ]
    assert sorted(set(statuses)) == [200, 400]
    assert statuses.count(200) == 1


def test_a_token_of_another_endpoint_is_400(mock: MockServer, http: requests.Session) -> None:
    token = http.get(mock.fault_endpoint("PAGE008")).json()["next"]
    assert http.get(mock.endpoint, params={"next": token}).status_code == 400


def test_tokens_are_safe_in_a_url(mock: MockServer, http: requests.Session) -> None:
    token = http.get(mock.endpoint).json()["next"]
    assert http.get(f"{mock.endpoint}?next={token}").json()["list"]
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_tokens_outlive_a_restart_with_the_same_secret(http: requests.Session) -> None:
    config = MockConfig(rows=GeneratedRows(3), page_size=2, token_secret="kept")
    with MockServer(config) as before:
        token = http.get(before.endpoint).json()["next"]
    with MockServer(config) as after:
        assert len(http.get(after.endpoint, params={"next": token}).json()["list"]) == 1


def test_a_required_header(http: requests.Session) -> None:
    with MockServer(MockConfig(required_headers={"Authorization": "Bearer s3cret"})) as server:
        refused = [
            http.get(server.endpoint),
            http.get(server.endpoint, headers={"Authorization": "Bearer other"}),
            http.get(server.endpoint, headers={"Authorization": "bearer s3cret"}),
        ]
        assert http.get(server.endpoint, headers={"authorization": "Bearer s3cret"}).ok
    assert [response.status_code for response in refused] == [401] * 3
    assert all(r.headers["WWW-Authenticate"].startswith("Bearer ") for r in refused)
    assert all("s3cret" not in response.text + str(response.headers) for response in refused)


def test_another_token_parameter(http: requests.Session) -> None:
    config = MockConfig(rows=GeneratedRows(5), page_size=2, token_param="cursor")
    with MockServer(config) as server:
        assert len(walk(http, server.endpoint, "cursor")) == 3
        first = http.get(server.endpoint)
        assert http.get(server.endpoint, params={"next": "ignored"}).json() == first.json()


@pytest.mark.parametrize(
    "settings_given",
    [
        {"page_size": 0},
        {"page_size": ROW_LIMIT + 1},
        {"token_param": " "},
        {"latency_seconds": -1},
        {"latency_seconds": float("nan")},
    ],
)
def test_settings_are_checked_at_the_door(settings_given: dict[str, Any]) -> None:
    with pytest.raises(MockError):
        MockConfig(**settings_given)


def test_the_largest_page_is_allowed(http: requests.Session) -> None:
    with MockServer(MockConfig(rows=GeneratedRows(500), page_size=ROW_LIMIT)) as server:
        assert [len(page["list"]) for page in walk(http, server.endpoint)] == [ROW_LIMIT, 1]


@settings(max_examples=25)
@given(rows=ROWS, page_size=st.integers(1, 45))
def test_walking_the_tokens_gives_back_exactly_the_rows(
    rows: list[dict[str, str]], page_size: int
) -> None:
    with (
        MockServer(MockConfig(rows=ListedRows(rows), page_size=page_size)) as server,
        requests.Session() as http,
    ):
        http.trust_env = False
        pages = walk(http, server.endpoint)
    assert [row for page in pages for row in page["list"]] == rows
    assert all(len(page["list"]) == page_size for page in pages[:-1])
