"""JSON005 duplicate-keys: an object names a member twice."""

from checker.model import Place
from checker.outcome import Severity
from checker.rules import OddityRule, agree, pages_with

__all__ = ["DuplicateKeys"]


class DuplicateKeys(OddityRule):
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

    def message(self, count: int, first: Place) -> str:
        return f"{pages_with(count, first)} {agree(count, 'names', 'name')} a member twice in one object: {self.trail.name(first.note)}."
