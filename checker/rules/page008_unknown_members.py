"""PAGE008 unknown-members: members other than list and next."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import near_miss, page_of, pointer_to

__all__ = ["UnknownMembers"]

_KNOWN = {"list", "next"}
_LIKE_LIST = {"data", "items", "results", "rows", "records", "recipients", "content", "contacts"}
_LIKE_NEXT = {
    "cursor",
    "token",
    "nexttoken",
    "nextpage",
    "nextcursor",
    "nextpagetoken",
    "nextpageurl",
}


class UnknownMembers(Rule):
    """See the help beside this file."""

    id = "PAGE008"
    name = "unknown-members"
    severity = Severity.INFO
    clause = "G2"
    summary = "members other than list and next"
    fix = "Rename a member that was meant to be `list` or `next`; the others need no change."
    needs = frozenset({Need.PAGE})

    def on_page(self, page: Page) -> Iterable[Location]:
        if not isinstance(page.document, dict) or page.document.keys() <= _KNOWN:
            return
        for name in (name for name in page.document if name not in _KNOWN):
            meant = near_miss(name, {"list": _LIKE_LIST, "next": _LIKE_NEXT})
            note = self.context.name(name) + (f" (did you mean {meant}?)" if meant else "")
            yield Location(
                exchange=page.exchange, pointer=pointer_to(self.context.name(name)), note=note
            )

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"{page_of(first)} has a member that is ignored: {first.note}."
        return f"{count:,} members of pages are ignored. The first is {first.note}."
