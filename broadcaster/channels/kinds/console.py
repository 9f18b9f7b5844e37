"""Prints each message on standard output instead of sending it, for a first look."""

import sys
from collections.abc import Sequence
from typing import TextIO

import orjson

from broadcaster.channels.base import Answer, Channel, Quota, Verdict
from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.model import Call
from checker import visible

__all__ = ["KINDS", "ConsoleChannel"]

_ACCEPTED = Answer(verdict=Verdict.ACCEPTED)


class ConsoleChannel:
    """One line a row: the uid, two blanks, the message."""

    name = "console"
    idempotent = False
    rate: float | None = None
    concurrency = 1
    group_limit = 1
    row_format: str | None = None

    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        """A row as JSON."""
        return orjson.dumps({"uid": uids[0], "msg": msg})

    async def open(self) -> None:
        """Nothing to get ready."""

    async def send(self, call: Call) -> Answer:
        """Print the row."""
        output = self._output or sys.stdout
        row = orjson.loads(call.request)
        line = f"{visible(row['uid'])}  {visible(row['msg'])}\n"
        encoding = output.encoding or "utf-8"
        try:
            output.write(line.encode(encoding, "backslashreplace").decode(encoding))
            output.flush()
        except (OSError, ValueError):  # ValueError: closed
            return Answer(
                verdict=Verdict.PAUSE, reason="The output is closed: nothing can be printed."
            )
        return _ACCEPTED

    async def quota(self) -> Quota | None:
        """There is no limit."""
        return None

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        """Every text can be printed."""
        return None

    async def close(self) -> None:
        """Leave the output open; it is not ours."""


def _make(_address: str, settings: ChannelSettings) -> Channel:
    return ConsoleChannel(settings.output)


KINDS = (
    ChannelKind(
        name="console", summary="print each message; nothing is sent", make=_make, delivers=False
    ),
)
