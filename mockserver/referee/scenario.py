"""What a scenario is: an endpoint, and what a right client does with it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from importlib import resources

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import Row
from mockserver.recipients.request_log import SeenRequest
from mockserver.referee.clients import ClientRun

__all__ = ["Evidence", "Judge", "Scenario", "Severity", "all_read", "given_up", "never_half_read"]


class Severity(Enum):
    """How bad it is when a client is wrong here."""

    ERROR = "error"
    """Rows are lost, doubled or changed, a secret is sent to others, or the client never ends."""
    WARNING = "warning"
    """It works today, and costs the server or the operator more than it must."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the mock saw, and what the client says that it read."""

    run: ClientRun
    requests: Sequence[SeenRequest]
    elsewhere: Sequence[SeenRequest]
    """Requests to the other origin."""
    rows: Sequence[Row]
    """What there was to read."""
    headers: Mapping[str, str]


Judge = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One endpoint that a client must be able to read, or must refuse to."""

    id: str
    name: str
    summary: str
    """What the endpoint does, in one line."""
    config: Callable[[str], MockConfig] = field(repr=False)
    """Given the other origin's URL, what the mock serves."""
    judge: Judge = field(repr=False)
    """Yields a sentence for each thing that the client did wrong."""
    severity: Severity = Severity.ERROR
    rows: tuple[Row, ...] = ()
    query: str = ""
    """The endpoint's own query string, with its question mark."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the client must send."""
    killed_at_request: int = 0
    """Kill the client at this request and start it again; only for clients that can go on."""

    @property
    def help(self) -> str:
        """The page of help, in Markdown."""
        page = resources.files(__package__).joinpath("help", f"{self.id}.md")
        return page.read_text("utf-8")


def all_read(evidence: Evidence) -> Iterator[str]:
    """The client must report success, with each row once and unchanged."""
    if evidence.run.failure:
        yield f"It failed, though everything can be read: {evidence.run.failure}"
        return
    wanted, read = _counted(evidence.rows), _counted(evidence.run.rows)
    lost, other = wanted - read, read - wanted
    doubled = sum(count for row, count in other.items() if row in wanted)
    changed = sum(count for row, count in other.items() if row not in wanted)
    if lost:
        yield f"It did not read {_rows(lost.total())} of {len(evidence.rows)}."
    if doubled:
        yield f"It read {_rows(doubled)} more often than the endpoint gave them."
    if changed:
        yield f"It read {_rows(changed)} that the endpoint never gave, or changed them."


def never_half_read(evidence: Evidence) -> Iterator[str]:
    """The client may report a failure; with success, each row must be there once and unchanged."""
    if not evidence.run.failure:
        yield from all_read(evidence)


def given_up(
    *, at_most: int, success: str = "It reported success, though it could not read all data."
) -> Judge:
    """The client must report a failure, after at most this many requests.

    `success` says what is wrong with a client that reports success.
    """

    def judge(evidence: Evidence) -> Iterator[str]:
        if not evidence.run.failure:
            yield success
        if len(evidence.requests) > at_most:
            yield f"It sent {len(evidence.requests)} requests; {at_most} are enough to notice."

    return judge


def _counted(rows: Sequence[Row]) -> Counter[tuple[str, str]]:
    return Counter((row["uid"], row["msg"]) for row in rows)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
