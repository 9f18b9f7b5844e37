"""What the mock saw: every request, as its bytes said it, for tests of a client."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

__all__ = ["Application", "RequestLog", "SeenRequest"]

_CAPACITY = 10_000
_BODY_BYTES = 65_536
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True, kw_only=True)
class SeenRequest:
    """One request."""

    at: float
    """Seconds of `time.monotonic` when its headers had arrived."""
    method: str
    path: str
    query_string: str
    """As it came, not decoded."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    """At most its first 64 KiB."""

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters, percent-decoded once."""
        return parse_qs(self.query_string, keep_blank_values=True)


class RequestLog:
    """Notes each request of an application; keeps the newest 10,000."""

    def __init__(self) -> None:
        self._seen: deque[SeenRequest] = deque(maxlen=_CAPACITY)
        self._lock = threading.Lock()

    def logging(self, application: Application) -> Application:
        """Return the application with each request noted before it is answered."""

        def logged(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            self._note(environ)
            return application(environ, start_response)

        return logged

    def _note(self, environ: dict[str, Any]) -> None:
        headers = {
            name[5:].replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        length = environ.get("CONTENT_LENGTH") or "0"
        seen = SeenRequest(
            at=time.monotonic(),
            method=str(environ["REQUEST_METHOD"]),
            path=str(environ.get("PATH_INFO", "")),
            query_string=str(environ.get("QUERY_STRING", "")),
            headers=headers,
            body=environ["wsgi.input"].read(_BODY_BYTES) if length != "0" else b"",
        )
        with self._lock:
            self._seen.append(seen)

    def seen(self) -> list[SeenRequest]:
        """Every request so far, in the order in which they came."""
        with self._lock:
            return list(self._seen)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._seen.clear()
