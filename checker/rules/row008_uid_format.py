"""ROW008 uid-format: uid is not an id of the channel."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import ChannelRule, rows_with

__all__ = ["UidFormat"]


class UidFormat(ChannelRule):
    """See the help beside this file."""

    id = "ROW008"
    name = "uid-format"
    severity = Severity.ERROR
    clause = "G2"
    summary = "uid is not an id of the channel"
    fix = (
        "Send the user id that the channel gave you, for LINE `U` and 32 lower-case hex "
        "digits: not the display name, the phone number or an id of your own."
    )

    member = "uid"

    def message(self, count: int, first: Place) -> str:
        channel = (self.trail.config.channel or "").upper()
        return f"{rows_with(count, first)} whose uid is no user id of {channel}."
