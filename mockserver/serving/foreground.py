"""Runs a server until a signal comes, as the commands do."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import FrameType

__all__ = ["serve_until_signal"]

_INTERRUPTED = 130
_HEEDED = (signal.SIGINT, signal.SIGTERM)


def serve_until_signal(server: AbstractContextManager[object], announce: Callable[[], None]) -> int:
    """Enter the server, announce it, and serve; return 0 after SIGTERM, 130 after SIGINT."""
    with _signals() as arrived, server:
        announce()
        first = _first_heeded(arrived)
    return _INTERRUPTED if first == signal.SIGINT else 0


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket where the number of each signal arrives, as a byte.

    Not `threading.Event`: a signal that another thread gets, or that comes in the moment before the
    wait begins, does not wake a wait for a lock (`signal`: Execution of Python signal handlers).
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)  # noqa: FBT003 - the socket module's own signature
    with reader, writer:
        before = {number: signal.signal(number, _noted) for number in _HEEDED}
        told_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(told_before)
            for number, handler in before.items():
                signal.signal(number, handler)


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The interpreter has written the number to the socket."""


def _first_heeded(arrived: socket.socket) -> int:
    while (number := arrived.recv(1)[0]) not in _HEEDED:
        pass
    return number
