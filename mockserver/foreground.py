"""Runs a server until a signal comes, as the commands do."""

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType

__all__ = ["serve_until_signal"]

_INTERRUPTED = 130


def serve_until_signal(server: AbstractContextManager[object], announce: Callable[[], None]) -> int:
    """Enter the server, announce it, and serve; return 0 after SIGTERM, 130 after SIGINT."""
    ended = threading.Event()
    received: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with server:
            announce()
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _INTERRUPTED if received == [signal.SIGINT] else 0
