"""JSON007 lone-surrogate: a \\uD800-style escape without its pair."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["LoneSurrogate"]


class LoneSurrogate(DefectRule):
    """See the help beside this file."""

    id = "JSON007"
    name = "lone-surrogate"
    severity = Severity.ERROR
    clause = "G2"
    summary = "a \\\\uD800-style escape without its pair"
    fix = (
        "Cut text between whole characters, not between the two halves of an emoji, and let "
        "the JSON library write the escapes."
    )

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        return f"{pages_with(count, first)} {has} text that cannot be sent: {first.note}."
