"""JSON008 too-deep: nested beyond the limit."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import OddityRule, agree, pages_with

__all__ = ["TooDeep"]


class TooDeep(OddityRule):
    """See the help beside this file."""

    id = "JSON008"
    name = "too-deep"
    severity = Severity.ERROR
    clause = "G2"
    summary = "nested beyond the limit"
    fix = "Send a flat page: an object, its list, and in it objects of text."

    def message(self, count: int, first: Place) -> str:
        return (
            f"{pages_with(count, first)} {agree(count, 'is', 'are')} nested too deep: {first.note}."
        )
