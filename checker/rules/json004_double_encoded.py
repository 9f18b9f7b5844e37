"""JSON004 double-encoded: a JSON string that itself holds the JSON."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["DoubleEncoded"]


class DoubleEncoded(DefectRule):
    """See the help beside this file."""

    id = "JSON004"
    name = "double-encoded"
    severity = Severity.ERROR
    clause = "G2"
    summary = "a JSON string that itself holds the JSON"
    fix = (
        "Encode once: hand the object, not its JSON text, to the function that writes the response."
    )

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'was', 'were')} encoded as JSON twice: {first.note}."
