"""What the queue of chunks and the engine behind it hand to each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

__all__ = ["URGENT", "Dispatch", "EndedLease", "HandedOut", "ReadyChunk"]

URGENT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyChunk:
    """A chunk that a worker should take now. Of two, the one with the higher priority goes first:
    `URGENT` where somebody died over it, else less than 0.
    """

    queue: str
    broadcast: int
    first_row: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedLease:
    """A chunk whose owner neither gave it back nor renewed its lease: it died, or was cut off."""

    broadcast: str
    first_row: int
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """How many chunks were handed out again, without those that waited already; and those of all
    of them whose lease had ended.
    """

    chunks: int = 0
    ended_leases: tuple[EndedLease, ...] = ()


Dispatch = Callable[[sa.Connection, Sequence[ReadyChunk]], int]
"""Hands chunks to workers, in the transaction that makes them ready; gives how many of them were
not waiting for one already.
"""
