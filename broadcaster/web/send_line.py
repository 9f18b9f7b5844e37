"""Sends: each in a process of its own, over the ledger in the store.

When the server ends, what is under way is finished and the broadcast paused, with a cause by which
the next server knows that it should go on. Nothing is lost when it is killed: the ledger tells.
"""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from broadcaster.channels import open_channel
from broadcaster.channels.base import Channel
from broadcaster.channels.stored_channel import ChannelSpec, split_stored_name, stored_name
from broadcaster.delivery import BroadcastSender, SendEvent, free_dead, new_owner
from broadcaster.errors import BroadcastError, NotNow, StoreError, WrongCommand
from broadcaster.model import Broadcast, BroadcastState, StopCause
from broadcaster.store import Store
from broadcaster.store.store import open_store
from broadcaster.web.child import Failed, work_in_process
from broadcaster.web.line import Line
from broadcaster.web.work import Outcome

__all__ = ["SendLine", "SendOrder", "send_in_process"]

_SENT_ALREADY = "This broadcast is being sent already."
_STILL_SENT = "This broadcast is still being sent; wait a moment and try again."
_QUICK_SECONDS = 5.0
_AGAIN_SECONDS = 0.5
_FINISH_SECONDS = 10.0
_GRACE_SECONDS = 35.0  # a call may take thirty


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOrder:
    """What to send by which channel. `environ` holds the channel's settings, its token included."""

    broadcast: str
    store: str
    via: ChannelSpec
    environ: Mapping[str, str]
    ca_bundle: str | None = None
    endpoint: str = ""
    host: str = ""
    folder: str = ""

    def __repr__(self) -> str:
        return f"SendOrder({self.broadcast!r})"


def send_in_process(order: SendOrder, pipe: Connection) -> None:
    """Send in a process of its own; the outcome is None, since the ledger has it."""
    work_in_process(lambda: asyncio.run(_send(order, pipe)), pipe)


async def _send(order: SendOrder, pipe: Connection) -> None:
    with closing(open_store(order.store)) as store:
        broadcast = store.broadcasts.get(order.broadcast)
        channel = open_channel(
            order.via.text, environ=order.environ, multicast=order.via.multicast,
            ca_bundle=order.ca_bundle,
        )  # fmt: skip

        def tell(told: SendEvent) -> None:
            with contextlib.suppress(OSError):  # that the server ended is heard below
                pipe.send((False, told))

        sender = BroadcastSender(store, broadcast, channel, owner=new_owner(), listener=tell)
        loop = asyncio.get_running_loop()

        def server_ended() -> None:
            loop.remove_reader(pipe.fileno())  # it is told once
            sender.stop(StopCause.SERVER_STOPPED)

        loop.add_signal_handler(signal.SIGINT, sender.stop, StopCause.SERVER_STOPPED)
        loop.add_reader(pipe.fileno(), server_ended)
        await channel.open()
        try:
            await sender.run()
        finally:
            loop.remove_reader(pipe.fileno())
            await channel.close()


