"""What takes the place of the network, or of the host names: the interfaces, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from checker.core.model import Exchange, Headers, Purpose, Reply
from checker.core.needs import Need

__all__ = ["Address", "HostResolver", "HttpSender", "PageSource"]


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach a host: what `socket.socket` and `connect` take."""

    family: int
    sockaddr: tuple[Any, ...]


class HostResolver(Protocol):
    """From a host name to addresses, and which connections may be kept (transport/resolver)."""

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        """All addresses of the host. Raises OSError, or TimeoutError."""
        ...

    def is_this_machine(self, peer: str, own: str) -> bool:
        """Whether a connection from `own` to `peer` stays on this machine."""
        ...

    def refuse_peer(self, peer: str, own: str) -> None:
        """Raises OSError to give up a new connection."""
        ...


class HttpSender(Protocol):
    """Whatever takes a request and gives a reply: a network, or an app in this process."""

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One request with a deadline; never raises for what the other side did."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class PageSource(Protocol):
    """Whatever answers the requests of a check: the network, or a recording of it."""

    requests: int
    bytes: int

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """A page by its token."""
        ...

    def try_method(self, method: str) -> Exchange:
        """The endpoint asked with another method."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...

    def lacks(self) -> Mapping[Need, str]:
        """The needs of rules that its answers cannot meet, each with the reason."""
        ...
