"""PAGE001 root-not-object: the root is not an object."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import pages_with

__all__ = ["RootNotObject"]


class RootNotObject(SchemaRule):
    """See the help beside this file."""

    id = "PAGE001"
    name = "root-not-object"
    severity = Severity.ERROR
    clause = "G2"
    summary = "the root is not an object"
    fix = 'Wrap the rows: {"list": [...], "next": "..."}.'

    def message(self, count: int, first: Location) -> str:
        return (
            f"{pages_with(count, first)}: the root is {first.note} "
            "(it must be an object with list and next)."
        )
