"""What a check is asked to do, validated at the door: a Config that exists is a right one."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from checker.core.endpoint import Endpoint
from checker.core.errors import UsageError
from checker.core.model import BODY_LIMIT_BYTES, Headers
from checker.core.protocols import HostResolver, HttpSender
from schemas import CHANNELS

__all__ = ["Config", "parse_header", "parse_headers"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e]*\Z")
_METHOD = re.compile(r"[A-Z]{3,20}\Z")
_FRAMING = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_MAX_LOAD = 64
_MAX_DELAY_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One check. Times in seconds, sizes in bytes; raises UsageError for what makes no sense.

    `delay_seconds` is the pause between two requests, `max_empty_pages` how many empty pages in a
    row are followed. `ignore_reasons` say of words in `ignore` why; `secrets` are masked beside the
    headers' values. A `sender` takes the place of the network, for an app in this process. With
    `stop_at_error` the crawl ends at the first page with an error, for those who load what they
    read.
    """

    endpoint: Endpoint
    headers: Headers = ()
    channel: str | None = None
    probes: bool = True
    probe_methods: tuple[str, ...] = ()
    max_pages: int = 100_000
    max_empty_pages: int = 100
    timeout_seconds: float = 30.0
    retries: int = 2
    delay_seconds: float = 0.0
    ca_bundle: str | None = None
    load: int = 0
    strict: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_reasons: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    show_data: bool = False
    slow_page_seconds: float = 2.0
    body_limit_bytes: int = BODY_LIMIT_BYTES
    resolver: HostResolver | None = None
    sender: HttpSender | None = None
    stop_at_error: bool = False

    def __post_init__(self) -> None:
        for fits, sentence in self._limits():
            if not fits:
                raise UsageError(sentence)
        for method in self.probe_methods:
            if not _METHOD.match(method) or method in ("GET", "HEAD", "CONNECT"):
                raise UsageError(
                    f"--probe-method {method!r} is not allowed. Give another method, such as PUT."
                )

    def _limits(self) -> Iterable[tuple[bool, str]]:
        """What must hold, and what to say when it does not."""
        known = self.channel is None or self.channel in CHANNELS
        yield known, f"Unknown channel {self.channel!r} (--channel). Known: {', '.join(CHANNELS)}."
        yield self.max_pages >= 1, "--max-pages must be 1 or more."
        yield (
            self.max_empty_pages >= 0,
            "--max-empty-pages must be 0 or more.",
        )
        yield (
            math.isfinite(self.timeout_seconds) and self.timeout_seconds > 0,
            "--timeout must be more than 0 seconds.",
        )
        yield (
            0 <= self.retries <= 10,
            "--retries must be from 0 to 10.",
        )
        yield (
            0 <= self.delay_seconds <= _MAX_DELAY_SECONDS,
            f"--delay must be from 0 to {_MAX_DELAY_SECONDS:,} seconds.",
        )
        yield (
            0 <= self.load <= _MAX_LOAD,
            f"--load must be from 0 to {_MAX_LOAD} crawls at once.",
        )
        yield (
            math.isfinite(self.slow_page_seconds) and self.slow_page_seconds > 0,
            "--slow-page must be more than 0 seconds.",
        )
        yield (
            self.body_limit_bytes >= 1,
            "--body-limit must be 1 byte or more.",
        )

    def all_secrets(self) -> list[str]:
        """Every value of this check that must be masked wherever text is shown or stored."""
        parameters = [value for _, value in self.endpoint.secret_parameters()]
        return [*(value for _, value in self.headers), *self.secrets, *parameters]


def parse_header(line: str) -> tuple[str, str]:
    """A header from `Name: value`. Raises UsageError, which never repeats the value."""
    name, colon, value = line.partition(":")
    if not colon:
        raise UsageError("A header has no colon. Give it as -H 'Name: value'.")
    return _valid_header(name.strip(), value.strip())


def parse_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> Headers:
    """Headers validated, each name once. Raises UsageError."""
    if headers is None:
        return ()
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    valid = tuple(_valid_header(name, value) for name, value in pairs)
    names = [name.lower() for name, _ in valid]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"The header {name!r} was given twice. Give it once.")
    return valid


def _valid_header(name: str, value: str) -> tuple[str, str]:
    if not _TOKEN.match(name):
        raise UsageError(f"{name[:40]!r} is not a header name: use letters, digits and hyphens.")
    if name.lower() in _FRAMING:
        raise UsageError(f"The header {name!r} cannot be given: the checker sets it.")
    if not _VALUE.match(value):
        raise UsageError(
            f"The value of the header {name!r} contains a character that is not visible ASCII."
        )
    return name, value.strip()
