"""JSON001 not-json: the body does not parse as JSON."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["NotJson"]


class NotJson(DefectRule):
    """See the help beside this file."""

    id = "JSON001"
    name = "not-json"
    severity = Severity.ERROR
    clause = "G2"
    summary = "the body does not parse as JSON"
    fix = (
        "Send nothing but the JSON: build it with your language's JSON library, and turn off "
        "whatever else prints into the response."
    )

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'is', 'are')} not JSON: {first.note}."
