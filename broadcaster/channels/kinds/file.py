"""Writes each message as a line of JSON into a file, exactly once."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import orjson

from broadcaster.channels.base import Answer, Channel, Quota, Verdict
from broadcaster.channels.jsonl_file import JsonlFile, NotWritten, WrittenPerhaps, jsonl_line
from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.errors import WrongCommand
from broadcaster.model import Call
from checker import visible

__all__ = ["KINDS", "FileChannel"]

Given = TypeVar("Given")
Got = TypeVar("Got")
_ACCEPTED = Answer(verdict=Verdict.ACCEPTED)
_WHAT_NEXT = "Correct this, then resume the broadcast."


class FileChannel:
    """Lines `{"key", "uid", "msg"}`. Many calls at once share one wait for the disk."""

    idempotent = True
    rate: float | None = None
    concurrency = 1000
    group_limit = 1
    row_format: str | None = None

    def __init__(self, path: Path, *, query_only: bool = False) -> None:
        """With `query_only` the file is looked at, and neither made nor changed."""
        self._only_asked = query_only
        self.name = f"file:{visible(str(path))}"
        self._path = path
        self._file: JsonlFile | None = None
        self._waiting: list[tuple[bytes, asyncio.Future[Answer]]] = []
        self._flushing: asyncio.Task[None] | None = None

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        """The line but for its key."""
        return orjson.dumps({"uid": uids[0], "msg": msg})

    async def open(self) -> None:
        """Read the keys that the file has, and lock it. Raises WrongCommand."""
        self._thread = ThreadPoolExecutor(1, "file-channel")
        try:
            self._file = await self._in_thread(
                partial(JsonlFile, read_only=self._only_asked), self._path
            )
        except WrongCommand:
            self._thread.shutdown()
            raise

    async def send(self, call: Call) -> Answer:
        """Write the row, and wait until it is on the disk."""
        if self._file is None or self._only_asked:
            raise RuntimeError("the channel is not open for sending")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((jsonl_line(str(call.key), call.request), answer))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(self._file))
        return await answer

    async def _flush(self, file: JsonlFile) -> None:
        """Write what waits; what comes meanwhile is the next batch."""
        batch: list[tuple[bytes, asyncio.Future[Answer]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                answer = await self._written(file, [line for line, _ in batch])
                for _, waiting in batch:
                    if not waiting.done():
                        waiting.set_result(answer)
        finally:
            self._flushing = None
            for _, waiting in [*batch, *self._waiting]:
                waiting.cancel()  # of those that have their answer, nothing changes

    async def _written(self, file: JsonlFile, lines: list[bytes]) -> Answer:
        try:
            await self._in_thread(file.append, lines)
        except NotWritten as error:
            return Answer(verdict=Verdict.PAUSE, reason=f"{error} {_WHAT_NEXT}")
        except WrittenPerhaps as error:
            return Answer(verdict=Verdict.UNKNOWN, reason=str(error))
        return _ACCEPTED

    async def _in_thread(self, function: Callable[[Given], Got], given: Given) -> Got:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, given)

    async def quota(self) -> Quota | None:
        """There is no limit but the disk's."""
        return None

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        """Every text can be written."""
        return None

    async def close(self) -> None:
        """Wait for what is being written, and free the file."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])
        if self._file is not None:
            self._file.close()
            self._thread.shutdown()
            self._file = None


def _make(address: str, settings: ChannelSettings) -> Channel:
    return FileChannel(Path(address).expanduser(), query_only=settings.query_only)


def _absolute(address: str) -> str:
    return str(Path(address.strip()).expanduser().absolute())


def _looks_like_a_file(name: str, _rest: str) -> bool:
    return name.endswith((".jsonl", ".json", ".txt")) or "/" in name


KINDS = (
    ChannelKind(
        name="file",
        address="OUT.jsonl",
        summary="append each message to a file, exactly once",
        make=_make,
        absolute=_absolute,
        hint=_looks_like_a_file,
        hint_words="To write to a file",
    ),
)
