"""Runs a client once, and gives back what it read: a Python function, or a command of any language.

A client that does not end in time is stopped (a command, with all its child processes) or left
behind (a function, whose server then goes away). Nothing here knows the scenarios.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, Protocol

from mockserver.recipients.data import Row

__all__ = [
    "HEADERS_VARIABLE",
    "STATE_VARIABLE",
    "Client",
    "ClientRun",
    "CommandClient",
    "FunctionClient",
]

HEADERS_VARIABLE = "BROADCAST_HEADERS"
"""A command finds the headers that it must send here, as a JSON object."""

STATE_VARIABLE = "BROADCAST_STATE"
"""A command that can go on after it was killed finds here a folder for what it must remember."""

_OUTPUT_BYTES = 64 * 1024 * 1024
_SHOWN_CHARACTERS = 200
_LOOK_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True)
class ClientRun:
    """What a client did with one endpoint."""

    rows: tuple[Row, ...] = ()
    failure: str = ""
    """Why the client says that it could not read the data; empty when it reports success."""
    problem: str = ""
    """What is wrong with the client itself: it did not end, or printed something else."""
    seconds: float = 0.0
    peak_bytes: int | None = None
    """The most memory that a command held; None where that is not known."""


class Client(Protocol):
    """Reads the rows of an endpoint."""

    @property
    def resumes(self) -> bool:
        """Whether it goes on where it was when it is started again after a kill."""

    def run(self, url: str, headers: Mapping[str, str], patience_seconds: float) -> ClientRun:
        """Read the endpoint once, within this time."""

    def run_killed(
        self,
        url: str,
        headers: Mapping[str, str],
        patience_seconds: float,
        kill_now: Callable[[], bool],
    ) -> ClientRun:
        """Kill the client once `kill_now` says so, start it again, and give what both runs read."""


class FunctionClient:
    """A function `(url, headers) -> rows` that raises an exception when it cannot read the data."""

    resumes = False

    def __init__(
        self, read: Callable[[str, Mapping[str, str]], Iterable[Mapping[str, Any]]]
    ) -> None:
        self._read = read

    def run(self, url: str, headers: Mapping[str, str], patience_seconds: float) -> ClientRun:
        """Call the function in a thread, and leave it behind when the time is over."""
        outcome: list[ClientRun] = []
        begun = time.monotonic()

        def call() -> None:
            try:
                rows = [_row(row) for row in self._read(url, headers)]
            except Exception as error:  # noqa: BLE001 - any exception is the client's answer
                outcome.append(ClientRun(failure=_cut(f"{type(error).__name__}: {error}")))
                return
            if None in rows:
                outcome.append(ClientRun(problem="it returned something else than rows"))
            else:
                outcome.append(ClientRun(rows=tuple(row for row in rows if row is not None)))

        thread = threading.Thread(target=call, name="referee-client", daemon=True)
        thread.start()
        thread.join(patience_seconds)
        if not outcome:
            return ClientRun(problem=_not_ended(patience_seconds), seconds=patience_seconds)
        return _timed(outcome[0], begun)

    def run_killed(
        self,
        url: str,
        headers: Mapping[str, str],
        patience_seconds: float,
        kill_now: Callable[[], bool],
    ) -> ClientRun:
        """A function cannot be killed: it is run once."""
        del kill_now
        return self.run(url, headers, patience_seconds)


class CommandClient:
    """A command that prints one JSON line for each row, and ends with 0 when it read everything."""

    def __init__(self, command: Sequence[str], *, resumes: bool = False) -> None:
        self._command = tuple(command)
        self.resumes = resumes

    def run(self, url: str, headers: Mapping[str, str], patience_seconds: float) -> ClientRun:
        """Start the command, and stop it with its children when the time is over."""
        with tempfile.TemporaryDirectory(prefix="broadcast-referee-") as state:
            return self._run_once(url, headers, patience_seconds, state)

    def run_killed(
        self,
        url: str,
        headers: Mapping[str, str],
        patience_seconds: float,
        kill_now: Callable[[], bool],
    ) -> ClientRun:
        """As the protocol's; the folder of `STATE_VARIABLE` is the same for both runs."""
        with tempfile.TemporaryDirectory(prefix="broadcast-referee-") as state:
            first = self._run_once(url, headers, patience_seconds, state, kill_now)
            if first.problem:
                return first
            second = self._run_once(url, headers, patience_seconds, state)
        return replace(second, rows=first.rows + second.rows)

    def _run_once(
        self,
        url: str,
        headers: Mapping[str, str],
        patience_seconds: float,
        state: str,
        kill_now: Callable[[], bool] | None = None,
    ) -> ClientRun:
        command = [word.replace("{url}", url) for word in self._command]
        begun = time.monotonic()
        environment = {
            **os.environ,
            HEADERS_VARIABLE: json.dumps(dict(headers)),
            STATE_VARIABLE: state,
        }
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            return ClientRun(problem=f"it cannot be started: {error.strerror}")
        with process:
            output, errors = _Reader(process.stdout), _Reader(process.stderr)
            try:
                peak = _wait(process, begun + patience_seconds, kill_now or (lambda: False))
            finally:  # also at an interrupt
                _stop_all(process)
            output.join()
            errors.join()
        if isinstance(peak, _Killed):
            # what it printed last may be cut; what it remembers must not count that row as read
            whole = bytes(output.content).rpartition(b"\n")[0]
            return _timed(_rows_of(whole), begun)
        if isinstance(peak, _NotEnded):
            return _timed(ClientRun(problem=_not_ended(patience_seconds)), begun)
        run = _read_output(process.returncode, output, errors)
        return _timed(replace(run, peak_bytes=peak.peak_bytes), begun)


