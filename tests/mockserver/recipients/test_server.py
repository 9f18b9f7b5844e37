"""Starting and ending the mock, plainly and over TLS."""

import logging
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from mockserver import MockConfig, MockError, MockServer, create_app
from mockserver.recipients.data import GeneratedRows


def test_nothing_is_left_after_it(http: requests.Session) -> None:
    before = set(threading.enumerate())
    with MockServer(MockConfig(rows=GeneratedRows(3))) as server:
        assert http.get(server.endpoint).ok
        assert requests.get(server.secure_endpoint, verify=server.ca_bundle, timeout=60).ok
        folder = Path(server.ca_bundle).parent
        port = urlsplit(server.url).port
        assert port is not None
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) - before == set()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_an_error_inside_the_context_passes_through() -> None:
    with pytest.raises(KeyError), MockServer():
        raise KeyError


def test_two_mocks_share_nothing(http: requests.Session) -> None:
    with MockServer() as one, MockServer() as other:
        token = http.get(one.endpoint).json()["next"]
        assert http.get(other.endpoint, params={"next": token}).status_code == 400


def test_a_taken_port() -> None:
    with MockServer() as one, pytest.raises(MockError, match="cannot listen on"):
        MockServer(port=urlsplit(one.url).port or 0).__enter__()


def test_ipv6(http: requests.Session) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        server = MockServer(host="::1").__enter__()
    except MockError:
        pytest.skip("this machine has no IPv6 address")
    with server:
        assert server.url.startswith("http://[::1]:")
        assert http.get(server.endpoint).ok


def test_many_at_once(mock: MockServer) -> None:
    def ask(_number: int) -> int:
        return len(requests.get(mock.endpoint, timeout=60).json()["list"])

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(ask, range(60))) == {100}


def test_good_tls(mock: MockServer, http: requests.Session) -> None:
    response = http.get(mock.secure_endpoint, verify=mock.ca_bundle)
    page = http.get(
        mock.secure_endpoint, params={"next": response.json()["next"]}, verify=mock.ca_bundle
    )
    assert len(page.json()["list"]) == 100
    with pytest.raises(requests.exceptions.SSLError):
        http.get(mock.secure_endpoint)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NET003", "self-signed certificate"),
        ("NET003-expired", "certificate has expired"),
        ("NET003-handshake", "handshake failure|HANDSHAKE_FAILURE"),
        ("NET003-unknown-authority", "unable to get local issuer"),
        ("NET003-wrong-host", "not valid for '127.0.0.1'"),
    ],
)
def test_bad_tls(mock: MockServer, name: str, reason: str) -> None:
    url = urlsplit(mock.fault_endpoint(name))
    assert url.scheme == "https"
    context = ssl.create_default_context()
    authority = Path(mock.authority_of(name))
    if authority.exists() and name != "NET003-unknown-authority":
        context.load_verify_locations(authority)
    with (
        socket.create_connection(("127.0.0.1", url.port or 0), timeout=60) as plain,
        pytest.raises(ssl.SSLError, match=reason),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_a_careless_client_is_told(mock: MockServer, http: requests.Session) -> None:
    response = http.get(f"{mock.url}/faults/NET003/recipients")
    assert response.status_code == 421


def test_a_crash_is_json_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(GeneratedRows):
        def read(self, *_: object) -> None:  # type: ignore[override]
            raise RuntimeError("the disk is on fire")

    client = create_app(MockConfig(rows=Broken(1))).test_client()
    with caplog.at_level(logging.ERROR):
        response = client.get("/recipients")
    assert (response.status_code, response.mimetype) == (500, "application/json")
    assert "fire" not in response.text
    assert "the disk is on fire" in caplog.text
