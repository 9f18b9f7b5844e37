"""Connecting only where it is allowed: what a hosted checker may reach, at each connection."""

import socket
from typing import Any

import pytest
from answering import Answer, Asked, Server

from checker import Report, check
from checker.core.protocols import Address
from checker.transport.resolver import NotPublicError, PublicResolver, Resolver, is_public

# IANA's registries of special-purpose addresses, one of each block, and odd ones beside them.
SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.1.2.3",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.9",
    "192.0.0.10",
    "192.0.0.170",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.254",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:1::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:30::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "4000::1",
    "1::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.0.1",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.254",
    "2606:4700::1111",
    "2a00:1450::1",
    "2400:cb00::1",
    "::ffff:8.8.8.8",
]
ODD_SPELLINGS = ["2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "0", "localhost"]


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "example.com", "1.2.3", "01.1.1.1", "1.1.1.1 ", "::g"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("host", [*ODD_SPELLINGS, *(a for a in SPECIAL if "%" not in a)])
def test_a_host_that_leads_to_a_special_address_is_denied(host: str) -> None:
    with pytest.raises((NotPublicError, OSError)):
        PublicResolver().resolve(host, 80, 10.0)


@pytest.mark.parametrize("host", ODD_SPELLINGS)
def test_no_odd_spelling_of_this_machine_is_asked(host: str) -> None:
    server = Server()
    try:
        url = server.url.replace("127.0.0.1", host)
        report = check(url, resolver=PublicResolver(), retries=0, timeout=10)
        assert server.asked == []
        assert is_denied(report)
    finally:
        server.close()


def is_denied(report: Report) -> bool:
    text = " ".join(finding.message for finding in report.findings)
    return "resolves to a non-public address" in text and "127.0" not in text


def answers(*addresses: str) -> list[Any]:
    return [
        (
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_STREAM,
            6,
            "",
            (address, 80, 0, 0) if ":" in address else (address, 80),
        )
        for address in addresses
    ]


@pytest.mark.parametrize(
    "found",
    [["8.8.8.8", "127.0.0.1"], ["2606:4700::1111", "::1"], ["10.0.0.1", "1.1.1.1"], ["fd00::1"]],
)
def test_one_bad_answer_denies_a_name(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers(*found))
    with pytest.raises(NotPublicError):
        PublicResolver().resolve("mixed.test", 80, 10.0)


def test_a_name_of_public_addresses_alone_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers("8.8.8.8", "1.1.1.1"))
    found = PublicResolver().resolve("good.test", 80, 10.0)
    assert [address.sockaddr[0] for address in found] == ["8.8.8.8", "1.1.1.1"]


def test_a_name_that_changes_its_answer_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when it is judged, this machine when it is connected to."""
    asked: list[str] = []
    tried: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return answers("8.8.8.8") if len(asked) % 2 else answers("127.0.0.1")

    def connect(_sock: socket.socket, address: Any) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    for _ in range(4):
        check("http://rebound.test/", resolver=PublicResolver(), retries=0, timeout=5)
    assert set(tried) == {"8.8.8.8"}
    assert len(tried) < len(asked)  # the other look-ups were denied


class Misled(PublicResolver):
    """As if the system had connected elsewhere than to the address that was judged."""

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        return Resolver.resolve(self, host, port, timeout_seconds)


def test_the_peer_is_looked_at_once_more() -> None:
    server = Server()
    try:
        report = check(server.url, resolver=Misled(), retries=0)
        assert server.asked == []
        assert is_denied(report)
    finally:
        server.close()


def test_this_machine_s_own_public_address_is_denied() -> None:
    with pytest.raises(NotPublicError):
        PublicResolver().refuse_peer("8.8.8.8", "8.8.8.8")
    PublicResolver().refuse_peer("8.8.8.8", "1.1.1.1")


class ThenStrict(PublicResolver):
    """Lets the first connection through, as to a server that is public, and judges the next."""

    def __init__(self) -> None:
        self.calls = 0

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        self.calls += 1
        if self.calls == 1:
            return Resolver.resolve(self, host, port, timeout_seconds)
        return super().resolve(host, port, timeout_seconds)

    def refuse_peer(self, peer: str, own: str) -> None:
        if self.calls > 1:
            super().refuse_peer(peer, own)


def test_each_hop_is_decided_anew() -> None:
    server = Server()

    def answer(asked: Asked) -> Answer:
        headers = {"Location": "/elsewhere", "Connection": "close"}
        return Answer(b"", 302, headers)

    server.answer = answer
    try:
        report = check(server.url, resolver=ThenStrict(), retries=0, probes=False)
        assert [asked.path for asked in server.asked] == ["/recipients"]
        assert "resolves to a non-public address" in report.findings[0].message
    finally:
        server.close()
