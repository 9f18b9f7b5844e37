"""Reports of a broadcast: who did not get it, and why. A row at a time, however many there are."""

from collections.abc import Callable, Iterator

from broadcaster.model import Broadcast, DeliveryState
from broadcaster.reports.csv_report import csv_lines
from broadcaster.reports.html_report import html_parts
from broadcaster.store import Store
from broadcaster.store.outcomes import Outcome

__all__ = ["FORMATS", "write_report"]

FORMATS = ("csv", "html")

_NOT_ACCEPTED = tuple(state for state in DeliveryState if state is not DeliveryState.ACCEPTED)


def write_report(
    store: Store,
    broadcast: Broadcast,
    form: str,
    write: Callable[[str], object],
    *,
    show_data: bool = False,
) -> None:
    """Write each row that was not accepted, in one of `FORMATS`. Messages only with `show_data`."""

    def rows(state: DeliveryState, reason: str | None) -> Iterator[Outcome]:
        return store.outcomes.each(broadcast.number, states=[state], reason=reason)

    if form == "csv":
        every = store.outcomes.each(broadcast.number, states=_NOT_ACCEPTED)
        parts = csv_lines(every, show_data=show_data)
    else:
        causes = store.outcomes.causes(broadcast.number)
        parts = html_parts(broadcast, causes, rows, show_data=show_data)
    for part in parts:
        write(part)
