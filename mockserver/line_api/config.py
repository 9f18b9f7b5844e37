"""The stand-in's settings, checked when they are made. No I/O."""

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mockserver.errors import BadOption
from mockserver.line_api.faults import Faults, checked

__all__ = ["DEFAULT_TOKEN", "Ids", "Limits", "LineConfig"]

DEFAULT_TOKEN = "line-stand-in"  # noqa: S105 - made up, and in the documentation
RETRY_KEY_SECONDS = 86_400
"""LINE: a retry key holds for 24 hours from the first request with it."""
_SECRET_PREFIX = "whsec_"  # noqa: S105 - that of Standard Webhooks


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When the stand-in answers 429; the rates are LINE's for one channel."""

    rate: float = 2000.0
    """Push requests a second; 0 is no limit. A second's worth may come at once."""
    multicast_rate: float = 200.0
    concurrency: int = 0
    """Requests at the same time; 0 is no limit. LINE documents that there is one, and no number."""
    monthly: int | None = None
    """Messages a month; None is no limit."""
    retry_after_seconds: int | None = None
    """Sent as Retry-After with a rate-limit 429; LINE documents none."""

    def __post_init__(self) -> None:
        """Refuse what is out of range, with a BadOption."""
        for name in ("rate", "multicast_rate", "concurrency", "monthly", "retry_after_seconds"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise BadOption(f"{name} must be 0 or more, not {value}")

    def changed(self, values: Mapping[str, Any]) -> "Limits":
        """Return these limits but for what a JSON object names; BadOption when it is odd."""
        return replace(self, **checked(Limits, values))


class Ids:
    """A set of ids, some given by a prefix: `U0123*`."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._exact = frozenset(each for each in patterns if not each.endswith("*"))
        self._prefixes = tuple(each[:-1] for each in patterns if each.endswith("*"))

    def __contains__(self, uid: str) -> bool:
        return uid in self._exact or (bool(self._prefixes) and uid.startswith(self._prefixes))


@dataclass(frozen=True, kw_only=True)
class LineConfig:
    """What the stand-in asks for, knows, keeps, and does wrong."""

    token: str = field(default=DEFAULT_TOKEN, repr=False)
    """The channel access token; without it, 401."""
    unknown: tuple[str, ...] = ()
    """Ids that no user has: a push to one is 400. `*` at the end makes it a prefix."""
    blocked: tuple[str, ...] = ()
    """Ids of users who blocked the account: 200, and nothing is delivered."""
    any_ids: bool = False
    """Take any text as an id, not only LINE's `U` and 32 hexadecimal digits."""
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    webhook_secret: str = field(default="", repr=False)
    """`whsec_…` of Standard Webhooks; when given, a wrong signature is 401."""
    honour_idempotency_key: bool = True
    """Whether the webhook takes a repeated Idempotency-Key for the same delivery."""
    keep_texts: bool = True
    """Without texts only counts and hashes are kept, for a million messages in memory."""
    state: Path | None = None
    """A file that keeps retry keys and effects over a restart."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970; the control API can put it forward."""

    def __post_init__(self) -> None:
        """Refuse what is malformed, with a BadOption."""
        if not self.token or not self.token.isascii() or not self.token.isprintable():
            raise BadOption("the token must be visible ASCII characters")
        if self.webhook_secret:
            _ = self.signing_key
        for pattern in (*self.unknown, *self.blocked):
            if not pattern.strip():
                raise BadOption("an id must not be empty")

    @property
    def signing_key(self) -> bytes:
        """The webhook secret's bytes; none without a secret."""
        text = self.webhook_secret.removeprefix(_SECRET_PREFIX)
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise BadOption("the webhook secret must be 'whsec_' and base64") from None
