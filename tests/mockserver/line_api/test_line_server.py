"""Starting and ending the stand-in as a library."""

import asyncio
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from line_client import ANA, LineClient, a_key

from mockserver import MockError
from mockserver.line_api import Faults, Limits, LineConfig, LineServer


def test_nothing_is_left_after_it() -> None:
    before = set(threading.enumerate())
    with LineServer() as server:
        client = LineClient(server)
        with client.session:
            assert client.push().status_code == 200
        port = urlsplit(server.url).port
        assert port is not None
    assert set(threading.enumerate()) - before == set()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_an_error_inside_the_context_passes_through() -> None:
    with pytest.raises(KeyError), LineServer():
        raise KeyError


def test_two_stand_ins_share_nothing() -> None:
    with LineServer() as one, LineServer() as other:
        client = LineClient(one)
        with client.session:
            client.push(key=a_key())
        assert (one.counts(), other.counts()) == ({ANA: 1}, {})


def test_it_starts_where_a_loop_runs_already() -> None:
    async def within() -> str:
        with LineServer() as server:
            return server.webhook_url

    assert asyncio.run(within()).endswith("/webhook")


def test_a_taken_port() -> None:
    with LineServer() as one, pytest.raises(MockError, match="cannot listen on"):
        LineServer(port=urlsplit(one.url).port or 0).__enter__()


def test_a_refused_state_file_leaves_no_open_port(tmp_path: Path) -> None:
    with LineServer() as one:
        port = urlsplit(one.url).port or 0
    before = set(threading.enumerate())
    (tmp_path / "state").write_text("theirs")
    with pytest.raises(MockError):
        LineServer(LineConfig(state=tmp_path / "state"), port=port).__enter__()
    with LineServer(port=port):
        pass
    assert set(threading.enumerate()) == before


def test_what_the_control_api_sets_can_be_set_from_python() -> None:
    with LineServer() as server:
        client = LineClient(server)
        with client.session:
            server.set_faults(Faults(error_before=1.0))
            assert client.push(key=a_key()).status_code == 500
            server.set_faults(Faults())
            assert client.push(key=a_key()).status_code == 200
            server.advance_clock(86_400)
            assert client.push(key=a_key()).status_code == 200
            server.set_limits(Limits(monthly=2))
            assert client.push().status_code == 429
            server.reset()
            assert server.summary()["requests"] == 0
            assert client.push().status_code == 200


def test_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        server = LineServer(host="::1").__enter__()
    except MockError:
        pytest.skip("this machine has no IPv6 address")
    with server:
        assert server.url.startswith("http://[::1]:")
        client = LineClient(server)
        with client.session:
            assert client.push().status_code == 200
