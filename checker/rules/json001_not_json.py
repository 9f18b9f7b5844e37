"""JSON001 not-json: the body does not parse as JSON."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import OddityRule, pages_with

__all__ = ["NotJson"]


class NotJson(OddityRule):
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

    def message(self, count: int, first: Place) -> str:
        return f"{pages_with(count, first)} cannot be read as JSON: {first.note}."
