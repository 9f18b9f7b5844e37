"""ROW014 unknown-row-members: members other than uid and msg."""

from collections.abc import Iterable

from checker.core.model import Location, Page
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.wording import near_miss, pointer_to, rows_with

__all__ = ["UnknownRowMembers"]

_KNOWN = {"uid", "msg"}
_LIKE_UID = {"id", "userid", "user", "lineid", "lineuserid", "uuid", "to"}
_LIKE_MSG = {"message", "text", "body", "content", "mesg"}


class UnknownRowMembers(Rule):
    """See the help beside this file."""

    id = "ROW014"
    name = "unknown-row-members"
    severity = Severity.INFO
    clause = "G2"
    summary = "members other than uid and msg"
    fix = (
        "Rename a member that was meant to be `uid` or `msg`, and leave out the others: they may be "
        "personal data."
    )
    needs = frozenset({Need.PAGE, Need.EVERY_ROW})

    def on_page(self, page: Page) -> Iterable[Location]:
        if page.bare:
            return
        for index, row in enumerate(page.rows):
            if isinstance(row, dict) and not row.keys() <= _KNOWN:
                name = next(name for name in row if name not in _KNOWN)
                meant = near_miss(name, {"uid": _LIKE_UID, "msg": _LIKE_MSG})
                note = self.context.name(name) + (f" (did you mean {meant}?)" if meant else "")
                yield Location(
                    exchange=page.exchange,
                    pointer=f"/list/{index}{pointer_to(self.context.name(name))}",
                    note=note,
                )

    def message(self, count: int, first: Location) -> str:
        if count == 1:
            return f"{rows_with(1, first)} has a member that is ignored: {first.note}."
        return f"{rows_with(count, first)} have members that are ignored, such as {first.note}."
