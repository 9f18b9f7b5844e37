"""JSON006 non-standard-number: NaN or Infinity."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import OddityRule, agree, pages_with

__all__ = ["NonStandardNumber"]


class NonStandardNumber(OddityRule):
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

    def message(self, count: int, first: Place) -> str:
        return f"{pages_with(count, first)} {agree(count, 'holds', 'hold')} a number that JSON does not have: {first.note}."
