"""What an app answers, as a client behind a server would get it. No I/O.

An exception before the response is a 500, one in the middle of it a cut connection. Of the
exception no more is told than its type and line: its text may hold anything.
"""

import time
import traceback
from pathlib import Path

from checker.core.model import Failure, Headers, Reply
from checker.transport.content_encoding import BadEncodingError, TooLargeError, decode_content

__all__ = ["Answer"]

_ERROR_BODY_BYTES = 64 * 1024
_BODILESS = (204, 304)


class Answer:
    """A response while it comes in, within the limits of time and size."""

    def __init__(self, *, timeout_seconds: float, body_limit_bytes: int) -> None:
        self._timeout_seconds = timeout_seconds
        self._limit_bytes = body_limit_bytes
        self._started = time.monotonic()
        self._seconds: float | None = None
        self._status: int | None = None
        self._reason = ""
        self._headers: Headers = ()
        self._body = bytearray()
        self._failure: Failure | None = None
        self.over = False
        """Nothing more is wanted of the app."""

    @property
    def begun(self) -> bool:
        """Whether the status is there."""
        return self._status is not None

    @property
    def failing(self) -> bool:
        """Whether the answer is that the server failed."""
        return self._status is not None and self._status >= 500

    def begin(self, status: int, reason: str, headers: Headers) -> None:
        """The head came."""
        if not 200 <= status <= 999:
            self._fail("NET006", f"it answers {status} as its final status")
        self._status, self._reason, self._headers = status, reason, headers
        if 300 <= status < 400 or status in _BODILESS:
            self._limit_bytes = 0
        elif status >= 400:
            self._limit_bytes = min(self._limit_bytes, _ERROR_BODY_BYTES)

    def add(self, part: bytes) -> None:
        """A part of the body came."""
        self._body += part
        if len(self._body) > self._limit_bytes:
            if self._status is not None and self._status < 300 and self._limit_bytes:
                mebibytes = self._limit_bytes / 1024 / 1024
                self._fail("NET007", f"the body is over {mebibytes:g} MiB")
            del self._body[self._limit_bytes :]
            self.end()
        elif time.monotonic() - self._started > self._timeout_seconds:
            self.time_out()

    def end(self) -> None:
        """The response is whole."""
        if self._seconds is None:
            self._seconds = time.monotonic() - self._started
        self.over = True
        if self._seconds > self._timeout_seconds:
            self.time_out()

    def time_out(self) -> None:
        """The app took too long."""
        self._fail("NET004", f"the app's answer took over {self._timeout_seconds:g} s")

    def refuse(self, detail: str) -> None:
        """The app did not start."""
        self._fail("NET002", detail)

    def malform(self, detail: str) -> None:
        """The head is none of HTTP."""
        self._fail("NET006", detail)

    def crash(self, error: BaseException) -> None:
        """The app raised."""
        if self.over:
            if self.failing and ":" not in self._reason:
                self._reason = f"{self._reason}: {_what_failed(error)}"
            return
        if self.begun:
            self._fail("NET005", f"{_what_failed(error)} in the middle of its answer")
            return
        self.begin(500, f"Internal Server Error: {_what_failed(error)}", ())
        self.end()

    def leave_off(self) -> None:
        """The app returned without an answer, or with half of one."""
        if self.begun:
            self._fail("NET005", "the app returned in the middle of its answer")
        else:
            self.begin(500, "Internal Server Error: the app returned without an answer", ())
            self.end()

    def reply(self) -> Reply:
        """What the client got."""
        body, wire_bytes = self._whole_body()
        return Reply(
            status=self._status,
            reason=self._reason,
            headers=self._headers,
            body=b"" if self._failure else body,
            wire_bytes=wire_bytes,
            seconds=self._seconds or time.monotonic() - self._started,
            failure=self._failure,
            local_peer=True,
        )

    def _fail(self, rule: str, detail: str) -> None:
        if self._failure is None:
            self._failure = Failure(rule=rule, detail=detail)
        self.over = True

    def _whole_body(self) -> tuple[bytes, int]:
        """Decoded, and its size as it came; notes what is wrong with it."""
        body = bytes(self._body)
        if self._failure or self._status is None or not self._limit_bytes:
            return b"", len(body)
        length = self._header("content-length")
        if length.isascii() and length.isdigit():
            if len(body) < min(int(length[:18]), self._limit_bytes):
                self._fail("NET005", "the connection was closed in the middle of its body")
            body = body[: int(length[:18])]
        try:
            encoding = self._header("content-encoding")
            return decode_content(body, encoding, self._limit_bytes), len(body)
        except TooLargeError:
            mebibytes = self._limit_bytes / 1024 / 1024
            self._fail_unless_error("NET007", f"the body, decompressed, is over {mebibytes:g} MiB")
        except BadEncodingError as error:
            self._fail_unless_error("NET008", f"the body {error}")
        return body, len(body)

    def _fail_unless_error(self, rule: str, detail: str) -> None:
        """An error page is read only to explain it: what does not decode is left as it came."""
        if self._status is not None and self._status < 400:
            self._fail(rule, detail)

    def _header(self, name: str) -> str:
        return ", ".join(value for key, value in self._headers if key.lower() == name).strip()


def _what_failed(error: BaseException) -> str:
    """`the app raised KeyError (shop.py, line 12)`, by the last line that is not a library's."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_users(Path(frame.filename))]
    where = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    return f"the app raised {type(error).__name__}{where}"


def _is_users(file: Path) -> bool:
    return "site-packages" not in file.parts and file.parent != Path(__file__).parent
