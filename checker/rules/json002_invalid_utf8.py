"""JSON002 invalid-utf8: the body is not UTF-8."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["InvalidUtf8"]


class InvalidUtf8(DefectRule):
    """See the help beside this file."""

    id = "JSON002"
    name = "invalid-utf8"
    severity = Severity.ERROR
    clause = "G2"
    summary = "the body is not UTF-8"
    fix = "Write the response in UTF-8, and read the data in the encoding in which it was saved."
    needs = frozenset({Need.RAW_BYTES, Need.PAGE})

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'is', 'are')} not UTF-8: {first.note}."
