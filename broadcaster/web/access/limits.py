"""How many requests one client may make, and how many checks one target gets, on a public checker.

Any other window limits wrong passwords only.
"""

import ipaddress
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter

from broadcaster.web.config import WindowConfig
from broadcaster.web.pages.check_form import host_of

__all__ = ["init_limits"]

CHECKS_OF_A_CLIENT = "5/minute; 30/hour"
CHECKS_OF_A_TARGET = "10/minute; 60/hour"
PAGES_OF_A_CLIENT = "300/minute"
WRONG_PASSWORDS = "5/minute; 30/hour"


def init_limits(app: Flask, config: WindowConfig) -> None:
    """Put limits around the pages that are registered already."""
    limiter = Limiter(
        _client,
        storage_uri="memory://",
        strategy="moving-window",
        default_limits=[PAGES_OF_A_CLIENT] if config.public_checker else [],
    )
    views: dict[str, Any] = app.view_functions
    if config.public_checker:
        by_target = limiter.limit(CHECKS_OF_A_TARGET, key_func=_target, override_defaults=False)
        by_client = limiter.limit(CHECKS_OF_A_CLIENT, override_defaults=False)
        views["checks.start"] = by_client(by_target(views["checks.start"]))
    if "login.enter" in views:
        wrong = limiter.limit(WRONG_PASSWORDS, deduct_when=_was_refused)
        views["login.enter"] = wrong(views["login.enter"])
    limiter.exempt(views["health.healthz"])  # costs nothing, and whoever fails it is restarted
    limiter.init_app(app)


def _client() -> str:
    """The client's address; of IPv6 the network, since one client has many addresses in it."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def _target() -> str:
    """The host that the requests of the check would go to."""
    return f"target {host_of(request.form.get('url', ''))}"


def _was_refused(response: Response) -> bool:
    return response.status_code == 401