class SendLine(Line):
    """The broadcasts that are being sent from here. `via` are the channels that may be used, and
    `ca_bundle` whom those over https trust besides. Raises WrongCommand for either.
    """

    def __init__(
        self,
        store: Store,
        via: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        ca_bundle: str | None = None,
        **settings: Any,
    ) -> None:
        if ca_bundle is not None:
            from broadcaster.channels.http_client import tls_context  # it loads an HTTP client

            tls_context(ca_bundle)  # told at the start, and not to a visitor
        self._ca_bundle = ca_bundle
        self._store = store
        self._address = store.url.render_as_string(hide_password=False)
        self._environ = dict(os.environ if environ is None else environ)
        self._channels = {stored_name(self._made(ChannelSpec(text=one))): one for one in via}
        self._failures: dict[str, str] = {}
        self._starting = threading.Lock()
        self._ended = threading.Event()
        self._going_on: threading.Thread | None = None
        super().__init__(send_in_process, grace_seconds=_GRACE_SECONDS, **settings)

    @property
    def channels(self) -> Sequence[str]:
        """The masked names of the channels, the usual one first."""
        return tuple(self._channels)

    def channel(self, name: str) -> Channel:
        """The channel of a masked name for a few questions, not yet open. Raises WrongCommand."""
        return self._made(self._via(name))

    def has(self, name: str) -> bool:
        """Whether what was begun with the channel of this name can be gone on with from here."""
        return split_stored_name(name)[0] in self._channels

    def takes_multicast(self, name: str) -> bool:
        """Whether rows of one text can go together on the channel of this masked name."""
        return self._channels.get(name) == "line"

    def _made(self, via: ChannelSpec) -> Channel:
        return open_channel(
            via.text, environ=self._environ, multicast=via.multicast,
            timeout_seconds=_QUICK_SECONDS, ca_bundle=self._ca_bundle, query_only=True,
        )  # fmt: skip

    def _via(self, name: str) -> ChannelSpec:
        plain, multicast = split_stored_name(name)
        if plain not in self._channels:
            raise WrongCommand(
                "This broadcast was begun with a channel that this window does not have; go on "
                "with the command line, or start the window with that channel (--via)."
            )
        return ChannelSpec(text=self._channels[plain], multicast=multicast)

    def start(
        self, broadcast: Broadcast, via: str, *, first: int | None = None,
        rate: float | None = None, at_least_once: bool = False,
    ) -> None:  # fmt: skip
        """Begin to send, or go on. Raises NotNow, WrongCommand."""
        order = SendOrder(
            broadcast=broadcast.id, store=self._address, via=self._via(via),
            environ=self._environ, ca_bundle=self._ca_bundle,
        )  # fmt: skip
        limit = None if first is None or first >= broadcast.rows else first
        self._let_finish(broadcast)
        with self._starting:  # of two who press at once, the second changes nothing of the first's
            self.require_room()
            self._require_unheld(broadcast)
            now = time.time()
            if limit is not None and not self._store.ledger.split(broadcast.number, limit, now):
                raise NotNow("These rows are just being sent; wait for that.")
            self._store.broadcasts.start_sending(
                broadcast.number, via=via, now=now, at_least_once=at_least_once, rate=rate,
                limit=limit,
            )  # fmt: skip
            self._failures.pop(broadcast.id, None)
            self.enter(broadcast.id, order)

    def _let_finish(self, broadcast: Broadcast) -> None:
        """Go on right after a pause without an error: its last calls may still be under way."""
        until = time.monotonic() + _FINISH_SECONDS
        while (progress := self.look(broadcast.id)) is not None and time.monotonic() < until:
            if self._store.broadcasts.state(broadcast.number) is BroadcastState.SENDING:
                return
            self.wait(broadcast.id, progress.version, _AGAIN_SECONDS)

    def _require_unheld(self, broadcast: Broadcast) -> None:
        """Raises NotNow while another sends it; frees what dead senders held."""
        if self.look(broadcast.id) is not None:
            now = self._store.broadcasts.state(broadcast.number)
            raise NotNow(_SENT_ALREADY if now is BroadcastState.SENDING else _STILL_SENT)
        if free_dead(self._store, broadcast.number):
            raise NotNow(_STILL_SENT)

    def go_on(self) -> None:
        """Send on, in the background, what the last server left behind. A process of it may still
        be finishing its calls, which is waited for; what cannot be sent on is told on its page.
        """
        left = [
            one.id
            for one in self._store.broadcasts.in_state(
                BroadcastState.SENDING, BroadcastState.PAUSED
            )
            if self._was_left(one) and self.has(one.via)
        ]
        left = [name for name in left if not self._sent_on(name)]
        if left:
            self._going_on = threading.Thread(target=self._go_on, args=(left,), name="go-on")
            self._going_on.start()

    def _go_on(self, left: list[str]) -> None:
        while left and not self._ended.wait(_AGAIN_SECONDS):
            left = [name for name in left if not self._sent_on(name)]

    def _sent_on(self, name: str) -> bool:
        """Whether nothing more is to be done about it."""
        try:
            broadcast = self._store.broadcasts.get(name)
            if not self._was_left(broadcast):
                return True
            if self.look(name) is not None:
                return False  # a process of the last server may still pause it, as its last act
            self.start(
                broadcast, broadcast.via, first=broadcast.limit, rate=broadcast.rate,
                at_least_once=broadcast.at_least_once,
            )  # fmt: skip
        except (NotNow, StoreError):
            return False
        except BroadcastError as error:
            self._failures[name] = str(error)
            return True
        return False

    def _was_left(self, broadcast: Broadcast) -> bool:
        """Whether a server that ended has left it unfinished; workers' broadcasts are theirs."""
        if self._store.chunk_queue.holds(broadcast.number):
            return False
        paused = broadcast.state is BroadcastState.PAUSED
        stopped = paused and broadcast.cause is StopCause.SERVER_STOPPED
        return stopped or broadcast.state is BroadcastState.SENDING

    def close(self) -> None:
        """Finish what is under way, and leave the rest to the next server."""
        self._ended.set()
        if self._going_on is not None:
            self._going_on.join()
        super().close()

    def failure(self, name: str) -> str:
        """Why it could not be sent, or not be sent on, if that is so."""
        return self._failures.get(name, "")

    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """The ledger has it already; what kept the process from sending pauses the broadcast."""
        if not (isinstance(outcome, Failed) and outcome.reason):
            return
        self._failures[name] = outcome.reason
        broadcast = self._store.broadcasts.get(name)
        if broadcast.state is BroadcastState.SENDING:
            number, now = broadcast.number, time.time()
            self._store.broadcasts.pause(number, StopCause.FAILED, now, reason=outcome.reason)
