"""From a host name to the addresses that may be connected to.

The one seam at which tests, and a hosted checker, decide where a connection goes.
"""

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass
from typing import Any

__all__ = ["Address", "Resolver"]


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach a host: what `socket.socket` and `connect` take."""

    family: int
    sockaddr: tuple[Any, ...]


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


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, port: int) -> list[Address]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in answers]
