"""Pages that share rows, or change when they are asked for again."""

from checker.core.model import Probe, Purpose
from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.overlaps import overlaps_of
from checker.text.display import plural


def _cursor_included(facts: Facts, _rule: str) -> Seen | None:
    found = overlaps_of(facts.pages)
    if found.pairs or not found.only_borders or found.widths != {1}:
        return None
    if len(found.borders) < found.all_borders:
        return None
    borders = (
        "the one border" if found.all_borders == 1 else f"each of the {found.all_borders} borders"
    )
    return seen(
        f"At {borders} the last row of a page is the first of the next; all other rows appear once."
    )


def _step_too_small(facts: Facts, _rule: str) -> Seen | None:
    found = overlaps_of(facts.pages)
    widths = found.widths
    if (
        found.pairs
        or not found.only_borders
        or len(widths) != 1
        or len(found.borders) < found.all_borders
    ):
        return None
    width = next(iter(widths))
    size = max((page.rows for page in facts.pages), default=0)
    if width < 2 or found.all_borders < 2:
        return None
    line = (
        f"At each of the {found.all_borders} borders the last {width} rows of a page are "
        f"the first {width} of the next."
    )
    return Seen((line,), {"size": str(size), "step": str(size - width), "width": str(width)})


def _joined(facts: Facts, _rule: str) -> Seen | None:
    found = overlaps_of(facts.pages)
    if found.pairs < 2 or "ROW012" not in facts.counts:
        return None
    return seen(f"{found.pairs:,} rows directly follow an equal row on the same page.")


def _wraps(facts: Facts, rule: str) -> Seen | None:
    found = overlaps_of(facts.pages)
    if found.wraps_at is None or len(facts.pages) < 3:
        return None
    if rule == "NEXT005" and found.wraps_to != 1:
        return None
    return seen(
        f"From page {found.wraps_at} on every row came before, beginning with page "
        f"{found.wraps_to}.",
        page=str(found.wraps_at),
    )


def _replays(facts: Facts) -> list[Probe]:
    return list(facts.probed(Purpose.REPLAY))


def _rows_of(probe: Probe) -> tuple[list[int], list[int]]:
    if probe.page is None or probe.reference is None:
        return [], []
    return list(probe.reference.row_hashes), list(probe.page.row_hashes)


def _on_top(probe: Probe) -> int:
    """How many new rows stand above the known ones in a page asked again."""
    before, after = _rows_of(probe)
    known = set(before)
    new = 0
    while new < len(after) and after[new] not in known:
        new += 1
    return new if 0 < new < len(after) and after[new:] == before[: len(after) - new] else 0


def _newest_first(facts: Facts, _rule: str) -> Seen | None:
    for probe in _replays(facts):
        new = _on_top(probe)
        if new and probe.reference is not None:
            number = probe.reference.number
            return seen(
                f"Page {number}, asked again, has {plural(new, 'new row')} at its top, and the "
                "others behind them."
            )
    return None


def _shifted_once(facts: Facts, _rule: str) -> Seen | None:
    """Some borders overlap, others do not, and nothing else appears again."""
    found = overlaps_of(facts.pages)
    fine = found.all_borders - len(found.borders)
    if found.pairs or not found.only_borders or not 0 < fine < found.all_borders:
        return None
    first = ", ".join(
        f"between pages {page - 1} and {page} ({plural(width, 'row')})"
        for page, width in found.borders[:3]
    )
    are = "is" if fine == 1 else "are"
    return seen(
        f"The last rows of a page are the first of the next only {first}; "
        f"{plural(fine, 'other border')} {are} fine."
    )


def _other_order(facts: Facts, _rule: str) -> Seen | None:
    """A page asked again, whose rows that are the same stand in another order."""
    for probe in _replays(facts):
        before, after = _rows_of(probe)
        shared = set(before) & set(after)
        if len(shared) < 2 or [row for row in before if row in shared] == [
            row for row in after if row in shared
        ]:
            continue
        number = probe.reference.number if probe.reference is not None else 1
        if len(shared) == len(before) == len(after):
            return seen(f"Page {number}, asked again, has the same rows in another order.")
        return seen(
            f"Page {number}, asked again, has {len(shared):,} of its {len(before):,} rows, in "
            "another order."
        )
    return None


def _scattered(facts: Facts, _rule: str) -> Seen | None:
    found = overlaps_of(facts.pages)
    if found.pairs or found.repeated < 2 or found.within_borders * 2 > found.repeated:
        return None
    return seen(f"{found.repeated:,} rows appear on a second page, at no border and in no pattern.")


def _once(facts: Facts, _rule: str) -> Seen | None:
    for probe in _replays(facts):
        exchange = probe.exchange
        if exchange.token is not None and exchange.status is not None and exchange.status >= 400:
            line = (
                f"Page {exchange.page} came, and the same request once more is answered "
                f"{exchange.status}."
            )
            return Seen((line,))
    return None


def _scroll(facts: Facts, _rule: str) -> Seen | None:
    nexts = [page.next for page in facts.pages if isinstance(page.next, str) and page.next]
    if len(nexts) < 2 or len(set(nexts)) > 1:
        return None
    return seen(
        f"Pages 1 to {len(nexts)} all give the same next, and each answer to it has other rows."
    )


