"""JSON008 too-deep: nested beyond the limit."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["TooDeep"]


class TooDeep(DefectRule):
    """See the help beside this file."""

    id = "JSON008"
    name = "too-deep"
    severity = Severity.ERROR
    clause = "G2"
    summary = "nested beyond the limit"
    fix = "Send a flat page: an object, its list, and in it objects of text."

    def message(self, count: int, first: Location) -> str:
        return (
            f"{pages_with(count, first)} {agree(count, 'is', 'are')} nested too deep: {first.note}."
        )
