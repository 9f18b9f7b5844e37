"""The data that the packages of the broadcaster pass to each other: frozen, and without I/O.

Moments are seconds since 1970 in UTC and their names end in `_at`; durations end in `_seconds`.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "CHUNK_ROWS",
    "END_STATES",
    "FENCE_SECONDS",
    "SENT_BEFORE_DAYS",
    "Broadcast",
    "BroadcastState",
    "Call",
    "Chunk",
    "Delivery",
    "DeliveryState",
    "Settlement",
    "StopCause",
    "Summary",
    "retry_key",
]

CHUNK_ROWS = 500
"""Rows of a chunk, at most: what one sender leases at a time."""

FENCE_SECONDS = 23 * 3600.0
"""After so long a delivery of unknown outcome is not repeated by itself: LINE keeps a retry key for
24 hours from the first request, and would send again after that (Messaging API, "Retry failed
API requests"). One hour is left for clocks that differ.
"""

SENT_BEFORE_DAYS = 7
"""For so long a message that was sent is looked for before the same one is sent again."""

_NAMESPACE = uuid.UUID("6d5a3c1e-8f0b-5c58-9a44-1d2b0d3a7c90")


class BroadcastState(StrEnum):
    """The state of a broadcast."""

    LOADING = "loading"
    READY = "ready"
    BLOCKED = "blocked"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class StopCause(StrEnum):
    """Why nothing more of a broadcast is sent, for now or for good.

    Paused: `PERSON` (a person paused it), `INTERRUPTED` (a signal ended the command that sent it),
    `SERVER_STOPPED` (the window that sent it ended; the next one resumes it), `CANARY` (the rows
    below its limit have an end state), `REOPENED` (rows of a done broadcast are ready again),
    `CHANNEL` (the channel said that it takes nothing more), `REFUSED` (the first calls were all
    refused), `UNCERTAIN` (too many calls in a row had no certain answer), `FAILED` (this program or
    its channel failed). Blocked: `CHECK_FAILED`, `CHANGED` (the endpoint's data changed during the
    load). Cancelled: `PERSON`, `FORGOTTEN`.
    """

    PERSON = "person"
    INTERRUPTED = "interrupted"
    SERVER_STOPPED = "server-stopped"
    CANARY = "canary"
    REOPENED = "reopened"
    CHANNEL = "channel"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CHECK_FAILED = "check-failed"
    CHANGED = "changed"
    FORGOTTEN = "forgotten"


class DeliveryState(StrEnum):
    """The state of one row; each row is always in exactly one of these.

    `accepted`: the channel took it (which is not yet "delivered"). `refused`: it will never take
    it. `unknown`: it may or may not have been taken, and is to be repeated with the same key.
    `held`: a person decides.
    """

    READY = "ready"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    HELD = "held"


END_STATES = frozenset({DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.HELD})
"""States in which nothing more happens by itself. A broadcast whose rows all have one is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A broadcast as the store holds it. `endpoint` and `via` are masked; `number` is internal; a
    person may give it a `name`.

    `cause` is why it is paused, blocked or cancelled; None otherwise, and where a version that did
    not know causes stopped it. `reason` is text for a person, which code must not compare.
    `counts` are the rows by state and always add up to `rows`; while loading, all are ready.
    `report` is the check's JSON report, once there is one. `limit` is the canary's size: rows
    beyond it are not sent for now.
    """

    number: int
    id: str
    name: str = ""
    state: BroadcastState
    cause: StopCause | None = None
    reason: str = ""
    source: str = "api"
    endpoint: str = ""
    endpoint_key: str = ""
    token_param: str = "next"  # noqa: S105  a parameter's name
    channel: str | None = None
    via: str = ""
    at_least_once: bool = False
    rate: float | None = None
    limit: int | None = None
    created_at: float
    updated_at: float
    first_sent_at: float | None = None
    ended_at: float | None = None
    forgotten_at: float | None = None
    pages: int = 0
    rows: int = 0
    counts: Mapping[DeliveryState, int] = field(default_factory=dict)
    summary: "Summary | None" = None
    report: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a complete load holds.

    `people` are distinct uids, `people_with_several` those with more than one different message,
    `repeated_rows` rows whose uid and msg stood before, `longest_message` in UTF-16 code units.
    """

    rows: int
    people: int
    people_with_several: int
    repeated_rows: int
    longest_message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Up to 500 rows of a broadcast, leased to one sender at a time; known by its first row.

    `repeatable`: its sender may repeat a call whose outcome is unknown.
    """

    broadcast: int
    first_row: int
    rows: int
    owner: str
    lease_until: float
    repeatable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row about to be sent. `attempt` counts from 1; `row` from 0 in the broadcast; `chunk` is
    its chunk's first row.

    `sent_with` is the row under whose key it goes: its own, or in a multicast the group's first.
    It is `doubtful` when an earlier attempt may have been taken.
    """

    broadcast: int
    chunk: int
    row: int
    uid: str
    msg: str
    attempt: int
    generation: int = 0
    sent_with: int
    first_attempt_at: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a channel: a row, or several rows with one text where the channel can.

    `request` are the bytes to send, the same at every attempt; so is `key`.
    """

    key: uuid.UUID
    request: bytes
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of a delivery. `unsent` takes its attempt back: no call was made."""

    delivery: Delivery
    state: DeliveryState
    not_before: float | None = None
    reason: str | None = None
    reference: str | None = None
    unsent: bool = False


def retry_key(broadcast_id: str, sent_with: int, generation: int) -> uuid.UUID:
    """The key under which a channel takes a request once: the same for each repeat of it.

    A person who retries what was refused starts a new generation (RFC 9562, version 5).
    """
    return uuid.uuid5(_NAMESPACE, f"{broadcast_id}/{sent_with}/{generation}")