@dataclass(frozen=True)
class _Ended:
    peak_bytes: int | None


class _NotEnded:
    """The time is over."""


class _Killed:
    """It was time to kill the process."""


def _wait(
    process: subprocess.Popen[bytes], until: float, kill_now: Callable[[], bool]
) -> _Ended | _NotEnded | _Killed:
    """Until the process ends, its time is over, or it is to be killed."""
    while time.monotonic() < until:
        if kill_now():
            return _Killed()
        ended = _reaped(process)
        if ended is not None:
            return ended
        time.sleep(_LOOK_SECONDS)
    return _NotEnded()


def _reaped(process: subprocess.Popen[bytes]) -> _Ended | None:
    """The end of the process, with the most memory that it held where the system says so."""
    ended: _Ended | None = None
    if sys.platform == "win32":
        if process.poll() is not None:
            ended = _Ended(None)
    else:
        number, status, usage = os.wait4(process.pid, os.WNOHANG)
        if number:
            process.returncode = os.waitstatus_to_exitcode(status)
            # getrusage(2): bytes on macOS, KiB on Linux
            unit = 1 if sys.platform == "darwin" else 1024
            ended = _Ended(usage.ru_maxrss * unit)
    return ended


class _Reader:
    """Reads a pipe in a thread, up to a limit, so that the client never waits for us."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self.content = bytearray()
        self._pipe = pipe
        self._thread = threading.Thread(target=self._read, name="referee-output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._pipe is not None  # noqa: S101 - we asked for a pipe
        while part := self._pipe.read(65_536):
            if len(self.content) < _OUTPUT_BYTES:
                self.content += part

    def join(self) -> None:
        """Wait for the end of the output; a child that escaped may hold the pipe open for ever."""
        self._thread.join(1.0)


def _stop_all(process: subprocess.Popen[bytes]) -> None:
    """End the process and the children that it left behind."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def _read_output(status: int, output: _Reader, errors: _Reader) -> ClientRun:
    run = _rows_of(bytes(output.content))
    if status and not run.problem:
        said = _last_error(bytes(errors.content).decode("utf-8", "replace"))
        return replace(run, failure=_cut(f"exit status {status}. {said}".strip()))
    return run


def _rows_of(output: bytes) -> ClientRun:
    rows: list[Row] = []
    # A line ends with a line feed only: a text may hold other characters that end lines.
    for number, line in enumerate(output.split(b"\n"), start=1):
        if not line.strip():
            continue
        row = _parsed(line)
        if row is None:
            shown = _cut(line.decode("utf-8", "replace"))
            problem = f"line {number} of its output is not a JSON object with uid and msg: {shown}"
            return ClientRun(problem=problem)
        rows.append(row)
    return ClientRun(rows=tuple(rows))


def _last_error(text: str) -> str:
    """The last line that speaks of an error, otherwise the last one."""
    lines = text.strip().split("\n")
    return next((line for line in reversed(lines) if "rror" in line), lines[-1]).strip()


def _parsed(line: bytes) -> Row | None:
    try:
        return _row(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _row(value: object) -> Row | None:
    if not isinstance(value, Mapping):
        return None
    uid, msg = value.get("uid"), value.get("msg")
    return {"uid": uid, "msg": msg} if isinstance(uid, str) and isinstance(msg, str) else None


def _not_ended(patience_seconds: float) -> str:
    return f"it did not end within {patience_seconds:g} seconds"


def _timed(run: ClientRun, begun: float) -> ClientRun:
    return replace(run, seconds=time.monotonic() - begun)


def _cut(text: str) -> str:
    """One line that is safe to show in a terminal."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
