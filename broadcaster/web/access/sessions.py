"""Who has logged in: sessions in the memory of the server, which end a day later at the latest."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

__all__ = ["SESSION_SECONDS", "Sessions"]

SESSION_SECONDS = 24 * 3600
_MOST_SESSIONS = 10_000


class Sessions:
    """Safe from any thread. Only hashes of the sessions' secrets are kept."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}

    def begin(self) -> str:
        """A new session; gives its secret, for a cookie."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            now = self._now()
            self._ends = {name: end for name, end in self._ends.items() if end > now}
            while len(self._ends) >= _MOST_SESSIONS:
                self._ends.pop(next(iter(self._ends)))
            self._ends[_hash(secret)] = now + SESSION_SECONDS
        return secret

    def holds(self, secret: str) -> bool:
        """Whether this is the secret of a session that has not ended."""
        with self._lock:
            return self._ends.get(_hash(secret), 0.0) > self._now()

    def end(self, secret: str) -> None:
        """End the session of this secret, if there is one."""
        with self._lock:
            self._ends.pop(_hash(secret), None)

    def holds_any(self, cookies: str) -> bool:
        """Whether a Cookie header has the secret of a session, in a cookie of any name."""
        try:
            parsed = SimpleCookie(cookies)
        except CookieError:
            return False
        return any(self.holds(morsel.value) for morsel in parsed.values())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
