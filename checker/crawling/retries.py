"""When a request is sent again, and how long the crawl waits before it (contract, section 3). Pure
but for the clock.
"""

import random
import time

from checker.core.model import Reply
from checker.core.retry_after import http_date_seconds, retry_after_seconds

__all__ = ["LONGEST_PAUSE_SECONDS", "Pace", "pause_before_retry", "why_retry"]

LONGEST_PAUSE_SECONDS = 30.0

_CLOUDFLARE = frozenset({520, 521, 522, 523, 524, 530})
_STATUSES = frozenset({408, 429, 502, 503, 504}) | _CLOUDFLARE
_FAILURES = frozenset({"NET001", "NET002", "NET004", "NET005"})
_FIRST_PAUSE_SECONDS = 0.5


def why_retry(reply: Reply) -> str | None:
    """Why the request is worth another attempt, or None when it is not."""
    if reply.failure is not None:
        return reply.failure.detail if reply.failure.rule in _FAILURES else None
    return f"the server answered {reply.status}" if reply.status in _STATUSES else None


def pause_before_retry(reply: Reply, attempt: int) -> float:
    """Seconds to wait: what Retry-After asks for, else exponential backoff with jitter. Never more
    than LONGEST_PAUSE_SECONDS.
    """
    asked = _retry_after(reply)
    if asked is None:
        asked = _FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)
    return min(max(asked, 0.0), LONGEST_PAUSE_SECONDS)


def _retry_after(reply: Reply) -> float | None:
    """The seconds in Retry-After; None without one that can be read."""
    # by the server's own clock where it sends a Date, since ours may differ
    now = http_date_seconds(_header(reply, "date"))
    return retry_after_seconds(_header(reply, "retry-after"), time.time() if now is None else now)


def _header(reply: Reply, name: str) -> str:
    return next((value for key, value in reply.headers if key.lower() == name), "")


class Pace:
    """The pause between two requests: what the user asks for, and more after each 429.

    After a request that was answered 429 the pause doubles. It shrinks with each request that was
    not, so that one refusal does not slow down the rest of a long crawl.
    """

    _FIRST_SECONDS = 0.5
    _LONGEST_SECONDS = 8.0
    _RECOVERY = 0.9

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._slower_seconds = 0.0

    @property
    def pause_seconds(self) -> float:
        """How long to wait before the next request."""
        return max(self._delay_seconds, self._slower_seconds)

    def refused(self) -> None:
        """A request was answered 429, whatever came of its retries."""
        doubled = max(self._FIRST_SECONDS, 2 * self._slower_seconds)
        self._slower_seconds = min(doubled, self._LONGEST_SECONDS)

    def granted(self) -> None:
        """A request was not answered 429."""
        slower = self._slower_seconds * self._RECOVERY
        self._slower_seconds = slower if slower > self._FIRST_SECONDS / 10 else 0.0
