"""The progress of sending without a terminal, as plain lines: every ten seconds, and at changes.
They hold figures and the channel's reasons, never a customer's data.
"""

import contextlib
import time
from collections.abc import Callable
from typing import TextIO

from broadcaster.delivery import SendEvent, SendProgress, SendWaiting
from broadcaster.model import BroadcastState
from broadcaster.terminal.progress_line import progress_words
from broadcaster.terminal.words import duration_words
from checker import visible

__all__ = ["SendProgressLog"]

_EVERY_SECONDS = 10.0
_LEAST_WAIT_SECONDS = 0.5
_SLOW_SHARE = 0.75  # of the fastest pace so far: one complaint leaves less
_RECOVERED_SHARE = 0.9


class SendProgressLog:
    """A listener that writes a line every ten seconds, and one when the broadcast is paused or
    cancelled, when the pace gives way, and when nothing may be sent for a while.
    """

    def __init__(
        self, stream: TextIO, *, wanted: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`wanted` are the rows that shall have an end state."""
        self._stream = stream
        self._wanted = wanted
        self._clock = clock
        self._written_at = clock()
        self._state = BroadcastState.SENDING
        self._fastest = 0.0
        self._slow = False
        self._waits, self._waits_at = "", float("-inf")

    def __call__(self, event: SendEvent) -> None:
        """Write it, if it is time or news."""
        if isinstance(event, SendWaiting):
            self._tell_wait(event)
            return
        news = self._news(event)
        if news or self._clock() - self._written_at >= _EVERY_SECONDS:
            self._write(f"{news}{progress_words(event, self._wanted)}")

    def clear(self) -> None:
        """There is nothing to take back."""

    def _news(self, event: SendProgress) -> str:
        if event.state is not self._state:
            self._state = event.state
            # the end is event with what came of it
            return "" if event.state is BroadcastState.DONE else f"{event.state.value}: "
        self._fastest = max(self._fastest, event.pace)
        if self._slow:
            self._slow = event.pace < self._fastest * _RECOVERED_SHARE
        elif event.pace <= self._fastest * _SLOW_SHARE:
            self._slow = True
            return f"slowed down to {event.pace:,.1f} calls a second: "
        return ""

    def _tell_wait(self, event: SendWaiting) -> None:
        news = event.why != self._waits or self._clock() - self._waits_at >= _EVERY_SECONDS
        if news and event.seconds >= _LEAST_WAIT_SECONDS:
            self._waits, self._waits_at = event.why, self._clock()
            self._write(f"waiting {duration_words(event.seconds)}: {visible(event.why)}")

    def _write(self, line: str) -> None:
        self._written_at = self._clock()
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"broadcast: {line}\n")
            self._stream.flush()
