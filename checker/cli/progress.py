"""The progress line of a check on a terminal: page, rows, speed, time, and why it waits."""

import time
from collections.abc import Callable
from typing import TextIO

from checker.core.events import CheckStarted, Event, Finished, PageRead, Probed, Waiting
from checker.text.display import cut

__all__ = ["ProgressLine"]

_REDRAW_SECONDS = 0.1


class ProgressLine:
    """A listener that keeps one line of the terminal up to date, and clears it at the end."""

    def __init__(
        self, stream: TextIO, width: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._width = max(20, width - 1)
        self._clock = clock
        self._started = clock()
        self._drawn = float("-inf")
        self._pages = self._rows = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Finished):
            self._write("")
        elif isinstance(event, CheckStarted):
            self._started = self._clock()
            self._draw("connecting")
        elif isinstance(event, Waiting):
            self._draw(f"waiting {event.seconds:.1f} s: {event.why}")
        elif isinstance(event, Probed):
            self._draw(f"probe: {event.purpose.value}")
        elif isinstance(event, PageRead):
            self._pages += 1
            self._rows += event.page.row_count
            if self._clock() - self._drawn >= _REDRAW_SECONDS:
                self._draw("")

    def _draw(self, doing: str) -> None:
        self._drawn = self._clock()
        elapsed = max(self._drawn - self._started, 1e-9)
        minutes, seconds = divmod(int(elapsed), 60)
        speed = self._rows / elapsed if elapsed >= 1 else 0
        counts = f"page {self._pages:,}  {self._rows:,} rows  {speed:,.0f} rows/s"
        line = f"{counts}  {minutes}:{seconds:02}"
        self._write(f"{line}  {doing}" if doing else line)

    def _write(self, line: str) -> None:
        self._stream.write("\r\x1b[2K" + cut(line, self._width))
        self._stream.flush()
