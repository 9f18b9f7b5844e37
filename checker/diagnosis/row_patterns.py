"""What all rows with a fault have in common, and which rows are fine. Pure."""

from itertools import pairwise

from checker.diagnosis.facts import Facts, FaultyRows

__all__ = ["common_to_rows"]

_FEW = 3


def common_to_rows(rule: str, facts: Facts) -> str | None:
    """One line on where the faulty rows are; None where that tells nothing."""
    rows = facts.rows.get(rule)
    if rows is None or not rows.faulty or facts.rows_read < 2:
        return None
    counted = f"{rows.faulty:,} of {facts.rows_read:,} rows"
    if rows.faulty == facts.rows_read:
        return f"All {facts.rows_read:,} rows have it."
    whole = rows.faulty == len(rows.places)
    for pattern in (_at_page_end, _at_page_start, _from_page_on, _every_nth):
        if whole and (found := pattern(rows, facts)):
            return f"{counted} have it: {found}."
    trait = _trait_of(rows)
    if trait is not None:
        return f"{counted} have it: exactly those with {trait} (in the pages looked at)."
    return f"{counted} have it; the other {facts.rows_read - rows.faulty:,} are fine."


def _sizes(facts: Facts) -> dict[int, int]:
    return {page.number: page.rows for page in facts.pages}


def _at_page_end(rows: FaultyRows, facts: Facts) -> str | None:
    sizes = _sizes(facts)
    if len(sizes) < 2 or len(rows.places) < 2:
        return None
    each = all(row == sizes.get(page, 0) - 1 for page, row in rows.places)
    return "each the last of its page" if each else None


def _at_page_start(rows: FaultyRows, facts: Facts) -> str | None:
    if len(_sizes(facts)) < 2 or len(rows.places) < 2:
        return None
    return "each the first of its page" if all(row == 0 for _, row in rows.places) else None


def _from_page_on(rows: FaultyRows, facts: Facts) -> str | None:
    sizes = _sizes(facts)
    first = rows.places[0][0]
    expected = sum(size for page, size in sizes.items() if page >= first)
    if first == min(sizes) or expected != rows.faulty:
        return None
    last = max(sizes)
    where = f"all rows of page {first}" if first == last else f"all rows from page {first} on"
    return f"{where}; the pages before are fine"


def _every_nth(rows: FaultyRows, facts: Facts) -> str | None:
    starts, total = dict[int, int](), 0
    for page, size in sorted(_sizes(facts).items()):
        starts[page] = total
        total += size
    if total != facts.rows_read or len(rows.places) < _FEW:
        return None
    positions = [starts[page] + row + 1 for page, row in rows.places]
    steps = {b - a for a, b in pairwise(positions)}
    if len(steps) != 1 or (step := steps.pop()) < 2:
        return None
    shown = ", ".join(f"{position:,}" for position in positions[:_FEW])
    return f"exactly one row in every {step:,} (rows {shown} …, counted over all pages)"


def _trait_of(rows: FaultyRows) -> str | None:
    """A trait that all faulty rows have and no fine row of the same pages."""
    if rows.faulty < _FEW:
        return None
    most = max((faulty for faulty, _ in rows.traits.values()), default=0)
    for name, (faulty, fine) in rows.traits.items():
        if faulty == most == min(rows.faulty, most) and fine == 0 and faulty * 2 > rows.faulty:
            return name if faulty == rows.faulty else None
    return None
