"""JSON005 duplicate-keys: an object names a member twice."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["DuplicateKeys"]


class DuplicateKeys(DefectRule):
    """See the help beside this file."""

    id = "JSON005"
    name = "duplicate-keys"
    severity = Severity.ERROR
    clause = "G2"
    summary = "an object has two members of one name"
    fix = (
        "Build each object with a map or class, which has each name once, rather than by "
        "joining text."
    )

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        name = self.context.name(first.note)
        return f"{pages_with(count, first)} {has} an object with two members of one name: {name}."
