"""What one attempt at a request does on its socket: the deadline, and what was seen.

Sockets of our own make, handed to the HTTP library: every read waits for no longer than what is
left of the request's deadline, so a body that drips or a flood of `100 Continue` ends in time.
"""

import email.errors
import http.client
import io
import re
import socket
import time
from email.message import Message
from typing import Any

from checker.core.protocols import HostResolver

__all__ = ["Attempt", "DeadlineError", "MalformedError", "Response", "TimedSocket", "connect"]

START_BYTES = 160
"""So much of a response's beginning is kept, to be shown where it is not HTTP."""

HEADER_BYTES_LIMIT = 64 * 1024
_TOLERATED_INTERIM = 3
_CHUNK_LINE_LIMIT = 4096
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_LENGTH = re.compile(r"[0-9]{1,18}")
# email's parser, which reads the head, wants a body where the Content-Type is multipart
_DEFECTS_OF_A_BODY = (
    email.errors.NoBoundaryInMultipartDefect,
    email.errors.StartBoundaryNotFoundDefect,
    email.errors.CloseBoundaryNotFoundDefect,
    email.errors.MultipartInvariantViolationDefect,
    email.errors.InvalidMultipartContentTransferEncodingDefect,
)


class DeadlineError(TimeoutError):
    """The request's time is up."""


class MalformedError(http.client.HTTPException):
    """What came is not an HTTP response; the text says why."""


class Attempt:
    """The state of one attempt, shared by the socket, the response and the transport."""

    def __init__(self, deadline: float, resolver: HostResolver) -> None:
        """`deadline` is a reading of time.monotonic(); `connection` made the last request,
        whose head is `sent`.
        """
        self.resolver = resolver
        self.begin(deadline)
        self.local_peer: bool | None = None
        self.connection: Any = None
        self.sent = b""

    def begin(self, deadline: float, stage: str = "send") -> None:
        """Forget what the last attempt saw; a kept connection stays."""
        self.deadline = deadline
        self.stage = stage
        self.connected = False
        self.received = 0
        self.start = b""
        self.ended = False
        self.interim: list[int] = []
        self.closes_connection = False

    def remaining(self) -> float:
        """Seconds left. Raises DeadlineError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError(self.stage)
        return left

    @property
    def stuck_on_interim(self) -> bool:
        """Whether a 1xx status was all that came, so that it was meant to be final."""
        return 0 < len(self.interim) <= _TOLERATED_INTERIM


def connect(attempt: Attempt, host: str, port: int) -> socket.socket:
    """A connection to the first address that takes one.

    Raises OSError as the system gives it, DeadlineError when time is up.
    """
    attempt.stage = "resolve"
    try:
        addresses = attempt.resolver.resolve(host, port, attempt.remaining())
    except TimeoutError:
        raise DeadlineError(attempt.stage) from None
    attempt.stage = "connect"
    last: OSError = OSError("the name has no address")
    for address in addresses:
        sock = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(attempt.remaining())
            sock.connect(address.sockaddr)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer, own = sock.getpeername()[0], sock.getsockname()[0]
            attempt.resolver.refuse_peer(peer, own)
        except OSError as error:
            sock.close()
            last = error
            continue
        attempt.connected = True
        attempt.local_peer = attempt.resolver.is_this_machine(peer, own)
        return sock
    if isinstance(last, TimeoutError):
        raise DeadlineError(attempt.stage)
    raise last


class _TimedReader(io.RawIOBase):
    """Reads from the socket, each time for no longer than the attempt has left."""

    def __init__(self, sock: socket.socket, attempt: Attempt) -> None:
        super().__init__()
        self._sock = sock
        # the socket's own file object keeps the socket open for as long as a response reads it
        self._file = sock.makefile("rb", buffering=0)
        self._attempt = attempt

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._attempt.remaining())
        try:
            count = self._file.readinto(buffer) or 0
        except TimeoutError:
            raise DeadlineError(self._attempt.stage) from None
        self._attempt.received += count
        if len(self._attempt.start) < START_BYTES:
            self._attempt.start += bytes(buffer[: min(count, START_BYTES)])
        if not count:
            self._attempt.ended = True
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class TimedSocket:
    """A connected socket as http.client uses one, bound to the attempt's deadline."""

    def __init__(self, sock: socket.socket, attempt: Attempt) -> None:
        self._sock = sock
        self.attempt = attempt

    def sendall(self, data: bytes) -> None:
        self.attempt.stage = "send"
        self._sock.settimeout(self.attempt.remaining())
        try:
            self._sock.sendall(data)
        except TimeoutError:
            raise DeadlineError(self.attempt.stage) from None
        self.attempt.stage = "head"
        self.attempt.sent = data

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self.attempt), 64 * 1024)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Response(http.client.HTTPResponse):
    """http.client's response, which reads interim responses on and a broken head as broken."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.attempt: Attempt = sock.attempt

    def _read_status(self) -> tuple[str, int, str]:
        # RFC 9110, section 15.2: a client must be able to parse interim responses before the final
        # one; http.client itself knows only 100
        status_line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        while status_line[1] < 200:
            self.attempt.interim.append(status_line[1])
            if status_line[1] == http.HTTPStatus.SWITCHING_PROTOCOLS:
                raise MalformedError("it answers 101 as its final status")
            http.client.parse_headers(self.fp)
            status_line = super()._read_status()  # type: ignore[misc]
        return status_line

    def begin(self) -> None:
        super().begin()
        if self.attempt.ended:
            return
        _refuse_broken_head(self.msg)
        self.attempt.closes_connection = bool(self.will_close)

    def _read_next_chunk_size(self) -> int:
        # http.client takes what Python takes for a number: `-5`, `+5`, `0x5`, `1_0`
        line = self.fp.readline(_CHUNK_LINE_LIMIT)
        size = line.partition(b";")[0].strip()
        if not (line.endswith(b"\n") and _CHUNK_SIZE.fullmatch(size)):
            raise MalformedError("a chunk of the body has no readable size")
        return int(size, 16)


def _refuse_broken_head(head: Message) -> None:
    """Raises MalformedError for what http.client reads over in silence."""
    if any(not isinstance(defect, _DEFECTS_OF_A_BODY) for defect in head.defects):
        raise MalformedError("a header line has no colon")
    size = sum(len(name) + len(value) + 4 for name, value in head.items())
    if size > HEADER_BYTES_LIMIT:
        raise MalformedError(f"its headers are over {HEADER_BYTES_LIMIT // 1024} KiB")
    lengths = {value.strip() for value in head.get_all("Content-Length", [])}
    codings = [value.strip().lower() for value in head.get_all("Transfer-Encoding", [])]
    if lengths and codings:
        raise MalformedError("it gives both a Content-Length and a Transfer-Encoding")
    if len(lengths) > 1:
        raise MalformedError("it gives two different values of Content-Length")
    if not all(map(_LENGTH.fullmatch, lengths)):
        raise MalformedError("its Content-Length is not a number")
    if any(coding not in ("chunked", "identity") for coding in codings):
        raise MalformedError("its Transfer-Encoding is not chunked")
