"""NEXT002 unusual-next: next is an integer, false, [] or {}."""

import json

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import pages_with

__all__ = ["UnusualNext"]


class UnusualNext(SchemaRule):
    """See the help beside this file."""

    id = "NEXT002"
    name = "unusual-next"
    severity = Severity.WARNING
    clause = "G4"
    summary = "next is an integer, false, [] or {}"
    fix = "Send `next` as a string: the token in quotes, and an empty string on the last page."

    def note(self, value: object) -> str:
        return self.context.show(json.dumps(value), 30)

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)}: next is {first.note} (it should be a string)."
