"""PAGE002 list-missing: no list."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import SchemaRule
from checker.rules.wording import agree, pages_with
from checker.signatures.paginators import paginator_of

__all__ = ["ListMissing"]


class ListMissing(SchemaRule):
    """See the help beside this file."""

    id = "PAGE002"
    name = "list-missing"
    severity = Severity.ERROR
    clause = "G2"
    summary = "no list"
    fix = "Put the rows into a member that is named exactly `list`, on the root."

    def _found(self, first: Location) -> str:
        members = list(first.value) if isinstance(first.value, dict) else []
        shown = ", ".join(self.context.name(name) for name in members[:6])
        paginator = paginator_of(set(members))
        whose = f" ({paginator} sends these)" if paginator else ""
        are = "only member is" if len(members) == 1 else "members are"
        return f" Its {are} {shown}{whose}." if shown else ""

    def message(self, count: int, first: Location) -> str:
        has = agree(count, "has", "have")
        return f"{pages_with(count, first)} {has} no member list.{self._found(first)}"
