"""ROW008 uid-format: uid is not an id of the channel."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import ChannelRule
from checker.rules.wording import rows_with

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

    def message(self, count: int, first: Location) -> str:
        channel = (self.context.config.channel or "").upper()
        return f"{rows_with(count, first)}: uid is not a user id of {channel}."
