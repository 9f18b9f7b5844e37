"""An app of this process in the network's place: WSGI (PEP 3333) or ASGI 3, without a socket."""

import functools
import inspect
from typing import Any

from checker.core.errors import UsageError
from checker.core.protocols import HttpSender
from checker.transport.inprocess.asgi import AsgiSender
from checker.transport.inprocess.wsgi import WsgiSender

__all__ = ["HOST", "sender_for"]

HOST = "http://localhost"
"""Whom the app is asked as, unless a whole URL is given."""

_WSGI_ARGUMENTS, _ASGI_ARGUMENTS = 2, 3


def sender_for(app: Any, *, timeout_seconds: float, body_limit_bytes: int) -> HttpSender:
    """Gives what asks the app. Raises UsageError for what is neither WSGI nor ASGI 3."""
    if not callable(app):
        raise UsageError("app is not a WSGI or ASGI application: it is not callable.")
    if _is_asgi(app):
        return AsgiSender(app, timeout_seconds=timeout_seconds, body_limit_bytes=body_limit_bytes)
    if _takes(app, _WSGI_ARGUMENTS):
        return WsgiSender(app, timeout_seconds=timeout_seconds, body_limit_bytes=body_limit_bytes)
    raise UsageError(
        "app is not a WSGI or ASGI application: it takes neither (environ, start_response) "
        "nor (scope, receive, send). Give the application itself, not what makes it."
    )


def _is_asgi(app: Any) -> bool:
    while isinstance(app, functools.partial):
        app = app.func
    call = getattr(app, "__call__", None)  # noqa: B004  its kind matters, not whether it is there
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        return _takes(app, _ASGI_ARGUMENTS)
    return _takes(app, _ASGI_ARGUMENTS) and not _takes(app, _WSGI_ARGUMENTS)


def _takes(app: Any, count: int) -> bool:
    """Whether it can be called with so many positional arguments."""
    try:
        inspect.signature(app).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # no signature, as of some C functions
        return True
    return True
