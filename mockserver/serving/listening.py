"""The sockets on which the mock's servers listen, and their URLs."""

import socket

from mockserver.errors import BadOption, PortTaken

__all__ = ["base_url", "listen", "reachable"]

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound


def listen(host: str, port: int, *, backlog: int = 128) -> socket.socket:
    """Return a socket that listens; port 0 takes any free one.

    Raises BadOption for an invalid port, PortTaken when the address cannot be used.
    """
    if not 0 <= port <= 65_535:
        raise BadOption(f"the port must be 0 to 65535, not {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        raise PortTaken(f"cannot listen on {host}, port {port}: {error.strerror}") from None


def reachable(host: str) -> str:
    """Return an address under which this machine reaches what listens on `host`."""
    return _ANY_ADDRESS.get(host, host)


def base_url(scheme: str, host: str, port: int) -> str:
    """Return scheme, host and port as a URL, without a slash at the end."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
