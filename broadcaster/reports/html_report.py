"""The report as one HTML file that needs nothing else: causes first, then people. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import islice

from broadcaster.model import Broadcast, DeliveryState
from broadcaster.status import moment
from broadcaster.store.outcomes import OTHER_REASONS, Cause, Outcome
from broadcaster.terminal.words import counts_words, source_words
from checker import plural, visible

__all__ = ["html_parts"]

_SHOWN_ROWS = 5_000
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid #8886; padding: .25rem .75rem .25rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
summary { cursor: pointer; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_parts(
    broadcast: Broadcast,
    causes: Sequence[Cause],
    rows: Callable[[DeliveryState, str | None], Iterable[Outcome]],
    *,
    show_data: bool,
) -> Iterator[str]:
    """The file, part by part. `rows` gives those of a cause."""
    failed = [one for one in causes if one.state is not DeliveryState.ACCEPTED]
    title = f"Broadcast {broadcast.id}: who did not get it"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_safe(title)}</h1>\n"
        f"<p>From {_safe(source_words(broadcast))}, by {_safe(broadcast.via or 'no channel yet')}. "
        f"It is {broadcast.state.value}: {_safe(counts_words(broadcast.counts))} of "
        f"{plural(broadcast.rows, 'row')}.</p>\n"
    )
    if not failed:
        yield "<p>Every row was accepted.</p>\n"
    else:
        yield "<h2>Causes</h2>\n" + _table(["", "state", "cause"], map(_cause_cells, failed))
        yield "<h2>People</h2>\n"
    for cause in failed:
        yield from _people(cause, rows, show_data=show_data)
    yield "</body>\n</html>\n"


def _people(
    cause: Cause,
    rows: Callable[[DeliveryState, str | None], Iterable[Outcome]],
    *,
    show_data: bool,
) -> Iterator[str]:
    if cause.reason == OTHER_REASONS:
        return  # too many different ones; the CSV has them
    found = (one for one in rows(cause.state, cause.reason) if one.reason == cause.reason)
    heads = ["row", "uid", "attempts", "answered", "reference", *(["message"] if show_data else [])]
    cells = (_row_cells(one, show_data=show_data) for one in islice(found, _SHOWN_ROWS))
    yield (
        f"<details open>\n<summary>{plural(cause.rows, 'row')} {cause.state.value}: "
        f"{_safe(cause.reason or 'not sent yet')}</summary>\n"
    )
    yield _table(heads, cells)
    if cause.rows > _SHOWN_ROWS:
        yield f"<p>The first {_SHOWN_ROWS:,}; the report as CSV has all.</p>\n"
    yield "</details>\n"


def _cause_cells(cause: Cause) -> list[str]:
    return [f"{cause.rows:,}", cause.state.value, cause.reason or "not sent yet"]


def _row_cells(one: Outcome, *, show_data: bool) -> list[str]:
    cells = [
        f"{one.row + 1:,}",
        one.uid,
        str(one.attempt),
        moment(one.answered_at) or "",
        one.reference or "",
    ]
    return [*cells, one.msg] if show_data else cells


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_safe(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in line) + "</tr>\n" for line in lines
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _safe(text: str) -> str:
    return escape(visible(text))
