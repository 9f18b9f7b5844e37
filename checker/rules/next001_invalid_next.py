"""NEXT001 invalid-next: next is true, a fraction, a non-empty array or object, or a blank string."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import pages_with, type_name

__all__ = ["InvalidNext"]


class InvalidNext(SchemaRule):
    """See the help beside this file."""

    id = "NEXT001"
    name = "invalid-next"
    severity = Severity.ERROR
    clause = "G4"
    summary = "next is true, a fraction, a non-empty array or object, or a blank string"
    fix = "Send `next` as a string: the next page's token, and an empty string on the last page."

    def note(self, value: object) -> str:
        return "a blank string" if isinstance(value, str) else type_name(value)

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)}: next is {first.note}, which is not a token."
