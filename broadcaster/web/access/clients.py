"""Which client a request comes from, as limits count clients."""

import ipaddress

__all__ = ["client_of"]


def client_of(remote_address: str | None) -> str:
    """The client's address; of IPv6 the network, since one client has many addresses in it."""
    try:
        address = ipaddress.ip_address((remote_address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)
