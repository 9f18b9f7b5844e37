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
    summary = "an object names a member twice"
    fix = (
        "Build each object with a map or class, which has each name once, rather than by "
        "joining text."
    )

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'names', 'name')} a member twice in one object: {self.context.name(first.note)}."
