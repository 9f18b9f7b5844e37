"""What a channel is: the interface that every channel implements."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from broadcaster.model import Call

__all__ = ["Answer", "Channel", "Quota", "Verdict"]


class Verdict(StrEnum):
    """What an answer means for the rows of a call.

    `ACCEPTED`: taken. `REFUSED`: never to be taken. `LATER`: surely not taken, may be tried again.
    `PAUSE`: surely not taken, and no other row will be either until a person does something.
    `UNKNOWN`: it may or may not have been accepted. `DOUBTFUL`: the answer says both that it was
    taken and that something failed; it is never repeated automatically, a person decides.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    PAUSE = "pause"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a call ended. `reason` is a short sentence without secrets and without remote text that
    is longer than a line; equal causes have equal reasons, since reports count by them.

    `reference` is the channel's own id of the request. `after_seconds` is how long the channel
    asked to wait. `slow_down` says that it asked for fewer
    calls (429, Retry-After).
    """

    verdict: Verdict
    reason: str = ""
    reference: str = ""
    after_seconds: float | None = None
    slow_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Messages that the channel still takes in its period; None where it has no limit."""

    left: int | None
    limit: int | None


class Channel(Protocol):
    """One way to send. Its methods never raise for what the service does.

    `name` is masked and may be shown and stored. `idempotent` says that a call repeated with the
    same key has no second effect. `rate` is in calls a second (None: no limit), `concurrency`
    in calls at once, `group_limit` in rows a call. `row_format` is the name of the checker's
    channel whose rules the rows must keep, if there is one.
    """

    name: str
    idempotent: bool
    rate: float | None
    concurrency: int
    group_limit: int
    row_format: str | None

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        """The request's bytes. Pure: the same for the same rows, whenever it is asked."""
        ...

    async def open(self) -> None:
        """Get ready to send. Raises WrongCommand when it can't, such as without a token."""
        ...

    async def send(self, call: Call) -> Answer:
        """Send the call once. Never raises for what the service does."""
        ...

    async def quota(self) -> Quota | None:
        """What is left of the channel's quota, or None where it has none or does not tell."""
        ...

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        """What the channel finds wrong with samples, without sending; None if it can't or finds
        nothing.
        """
        ...

    async def close(self) -> None:
        """Close connections and files."""
        ...
