"""`broadcast run`: load and send in one command."""

import argparse
from contextlib import closing

from broadcaster import exits
from broadcaster.commands.load import Prospect, add_target, config_of, load, told
from broadcaster.commands.opening import opened_store
from broadcaster.commands.order import add_first, add_pace_arguments, add_via, order_of
from broadcaster.commands.send import carry_out, require_sendable

__all__ = ["HELP", "add_arguments", "run"]

HELP = "load an endpoint or a CSV file and send it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_target(parser)
    add_via(parser, explained="the channel", required=True)
    add_first(parser)
    add_pace_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Load, and send what is complete."""
    order = order_of(options)
    config = config_of(options, order.choice)
    with closing(opened_store(options)) as store:
        prospect = Prospect(choice=order.choice, quota=order.choice.quota(), rate=order.rate)
        result = load(store, options, config)
        status = told(result, options, prospect, sends=True)
        if status != exits.OK:
            return status
        require_sendable(store, result.broadcast)
        return carry_out(store, result.broadcast, order, prospect.quota, summed_up=True)
