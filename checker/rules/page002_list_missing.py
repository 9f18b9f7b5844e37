"""PAGE002 list-missing: no list."""

from checker.diagnosis import paginator_of
from checker.model import Place
from checker.outcome import Severity
from checker.rules import SchemaRule, agree, pages_with

__all__ = ["ListMissing"]


class ListMissing(SchemaRule):
    """See the help beside this file."""

    id = "PAGE002"
    name = "list-missing"
    severity = Severity.ERROR
    clause = "G2"
    summary = "no list"
    fix = "Put the rows into a member that is named exactly `list`, on the root."

    def _found(self, first: Place) -> str:
        members = list(first.value) if isinstance(first.value, dict) else []
        shown = ", ".join(self.trail.name(name) for name in members[:6])
        paginator = paginator_of(set(members))
        whose = f", as {paginator} sends it" if paginator else ""
        return f"; its members are {shown}{whose}" if shown else ""

    def message(self, count: int, first: Place) -> str:
        return f"{pages_with(count, first)} {agree(count, 'has', 'have')} no member list{self._found(first)}."
