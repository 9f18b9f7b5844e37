"""Sends through a channel as the sender does: opened, many calls at once, closed."""

import asyncio
import uuid
from collections.abc import Sequence

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Channel
from broadcaster.model import Call, Delivery, retry_key

UID = "U570455830be041809ec70c6539b8e68a"


def call_of(
    channel: Channel, uid: str = UID, msg: str = "Hello", row: int = 0, key: uuid.UUID | None = None
) -> Call:
    """One row as a call."""
    return group_of(channel, [uid], msg, row, key)


def group_of(
    channel: Channel, uids: Sequence[str], msg: str, row: int = 0, key: uuid.UUID | None = None
) -> Call:
    """Rows of one text as a call."""
    deliveries = tuple(
        Delivery(
            broadcast=1,
            chunk=0,
            row=row + place,
            uid=uid,
            msg=msg,
            attempt=1,
            sent_with=row,
            first_attempt_at=0.0,
        )
        for place, uid in enumerate(uids)
    )
    return Call(
        key=key or retry_key("b", row, 0),
        request=channel.render(uids, msg),
        deliveries=deliveries,
    )


def send_all(channel: Channel, calls: Sequence[Call]) -> list[Answer]:
    """The answers, in the calls' order."""

    async def run() -> list[Answer]:
        await channel.open()
        try:
            return list(await asyncio.gather(*(channel.send(call) for call in calls)))
        finally:
            await channel.close()

    return asyncio.run(run())


def send_one(spec: str, environ: dict[str, str] | None = None, **options: object) -> Answer:
    """The answer to one row through the channel of a spec."""
    channel = open_channel(spec, environ=environ or {}, **options)  # type: ignore[arg-type]
    return send_all(channel, [call_of(channel)])[0]
