"""JSON006 non-standard-number: NaN or Infinity."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["NonStandardNumber"]


class NonStandardNumber(DefectRule):
    """See the help beside this file."""

    id = "JSON006"
    name = "non-standard-number"
    severity = Severity.ERROR
    clause = "G2"
    summary = "NaN or Infinity"
    fix = (
        "Send null, a number within a double's range, or text instead; let the JSON library "
        "refuse NaN."
    )

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        return f"{pages_with(count, first)} {has} a number that JSON does not allow: {first.note}."
