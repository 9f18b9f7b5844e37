"""From a host name to the addresses that may be connected to.

The one seam at which tests, and a hosted checker, decide where a connection goes.
"""

import ipaddress
import queue
import socket
import threading

from checker.core.protocols import Address

__all__ = ["NotPublicError", "PublicResolver", "Resolver", "is_public"]

# The registries of special-purpose addresses (IANA, RFC 6890), and the address at which Azure
# serves a machine's secrets. `ipaddress.is_global` is wrong for a dozen of these.
_SPECIAL_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_UNICAST_IPV6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


class NotPublicError(OSError):
    """The name leads to an address that is not one of the public internet, or to this machine."""


class Resolver:
    """Resolves by the system; subclass it to answer otherwise."""

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        """All addresses of the host, in the system's order.

        Raises OSError when the name does not resolve, TimeoutError when the system takes too long
        (getaddrinfo obeys no timeout of its own, hence the thread).
        """
        if _is_literal(host):
            return _look_up(host, port)
        answers: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

        def work() -> None:
            try:
                answers.put(_look_up(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error if isinstance(error, OSError) else OSError(str(error)))

        threading.Thread(target=work, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=max(timeout_seconds, 0.0))
        except queue.Empty:
            raise TimeoutError("looking up the host name") from None
        if isinstance(answer, OSError):
            raise answer
        return answer

    def is_this_machine(self, peer: str, own: str) -> bool:
        """Whether a connection from `own` to `peer` stays on this machine.

        A connection to one of the machine's own addresses has that address at both ends.
        """
        address = ipaddress.ip_address(peer.partition("%")[0])
        return address.is_loopback or peer == own

    def refuse_peer(self, peer: str, own: str) -> None:
        """Called with both ends of each new connection; raises NotPublicError to give it up."""


class PublicResolver(Resolver):
    """For a checker that strangers use: it connects to addresses of the public internet alone.

    Each connection resolves once and goes to the very address that was judged, so a name that
    changes its answer in between gains nothing. One bad answer among good ones denies them all.
    """

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        """As Resolver's. Raises NotPublicError, too."""
        found = super().resolve(host, port, timeout_seconds)
        if not all(is_public(str(address.sockaddr[0])) for address in found):
            raise NotPublicError
        return found

    def refuse_peer(self, peer: str, own: str) -> None:
        """Once more, by what the system says it connected to."""
        if not is_public(peer) or self.is_this_machine(peer, own):
            raise NotPublicError


def is_public(text: str) -> bool:
    """Whether an address is a public unicast one; a mapped IPv4 address counts as what it maps."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            unicast = address in _UNICAST_IPV6
            return unicast and not any(address in network for network in _SPECIAL_IPV6)
        address = address.ipv4_mapped
    return not any(address in network for network in _SPECIAL_IPV4)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, port: int) -> list[Address]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in answers]
