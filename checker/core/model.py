"""The data that the rooms of the checker hand to each other: frozen, and without I/O.

Sizes are in bytes, times in seconds; header names keep the spelling in which they were sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

__all__ = [
    "ABSENT",
    "BODY_LIMIT_BYTES",
    "CrawlEnd",
    "Exchange",
    "Failure",
    "Headers",
    "LoadTestResult",
    "Location",
    "Next",
    "NextKind",
    "Page",
    "PageKind",
    "ParseDefect",
    "Probe",
    "Purpose",
    "Reply",
    "Violation",
]

Headers = tuple[tuple[str, str], ...]


class Purpose(StrEnum):
    """Why a request was sent."""

    PAGE = "page"
    METHOD = "method"
    REPLAY = "replay"
    BAD_TOKEN = "bad-token"  # noqa: S105  a probe's name
    NO_CREDENTIALS = "no-credentials"
    ALTERED_CREDENTIALS = "altered-credentials"
    COOKIE = "cookie"
    BLANK = "blank"
    LOAD = "load"


class _Absent:
    """The type of `ABSENT`: no such member, which is not the same as null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a request gave no usable response: the rule that it is, and a sentence's end.

    `seen` are the figures or first bytes of what came, where they say more: a sentence's end.
    """

    rule: str
    detail: str
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with what came back, after retries and redirects.

    `status` is None when no response head came. `body` is decoded of its Content-Encoding and empty
    when the exchange failed. `hops` are the URLs that answered with a redirect, `final_url` the one
    that answered at last.
    """

    purpose: Purpose
    method: str
    url: str
    token: str | None = None
    page: int | None = None
    request_headers: Headers = ()
    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    wire_bytes: int = 0
    seconds: float = 0.0
    attempts: int = 1
    retry_reasons: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    final_url: str = ""
    failure: Failure | None = None
    local_peer: bool | None = None
    closes_connection: bool = False

    def header(self, name: str) -> str | None:
        """The header's values joined by commas, or None without one (RFC 9110, section 5.2)."""
        wanted, length = name.lower(), len(name)
        values = [v for key, v in self.headers if len(key) == length and key.lower() == wanted]
        return ", ".join(values) if values else None

    @property
    def succeeded(self) -> bool:
        """Whether a whole response with a 2xx status came."""
        return self.failure is None and self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseDefect:
    """Something wrong with a body as text: the rule, where, and what it looks like."""

    rule: str
    note: str
    pointer: str = ""
    value: object = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A failed assertion of the page schema."""

    rule: str
    pointer: str
    value: object


class NextKind(StrEnum):
    """What a page's `next` tells the crawl to do."""

    TOKEN = "token"  # noqa: S105  a kind, not a password
    EMPTY = "empty"
    MISSING = "missing"
    INVALID = "invalid"
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A page's `next` as it is read: `token` is set only for a token to follow."""

    kind: NextKind
    token: str | None = None


class PageKind(StrEnum):
    """What an exchange turned out to hold."""

    ROWS = "rows"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


@dataclass(slots=True, kw_only=True)
class Page:
    """A page of the crawl, as read.

    `uids` and `msgs` run parallel to `rows`; where a row has no such string they hold None. A
    page is `regular` when every row has both, `bare` when moreover no row has anything else, and
    `trimmed` when no uid has white space around it; only a regular page has `uid_hashes`.
    `uid_text` and `msg_text` hold all its texts, one per line.
    """

    number: int
    exchange: Exchange
    kind: PageKind
    document: Any = ABSENT
    rows: list[Any] = field(default_factory=list)
    row_count: int = 0
    uids: Sequence[str | None] = field(default_factory=list)
    msgs: Sequence[str | None] = field(default_factory=list)
    uid_text: str = ""
    msg_text: str = ""
    next: Next = Next(kind=NextKind.MISSING)
    defects: tuple[ParseDefect, ...] = ()
    violations: dict[str, list[Violation]] = field(default_factory=dict)
    regular: bool = False
    bare: bool = False
    trimmed: bool = False
    uid_hashes: list[int] = field(default_factory=list)
    row_hashes: list[int] = field(default_factory=list)
    row_set: frozenset[int] = frozenset()
    unusual_empty: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether a success came with nothing but white space; a 204 says so on purpose."""
        return (
            self.kind is PageKind.EMPTY and self.exchange.status != 204 and not self.unusual_empty
        )

    @property
    def key(self) -> tuple[int, int]:
        """Equal for pages that hold the same rows, in whatever order."""
        rows = hash(self.row_set) if self.all_differ else sum(self.row_hashes)
        return (self.row_count, rows)

    @property
    def all_differ(self) -> bool:
        """Whether no row stands twice on the page."""
        return len(self.row_set) == len(self.row_hashes)

    def forget_rows(self) -> None:
        """Let go of what only the rules read, since a few pages are kept to be compared."""
        if isinstance(self.document, dict):
            self.document = {**self.document, "list": ABSENT}
        self.rows, self.uids, self.msgs, self.violations = [], [], [], {}
        self.uid_hashes, self.uid_text, self.msg_text = [], "", ""

    def strings(self, *members: str) -> Iterator[tuple[int, str, str]]:
        """Row index, member name and text of each `uid` and `msg` that is a string."""
        for index, pair in enumerate(zip(self.uids, self.msgs, strict=True)):
            for member, text in zip(("uid", "msg"), pair, strict=True):
                if text is not None and member in members:
                    yield index, member, text


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlEnd:
    """Why the crawl stopped. `rule` is None at the end of the data and on an interrupt. So many
    `empty_pages` came in a row before it, the last one included.
    """

    ended_by: str
    rule: str | None = None
    page: Page | None = None
    other_page: int | None = None
    empty_pages: int = 0

    @property
    def complete(self) -> bool:
        """Whether the end of the data was reached."""
        return self.ended_by in ("empty-next", "empty-response")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a rule's fault stands. `note` is the fault's own figure, for the rule's sentence.

    `page` and `token` are the exchange's unless given; `count` is how many places it stands for.
    """

    exchange: Exchange | None = None
    page: int | None = None
    token: str | None = None
    count: int = 1
    pointer: str | None = None
    value: object = ABSENT
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe's answer: as an exchange, as a page, and the page of the crawl it stands beside."""

    purpose: Purpose
    exchange: Exchange
    page: Page | None = None
    reference: Page | None = None
    others: tuple[Page, ...] = field(default=())

    @property
    def same_rows(self) -> bool:
        """Whether the answer shares most rows with the page beside it; an empty one never does."""
        if self.page is None or self.reference is None or not self.reference.row_hashes:
            return False
        shared = set(self.page.row_hashes) & set(self.reference.row_hashes)
        return 2 * len(shared) > len(set(self.reference.row_hashes))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTestResult:
    """The 95th percentiles of the first pages' times, alone and side by side, in seconds."""

    crawls: int
    alone_p95: float
    loaded_p95: float
    slowest: Exchange | None
    requests: int
    bytes: int


BODY_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one attempt brought. `silent_drop` tells a kept-alive connection that had gone, or on
    which a 408 lay that nobody had asked for.
    """

    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    wire_bytes: int = 0
    seconds: float = 0.0
    failure: Failure | None = None
    local_peer: bool | None = None
    closes_connection: bool = False
    silent_drop: bool = False