def _goes_on(facts: Facts, _rule: str) -> Seen | None:
    for probe in _replays(facts):
        before, after = _rows_of(probe)
        if before and after and not set(before) & set(after):
            number = probe.reference.number if probe.reference is not None else 1
            following = facts.page(number + 1)
            lines = [f"Page {number}, asked again, has none of its {len(before)} rows."]
            if following is not None and set(after) & set(following.row_hashes):
                lines.append(f"It has those of page {number + 1}.")
            return Seen(tuple(lines))
        if before and probe.page is not None and not probe.page.row_count:
            return seen("A page with rows, asked again, is empty.")
    return None


joined_twice = Cause(
    name="join-doubles-rows",
    rules=("NEXT006", "ROW012"),
    looks=_joined,
    sentence=(
        "A JOIN gives a row for each match, so people with two matches appear twice, side "
        "by side; pairs that a page border parts count as an overlap."
    ),
    fix=(
        "Select each person once: EXISTS in place of the JOIN, or SELECT DISTINCT with the "
        "same ORDER BY."
    ),
    follows=("ROW012", "NEXT006"),
)


wrapped_around = Cause(
    name="position-wraps",
    rules=("NEXT006", "NEXT005"),
    looks=_wraps,
    sentence=(
        "From page {page} on the position begins again: a counter that wraps, or a "
        "modulo, or an offset that is reset."
    ),
    fix='End the data with "next": "" after the last row in place of starting again.',
)


cursor_included = Cause(
    name="cursor-included",
    rules=("NEXT006",),
    looks=_cursor_included,
    sentence=(
        "The next page begins with the row that the token names, not after it: the query "
        "compares with >= (or <=) in place of > (or <)."
    ),
    fix=(
        "Use > in place of >=: WHERE id > :last ORDER BY id LIMIT n, where :last is the last "
        "row's id of the page before."
    ),
    snippets={
        "laravel": "->where('id', '>', $last)->orderBy('id').",
        "django": ".filter(id__gt=last).order_by('id') in place of id__gte.",
        "ruby on rails": "where('id > ?', last).order(:id).",
    },
)


step_too_small = Cause(
    name="step-too-small",
    rules=("NEXT006",),
    looks=_step_too_small,
    sentence=(
        "Pages hold {size} rows and the position moves by {step} only: {width} rows "
        "come twice at each border."
    ),
    fix=(
        "Go on by as many rows as the page holds (LIMIT and the step from one constant), or "
        "page by a key: WHERE id > :last."
    ),
)


newest_first = Cause(
    name="newest-first-offset",
    rules=("NEXT006", "NEXT007"),
    looks=_newest_first,
    sentence=(
        "The newest rows come first and pages are counted by OFFSET or page number, so "
        "each row added during the crawl pushes the others onto the next page."
    ),
    fix=(
        "Page by a key that grows, oldest first: WHERE id > :last ORDER BY id LIMIT n. New "
        "rows then come at the end."
    ),
    follows=("NEXT007", "NEXT006"),
)


shifted_once = Cause(
    name="rows-shifted",
    rules=("NEXT006",),
    looks=_shifted_once,
    sentence=(
        "Rows were most likely added before the position while the crawl was under way: pages by "
        "OFFSET or page number, with the newest rows first."
    ),
    fix="Page by a key that grows, oldest first: WHERE id > :last ORDER BY id LIMIT n.",
    follows=("NEXT007",),
)
no_order = Cause(
    name="no-unique-order",
    rules=("NEXT006", "NEXT007"),
    looks=_other_order,
    sentence=(
        "The query has no ORDER BY over a unique column (LIMIT without ORDER BY, or by a "
        "date alone), so the database gives the rows in any order."
    ),
    fix=(
        "Order by a unique column, as the last of the ORDER BY at least: ORDER BY created_at, "
        "id; and page by the same columns."
    ),
    follows=("NEXT006", "NEXT007"),
)


scattered = Cause(
    name="scattered-repeats",
    rules=("NEXT006",),
    looks=_scattered,
    sentence=(
        "The order of the rows most likely changes between pages: no ORDER BY over a "
        "unique column, or a sort key that changes during the crawl."
    ),
    fix=(
        "Order by a unique column that does not change (ORDER BY id), and page by it: WHERE id "
        "> :last."
    ),
)


works_once = Cause(
    name="token-works-once",
    rules=("NEXT007", "NEXT008"),
    looks=_once,
    sentence=(
        "A token works once: the server forgets it when it is used, as a scroll or a "
        "one-time key does, so a page whose answer is lost on the way cannot be asked for again."
    ),
    fix=(
        "Let a token say where the page starts (the last row's id), so that it can be asked "
        "again at any time; or keep a used token for some minutes."
    ),
)


scroll = Cause(
    name="scroll-cursor",
    rules=("NEXT008", "NEXT003"),
    looks=_scroll,
    sentence=(
        "One token is used for all pages and the server keeps the position, as a scroll or "
        "a database cursor does: an answer that is lost loses its rows."
    ),
    fix=(
        "Give each page a token of its own that says where it starts: search_after in place of "
        "scroll in Elasticsearch, WHERE id > :last in SQL."
    ),
)


kept_position = Cause(
    name="position-kept-by-server",
    rules=("NEXT008",),
    looks=_goes_on,
    sentence=(
        "The server remembers how far it came (in a session, a global variable or an open "
        "cursor) and continues from there, whatever the token says."
    ),
    fix="Start each page from the token alone; keep no position on the server.",
)
