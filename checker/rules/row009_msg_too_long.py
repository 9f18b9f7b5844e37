"""ROW009 msg-too-long: msg is over the channel's limit."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import ChannelRule
from checker.rules.wording import rows_with

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

    def message(self, count: int, first: Location) -> str:
        channel = (self.context.config.channel or "").upper()
        return f"{rows_with(count, first)}: msg is too long for {channel}: {first.note}."
