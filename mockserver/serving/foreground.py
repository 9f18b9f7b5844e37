"""Runs a server until a signal arrives, for the commands."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import FrameType

__all__ = ["serve_until_signal"]

_INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve_until_signal(server: AbstractContextManager[object], announce: Callable[[], None]) -> int:
    """Enter the server, announce it, and serve; return 0 after SIGTERM, 130 after SIGINT."""
    with _signals() as arrived, server:
        announce()
        first = _first_signal(arrived)
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
        before = {number: signal.signal(number, _ignore) for number in _SIGNALS}
        fd_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(fd_before)
            for number, handler in before.items():
                signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The interpreter has written the number to the socket."""


def _first_signal(arrived: socket.socket) -> int:
    while (number := arrived.recv(1)[0]) not in _SIGNALS:
        pass
    return number
