"""How many requests one client may make, and how many checks one target gets, on a public checker.

Any other window limits wrong passwords only; see login.py.
"""

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from broadcaster.web.access.clients import client_of
from broadcaster.web.config import WindowConfig
from broadcaster.web.pages.check_form import host_of

__all__ = ["init_limits"]

CHECKS_OF_A_CLIENT = "5/minute; 30/hour"
CHECKS_OF_A_TARGET = "10/minute; 60/hour"
PAGES_OF_A_CLIENT = "300/minute"


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
    limiter.exempt(views["health.healthz"])  # costs nothing, and whoever fails it is restarted
    limiter.init_app(app)


def _client() -> str:
    return client_of(request.remote_addr)


def _target() -> str:
    """The host that the requests of the check would go to. What is not a URL counts for its client
    only, so that nobody uses up the mistakes of others.
    """
    host = host_of(request.form.get("url", ""))
    return f"target {host}" if host else f"mistake of {_client()}"
