"""PAGE003 list-not-array: list is not an array."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import pages_with, type_name

__all__ = ["ListNotArray"]


class ListNotArray(SchemaRule):
    """See the help beside this file."""

    id = "PAGE003"
    name = "list-not-array"
    severity = Severity.ERROR
    clause = "G2"
    summary = "list is not an array"
    fix = "Send `list` as an array of objects, also when there is one row or none."

    def note(self, value: object) -> str:
        if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
            return "a string that holds JSON"
        if isinstance(value, dict):
            if not value:
                return "an empty object"
            return f"an object with keys such as {self.context.name(next(iter(value)))}"
        return type_name(value)

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)}: list is {first.note} (it must be an array)."
