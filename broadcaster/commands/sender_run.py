"""Runs a sender in this process: its progress line, and what signals mean to it."""

import asyncio
import contextlib
import shutil
import signal
import sys
import time
from collections.abc import Iterator

from broadcaster.channels.base import Channel
from broadcaster.commands.send_options import ChannelOptions
from broadcaster.delivery import BroadcastSender, SendEvent
from broadcaster.model import Broadcast, StopCause
from broadcaster.store import Store
from broadcaster.terminal.progress_line import SendProgressLine
from broadcaster.terminal.progress_log import SendProgressLog

__all__ = ["Sending"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class Sending:
    """One run of a sender. The first signal finishes what is under way, the second stops it."""

    def __init__(
        self,
        store: Store,
        broadcast: Broadcast,
        channel_options: ChannelOptions,
        *,
        owner: str,
        quiet: bool = False,
    ) -> None:
        """`owner` is the name of this sender. `quiet`: without a word of how far it is."""
        self._owner = owner
        self._store = store
        self._broadcast = broadcast
        self._choice = channel_options
        self._signals = 0
        wanted = broadcast.rows if broadcast.limit is None else broadcast.limit
        self._line: SendProgressLine | SendProgressLog | None = None
        if not quiet and sys.stderr.isatty():
            width = shutil.get_terminal_size().columns
            self._line = SendProgressLine(sys.stderr, width, wanted=wanted)
        elif not quiet:
            self._line = SendProgressLog(sys.stderr, wanted=wanted)

    def run(self) -> bool:
        """Send until there is nothing left or something stops it; whether a signal did."""
        asyncio.run(self._run())
        if self._line is not None:
            self._line.clear()
        return self._signals > 0

    async def _run(self) -> None:
        channel = self._choice.make()
        sender = BroadcastSender(
            self._store, self._broadcast, channel, owner=self._owner, listener=self._listen
        )
        await self._open(channel)
        try:
            with self._handling_signals(sender):
                await sender.run()
        finally:
            await channel.close()

    async def _open(self, channel: Channel) -> None:
        """Open it; without it nothing is being sent, and the state must not say so."""
        try:
            await channel.open()
        except BaseException:
            number, reason = self._broadcast.number, "the channel could not be opened"
            self._store.broadcasts.pause(number, StopCause.FAILED, time.time(), reason=reason)
            raise

    def _listen(self, event: SendEvent) -> None:
        if self._line is not None:
            self._line(event)

    @contextlib.contextmanager
    def _handling_signals(self, sender: BroadcastSender) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        # one that is ignored, as after nohup, stays ignored
        handled = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
        before = {one: signal.getsignal(one) for one in handled}
        for one in handled:
            loop.add_signal_handler(one, self._signalled, sender)
        try:
            yield
        finally:
            for one in handled:
                loop.remove_signal_handler(one)
                signal.signal(one, before[one])

    def _signalled(self, sender: BroadcastSender) -> None:
        self._signals += 1
        if self._signals == 1:
            sender.stop(StopCause.INTERRUPTED)
            self._say("Stopping after the running requests; interrupt again to stop now.")
        else:
            sender.abort()

    def _say(self, sentence: str) -> None:
        if self._line is not None:
            self._line.clear()
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"broadcast: {sentence}\n")
            sys.stderr.flush()
