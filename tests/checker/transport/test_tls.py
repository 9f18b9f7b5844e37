"""https: the usual authorities, the user's own, and the words for what is wrong."""

import gc
import socket
import threading
import time
import warnings
from collections.abc import Iterator

import pytest

from checker import Report, UsageError, check
from checker.transport.resolver import Resolver
from mockserver import MockServer


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


def tls_message(report: Report) -> str:
    assert [finding.rule for finding in report.findings] == ["NET003"]
    return report.findings[0].message


def test_a_private_authority_is_unknown_until_it_is_given(mock: MockServer) -> None:
    assert "certificate" in tls_message(check(mock.secure_endpoint, retries=0))
    report = check(mock.secure_endpoint, ca_bundle=str(mock.ca_bundle))
    assert (report.findings, report.verdict) == ((), "pass")


def test_ssl_cert_file_adds_an_authority(mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mock.ca_bundle))
    assert check(mock.secure_endpoint).verdict == "pass"


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [("NET003-expired", "expired"), ("NET003-wrong-host", "mismatch")],
)
def test_the_reason_is_named(mock: MockServer, scenario: str, reason: str) -> None:
    url = mock.fault_endpoint(scenario)
    message = tls_message(check(url, ca_bundle=str(mock.authority_of(scenario)), retries=0))
    assert reason in message


def test_plain_http_on_a_tls_url_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse_in_plain_http, args=(listener,))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        assert "does not speak TLS" in tls_message(check(url, retries=0))
        thread.join()


def refuse_in_plain_http(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


class SlowToConnect(Resolver):
    """The connection is there when the time is up."""

    def refuse_peer(self, peer: str, own: str) -> None:
        time.sleep(0.3)


def test_a_connection_that_came_too_late_is_closed(mock: MockServer) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        report = check(mock.secure_endpoint, resolver=SlowToConnect(), timeout=0.2, retries=0)
        gc.collect()
    assert [finding.rule for finding in report.findings] == ["NET004"]
    assert [str(warning.message) for warning in heard] == []


def test_what_is_no_bundle_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(UsageError, match="PEM"):
        check("https://127.0.0.1:1/", ca_bundle=__file__)
