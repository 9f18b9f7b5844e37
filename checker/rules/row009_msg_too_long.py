"""ROW009 msg-too-long: msg is over the channel's limit."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import ChannelRule, rows_with

__all__ = ["MsgTooLong"]


class MsgTooLong(ChannelRule):
    """See the help beside this file."""

    id = "ROW009"
    name = "msg-too-long"
    severity = Severity.ERROR
    clause = "G2"
    summary = "msg is over the channel's limit"
    fix = "Shorten the message, or send it as several rows."

    member = "msg"

    def message(self, count: int, first: Place) -> str:
        channel = (self.trail.config.channel or "").upper()
        return f"{rows_with(count, first)} whose msg is too long for {channel}: {first.note}."
