"""What an HTTP service answered, and how requests to it are sent: data, without I/O."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from broadcaster.channels.remote_words import said_in
from checker.api import retry_after_seconds as seconds_asked_for

__all__ = ["Reply", "Transport", "retry_after_seconds"]

_LONGEST_WAIT_SECONDS = 86_400.0


class Reply(NamedTuple):
    """An answer whose head arrived whole. `body` is empty where it was too long or broke off, since
    a part of it could hold a part of a secret that nobody would recognize; `beginning` is what
    arrived of it, to decide by and never to be shown. `complete` is False for one that broke off.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    beginning: bytes = b""
    complete: bool = True

    @property
    def content_type(self) -> str:
        """In lower case, with its parameters; empty without one."""
        return self.headers.get("Content-Type", "").lower()

    @property
    def said(self) -> str:
        """Its words as they are: to decide by, and never to be shown."""
        return said_in(self.body, self.content_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How requests travel.

    `timeout_seconds` bounds a whole request. `idle_seconds` is how long an unused connection is
    kept: where a repeat is not safe, shorter than servers keep theirs, since a request into one
    that is just being closed has an unknown fate.
    """

    concurrency: int
    timeout_seconds: float = 30.0
    idle_seconds: float = 15.0
    ca_bundle: str | None = None


def retry_after_seconds(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """How long the service asks to wait (RFC 9110, 10.2.3), None where it does not ask. Never more
    than a day, since a service that asks for more has probably made a mistake.
    """
    asked = seconds_asked_for(headers.get("Retry-After", ""), time.time() if now is None else now)
    return None if asked is None else min(asked, _LONGEST_WAIT_SECONDS)
