"""The progress line of sending: how far, how fast, how long yet, and why it waits."""

import contextlib
import time
from collections.abc import Callable
from typing import TextIO

from broadcaster.delivery import SendEvent, SendProgress, SendWaiting
from broadcaster.model import END_STATES, DeliveryState
from broadcaster.terminal.words import duration_words
from checker import cut, visible

__all__ = ["SendProgressLine", "progress_words"]


class SendProgressLine:
    """A listener that keeps one line of the terminal up to date. A terminal that has gone does not
    stop the sending.
    """

    def __init__(
        self,
        stream: TextIO,
        width: int,
        *,
        wanted: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wanted` are the rows that shall have an end state."""
        self._stream = stream
        self._width = max(20, width - 1)
        self._wanted = wanted
        self._clock = clock
        self._waits: SendWaiting | None = None
        self._waits_until = 0.0

    def __call__(self, event: SendEvent) -> None:
        """Show it."""
        if isinstance(event, SendWaiting):
            self._waits, self._waits_until = event, self._clock() + event.seconds
            self._write(self._waiting())
        else:
            waiting, counts = self._waiting(), progress_words(event, self._wanted)
            self._write(f"{counts}  {waiting}" if waiting else counts)

    def clear(self) -> None:
        """Leave the line to others."""
        self._write("")

    def _waiting(self) -> str:
        left = self._waits_until - self._clock()
        if self._waits is None or left <= 0:
            return ""
        return f"waiting {duration_words(left)}: {visible(self._waits.why)}"

    def _write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write("\r\x1b[2K" + cut(line, self._width))
            self._stream.flush()


def progress_words(event: SendProgress, wanted: int) -> str:
    """How far it is of the `wanted` rows, how fast, and how long yet."""
    counts = event.counts
    line = f"{counts.get(DeliveryState.ACCEPTED, 0):,} of {wanted:,} accepted"
    for state in (DeliveryState.REFUSED, DeliveryState.HELD, DeliveryState.UNKNOWN):
        if counts.get(state, 0):
            line += f"  {counts[state]:,} {state.value}"
    line += f"  {event.rate:,.0f}/s"
    left = wanted - sum(counts.get(state, 0) for state in END_STATES)
    if event.rate > 0 and left > 0:
        line += f"  {duration_words(left / event.rate)} left"
    if event.why:
        line += f"  last answer: {visible(event.why)}"
    return line
