"""Sends: each in a process of its own, which works on the ledger in the store.

When the server ends, calls that have begun are finished and the broadcast is paused, with a cause
by which the next server knows that it should resume it. After a kill nothing is lost either: the
ledger holds the state of each row.
"""

import asyncio
import contextlib
import signal
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Channel
from broadcaster.channels.registry import kind_of
from broadcaster.channels.stored_channel import ChannelSpec, split_stored_name, stored_name
from broadcaster.delivery import BroadcastSender, SendEvent, free_dead, new_owner
from broadcaster.errors import BroadcastError, NotNow, StoreError, WrongCommand
from broadcaster.model import Broadcast, BroadcastState, Call, Delivery, StopCause
from broadcaster.store import Store
from broadcaster.store.store import open_store
from broadcaster.web.jobs.child_process import run_in_process
from broadcaster.web.jobs.job import Failed, Outcome
from broadcaster.web.jobs.job_queue import JobQueue

__all__ = ["SendJob", "SendJobs", "send_in_process"]

_SENT_ALREADY = "This broadcast is being sent already."
_STILL_SENT = "This broadcast is still being sent: wait a moment and try again."
_QUICK_SECONDS = 5.0
_AGAIN_SECONDS = 0.5
_FINISH_SECONDS = 10.0
_GRACE_SECONDS = 35.0  # a call may take thirty


@dataclass(frozen=True, slots=True, kw_only=True)
class SendJob:
    """What to send by which channel. `environ` holds the channel's settings and its token."""

    broadcast: str
    store: str
    via: ChannelSpec
    environ: Mapping[str, str]
    ca_bundle: str | None = None
    endpoint: str = ""
    host: str = ""
    folder: str = ""

    def __repr__(self) -> str:
        return f"SendJob({self.broadcast!r})"


def send_in_process(job: SendJob, pipe: Connection) -> None:
    """Send in this process, which is its own; the outcome is None, since the ledger holds it."""
    run_in_process(lambda: asyncio.run(_send(job, pipe)), pipe)


async def _send(job: SendJob, pipe: Connection) -> None:
    with closing(open_store(job.store)) as store:
        broadcast = store.broadcasts.get(job.broadcast)
        channel = open_channel(
            job.via.text,
            environ=job.environ,
            multicast=job.via.multicast,
            ca_bundle=job.ca_bundle,
        )

        def report(event: SendEvent) -> None:
            with contextlib.suppress(OSError):  # `server_ended` notices that the server is gone
                pipe.send((False, event))

        sender = BroadcastSender(store, broadcast, channel, owner=new_owner(), listener=report)
        loop = asyncio.get_running_loop()

        def server_ended() -> None:
            loop.remove_reader(pipe.fileno())  # once is enough
            sender.stop(StopCause.SERVER_STOPPED)

        loop.add_signal_handler(signal.SIGINT, sender.stop, StopCause.SERVER_STOPPED)
        loop.add_reader(pipe.fileno(), server_ended)
        await channel.open()
        try:
            await sender.run()
        finally:
            loop.remove_reader(pipe.fileno())
            await channel.close()


async def _send_one(channel: Channel, uid: str, msg: str) -> Answer:
    delivery = Delivery(
        broadcast=0,
        chunk=0,
        row=0,
        uid=uid,
        msg=msg,
        attempt=1,
        sent_with=0,
        first_attempt_at=time.time(),
    )
    call = Call(key=uuid.uuid4(), request=channel.render([uid], msg), deliveries=(delivery,))
    await channel.open()
    try:
        return await channel.send(call)
    finally:
        await channel.close()


