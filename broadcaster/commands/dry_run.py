"""`--dry-run`: everything but the calls. Each request is made, some are shown to the channel."""

from typing import TextIO

from broadcaster import exits
from broadcaster.commands.send_options import SendOptions
from broadcaster.delivery.dry_run import dry_run
from broadcaster.model import Broadcast
from broadcaster.store import Store
from checker import plural, visible

__all__ = ["print_dry_run"]


def print_dry_run(
    store: Store, broadcast: Broadcast, send_options: SendOptions, out: TextIO
) -> int:
    """Print what would be sent; the exit status. The store stays as it is."""
    limit = (
        broadcast.rows if send_options.first is None else min(send_options.first, broadcast.rows)
    )
    made = dry_run(store, broadcast, send_options.channel.make(), limit)
    out.write(
        f"{plural(made.calls, 'request')} prepared for {plural(limit, 'row')}, "
        f"{made.size_bytes:,} bytes.\n"
    )
    fault = (
        send_options.channel.ask(lambda opened: opened.validate(made.samples))
        if made.calls
        else None
    )
    if fault is not None:
        out.write(f"The channel would refuse a sample: {visible(fault)}\n")
        return exits.NOT_ALL
    out.write("Dry run: nothing was sent, nothing was changed.\n")
    return exits.OK
