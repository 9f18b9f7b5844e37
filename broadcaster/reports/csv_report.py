"""The report as CSV (RFC 4180), for a spreadsheet or a script. Pure.

`outcome` says what is known of each message: `not accepted`, `unknown` (it may have arrived), or
`not sent`.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from broadcaster.model import DeliveryState
from broadcaster.status import moment
from broadcaster.store.outcomes import Outcome

__all__ = ["csv_line", "csv_lines"]

_HEADS = ("row", "uid", "state", "reason", "attempts", "answered_at", "reference", "outcome")
_OUTCOMES = {
    DeliveryState.READY: "not sent",
    DeliveryState.SENDING: "unknown",
    DeliveryState.UNKNOWN: "unknown",
    DeliveryState.HELD: "unknown",
    DeliveryState.REFUSED: "not accepted",
    DeliveryState.ACCEPTED: "accepted",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet calculate a cell instead of showing it (OWASP, "CSV Injection")."""


def csv_lines(outcomes: Iterable[Outcome], *, show_data: bool) -> Iterator[str]:
    """The head and a line a row; `row` counts from 1."""
    yield csv_line([*_HEADS, *(["msg"] if show_data else [])])
    for one in outcomes:
        cells = [
            str(one.row + 1),
            one.uid,
            one.state.value,
            one.reason or "",
            str(one.attempt),
            moment(one.answered_at) or "",
            one.reference or "",
            _OUTCOMES[one.state],
        ]
        yield csv_line([*cells, *([one.msg] if show_data else [])])


def csv_line(cells: Sequence[str]) -> str:
    """A line of cells, none of which a spreadsheet would calculate."""
    text = io.StringIO()
    csv.writer(text).writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return text.getvalue()