class SendJobs(JobQueue):
    """The broadcasts that this window sends. `via` are the channels that it may use; `ca_bundle` is
    a file of further authorities that channels over https trust. Raises WrongCommand for either.
    """

    def __init__(
        self,
        store: Store,
        via: Sequence[str],
        *,
        environ: Mapping[str, str],
        ca_bundle: str | None = None,
        **settings: Any,
    ) -> None:
        if ca_bundle is not None:
            from broadcaster.channels.http_client import tls_context  # it loads an HTTP client

            tls_context(ca_bundle)  # an error is shown at the start, and not to a visitor
        self._ca_bundle = ca_bundle
        self._store = store
        self._address = store.url.render_as_string(hide_password=False)
        self._environ = dict(environ)
        self._channels = {stored_name(self._opened(ChannelSpec(text=spec))): spec for spec in via}
        self._failures: dict[str, str] = {}
        self._starting = threading.Lock()
        self._ended = threading.Event()
        self._resuming: threading.Thread | None = None
        super().__init__(send_in_process, grace_seconds=_GRACE_SECONDS, **settings)

    @property
    def channels(self) -> Sequence[str]:
        """The masked names of the channels, the default first."""
        return tuple(self._channels)

    def channel(self, name: str) -> Channel:
        """The channel of a masked name, not yet open, for questions only. Raises WrongCommand."""
        return self._opened(self._via(name))

    def has(self, name: str) -> bool:
        """Whether a broadcast by the channel of this stored name can be resumed here."""
        return split_stored_name(name)[0] in self._channels

    def takes_multicast(self, name: str) -> bool:
        """Whether the channel of this masked name can send rows with the same text in one call."""
        spec = self._channels.get(name)
        return spec is not None and kind_of(spec).takes_multicast

    def delivers(self, name: str) -> bool:
        """Whether the channel of this masked name reaches people."""
        spec = self._channels.get(name)
        return spec is not None and kind_of(spec).delivers

    def send_one(self, name: str, uid: str, msg: str) -> Answer:
        """Send one message now, outside of any broadcast, under a key of its own.

        Raises WrongCommand for a channel that cannot be opened.
        """
        return asyncio.run(_send_one(self._opened(self._via(name), query_only=False), uid, msg))

    def _opened(self, via: ChannelSpec, *, query_only: bool = True) -> Channel:
        return open_channel(
            via.text,
            environ=self._environ,
            multicast=via.multicast,
            timeout_seconds=_QUICK_SECONDS,
            ca_bundle=self._ca_bundle,
            query_only=query_only,
        )

    def _via(self, name: str) -> ChannelSpec:
        plain, multicast = split_stored_name(name)
        if plain not in self._channels:
            raise WrongCommand(
                "This broadcast was begun with a channel that this window does not have: resume it "
                "on the command line, or start the window with that channel (--via)."
            )
        return ChannelSpec(text=self._channels[plain], multicast=multicast)

    def start(
        self,
        broadcast: Broadcast,
        via: str,
        *,
        first: int | None = None,
        rate: float | None = None,
        at_least_once: bool = False,
    ) -> None:
        """Begin to send, or resume. Raises NotNow, WrongCommand."""
        job = SendJob(
            broadcast=broadcast.id,
            store=self._address,
            via=self._via(via),
            environ=self._environ,
            ca_bundle=self._ca_bundle,
        )
        limit = None if first is None or first >= broadcast.rows else first
        self._let_finish(broadcast)
        with self._starting:  # of two who press at once, the second changes nothing
            self.require_room()
            self._require_unheld(broadcast)
            now = time.time()
            if limit is not None and not self._store.ledger.split(broadcast.number, limit, now):
                raise NotNow("Some of these rows are being sent at the moment: try again.")
            self._store.broadcasts.start_sending(
                broadcast.number,
                via=via,
                now=now,
                at_least_once=at_least_once,
                rate=rate,
                limit=limit,
            )
            self._failures.pop(broadcast.id, None)
            self.enter(broadcast.id, job)

    def _let_finish(self, broadcast: Broadcast) -> None:
        """Let someone resume right after a pause: its last calls may not have ended yet."""
        until = time.monotonic() + _FINISH_SECONDS
        while (progress := self.look(broadcast.id)) is not None and time.monotonic() < until:
            if self._store.broadcasts.state(broadcast.number) is BroadcastState.SENDING:
                return
            self.wait(broadcast.id, progress.version, _AGAIN_SECONDS)

    def _require_unheld(self, broadcast: Broadcast) -> None:
        """Raises NotNow while another process sends it; frees the leases of dead senders."""
        if self.look(broadcast.id) is not None:
            now = self._store.broadcasts.state(broadcast.number)
            raise NotNow(_SENT_ALREADY if now is BroadcastState.SENDING else _STILL_SENT)
        if free_dead(self._store, broadcast.number):
            raise NotNow(_STILL_SENT)

    def resume_left(self) -> None:
        """Resume, in the background, the broadcasts that the last server did not finish. It waits
        for processes of that server which are finishing their calls. A broadcast that cannot be
        resumed says why on its page.
        """
        left = [
            broadcast.id
            for broadcast in self._store.broadcasts.in_state(
                BroadcastState.SENDING, BroadcastState.PAUSED
            )
            if self._was_left(broadcast) and self.has(broadcast.via)
        ]
        left = [name for name in left if not self._is_resumed(name)]
        if left:
            self._resuming = threading.Thread(target=self._resume_all, args=(left,), name="resume")
            self._resuming.start()

    def _resume_all(self, left: list[str]) -> None:
        while left and not self._ended.wait(_AGAIN_SECONDS):
            left = [name for name in left if not self._is_resumed(name)]

    def _is_resumed(self, name: str) -> bool:
        """Whether there is nothing left to do for it."""
        try:
            broadcast = self._store.broadcasts.get(name)
            if not self._was_left(broadcast):
                return True
            if self.look(name) is not None:
                return False  # a process of the last server may still pause it, as its last act
            self.start(
                broadcast,
                broadcast.via,
                first=broadcast.limit,
                rate=broadcast.rate,
                at_least_once=broadcast.at_least_once,
            )
        except (NotNow, StoreError):
            return False
        except BroadcastError as error:
            self._failures[name] = str(error)
            return True
        return False

    def _was_left(self, broadcast: Broadcast) -> bool:
        """Whether a server that ended did not finish it; what workers send is left to them."""
        if self._store.chunk_queue.holds(broadcast.number):
            return False
        paused = broadcast.state is BroadcastState.PAUSED
        stopped = paused and broadcast.cause is StopCause.SERVER_STOPPED
        return stopped or broadcast.state is BroadcastState.SENDING

    def close(self) -> None:
        """Finish the calls that have begun, and leave the rest to the next server."""
        self._ended.set()
        if self._resuming is not None:
            self._resuming.join()
        super().close()

    def failure(self, name: str) -> str:
        """Why it could not be sent or resumed; empty where it could."""
        return self._failures.get(name, "")

    def finish(self, name: str, outcome: Outcome, *, out_of_time: bool) -> None:
        """Pause a broadcast whose process failed; the ledger holds everything else already."""
        if not (isinstance(outcome, Failed) and outcome.reason):
            return
        self._failures[name] = outcome.reason
        broadcast = self._store.broadcasts.get(name)
        if broadcast.state is BroadcastState.SENDING:
            number, now = broadcast.number, time.time()
            self._store.broadcasts.pause(number, StopCause.FAILED, now, reason=outcome.reason)
