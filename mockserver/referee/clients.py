"""Runs a client once, and gives back what it read: a Python function, or a command of any language.

A client that does not end in time is stopped (a command, with all its child processes) or left
behind (a function, whose server then goes away). Nothing here knows the scenarios.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol

from mockserver.recipients.data import Row

__all__ = ["HEADERS_VARIABLE", "Client", "ClientRun", "CommandClient", "FunctionClient"]

HEADERS_VARIABLE = "BROADCAST_HEADERS"
"""A command finds the headers that it must send here, as a JSON object."""

_OUTPUT_BYTES = 64 * 1024 * 1024
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class ClientRun:
    """What a client did with one endpoint."""

    rows: tuple[Row, ...] = ()
    failure: str = ""
    """Why the client says that it could not read the data; empty when it reports success."""
    problem: str = ""
    """What is wrong with the client itself: it did not end, or printed something else."""
    seconds: float = 0.0


class Client(Protocol):
    """Reads the rows of an endpoint."""

    def run(self, url: str, headers: Mapping[str, str], patience_seconds: float) -> ClientRun:
        """Read the endpoint once, within this time."""


class FunctionClient:
    """A function `(url, headers) -> rows` that raises an exception when it cannot read the data."""

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


class CommandClient:
    """A command that prints one JSON line for each row, and ends with 0 when it read everything."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def run(self, url: str, headers: Mapping[str, str], patience_seconds: float) -> ClientRun:
        """Start the command, and stop it with its children when the time is over."""
        command = [word.replace("{url}", url) for word in self._command]
        begun = time.monotonic()
        environment = {**os.environ, HEADERS_VARIABLE: json.dumps(dict(headers))}
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
                process.wait(patience_seconds)
                ended = True
            except subprocess.TimeoutExpired:
                ended = False
            finally:  # also at an interrupt
                _stop_all(process)
            output.join()
            errors.join()
        if not ended:
            return _timed(ClientRun(problem=_not_ended(patience_seconds)), begun)
        return _timed(_read_output(process.returncode, output, errors), begun)


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
    rows: list[Row] = []
    # A line ends with a line feed only: a text may hold other characters that end lines.
    for number, line in enumerate(bytes(output.content).split(b"\n"), start=1):
        if not line.strip():
            continue
        row = _parsed(line)
        if row is None:
            shown = _cut(line.decode("utf-8", "replace"))
            problem = f"line {number} of its output is not a JSON object with uid and msg: {shown}"
            return ClientRun(problem=problem)
        rows.append(row)
    if status:
        said = _last_error(bytes(errors.content).decode("utf-8", "replace"))
        return ClientRun(rows=tuple(rows), failure=_cut(f"exit status {status}. {said}".strip()))
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
    return ClientRun(
        rows=run.rows,
        failure=run.failure,
        problem=run.problem,
        seconds=time.monotonic() - begun,
    )


def _cut(text: str) -> str:
    """One line that is safe to show in a terminal."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
