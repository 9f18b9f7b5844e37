"""How the pages of a crawl overlap: at which borders, by how many rows, in which pattern. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from checker.diagnosis.facts import PageFacts

__all__ = ["Overlaps", "overlaps_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaps:
    """The rows that appear again on a later page.

    `borders` has, for each pair of neighbours, how many of the last rows of the one are the first
    of the other, in order; `all_borders` how many pairs there are. `within_borders` is how many of
    the repeated rows these explain. `wraps_at` is the first page from which on pages only repeat
    earlier rows, `pairs` how many repeats stand right beside their first.
    """

    repeated: int
    borders: tuple[tuple[int, int], ...]
    all_borders: int
    within_borders: int
    pairs: int
    wraps_at: int | None
    wraps_to: int | None

    @property
    def widths(self) -> set[int]:
        """By how many rows neighbours overlap, where they do."""
        return {width for _, width in self.borders}

    @property
    def only_borders(self) -> bool:
        """Whether every repeated row is one at a border."""
        return self.within_borders == self.repeated > 0


def overlaps_of(pages: Sequence[PageFacts]) -> Overlaps:
    """The pattern of what the pages share."""
    full = [page for page in pages if page.rows and len(page.row_hashes) == page.rows]
    first: dict[int, tuple[int, int]] = {}
    repeated = pairs = 0
    wraps_at = wraps_to = None
    for page in full:
        again = 0
        for index, row in enumerate(page.row_hashes):
            seen = first.setdefault(row, (page.number, index))
            if seen[0] != page.number:
                again += 1
        repeated += again
        if wraps_at is None and again == page.rows and page is not full[0]:
            wraps_at, wraps_to = page.number, first[page.row_hashes[0]][0]
        elif again != page.rows:
            wraps_at = wraps_to = None
        pairs += sum(a == b for a, b in pairwise(page.row_hashes))
    neighbours = [(a, b) for a, b in pairwise(full) if b.number == a.number + 1]
    borders = tuple((b.number, width) for a, b in neighbours if (width := _width(a, b)))
    return Overlaps(
        repeated=repeated,
        borders=borders,
        all_borders=len(neighbours),
        within_borders=sum(width for _, width in borders),
        pairs=pairs,
        wraps_at=wraps_at,
        wraps_to=wraps_to,
    )


def _width(page: PageFacts, following: PageFacts) -> int:
    """How many of the last rows are the first of the following page, in order."""
    before, after = page.row_hashes, following.row_hashes
    if not after or after[0] not in before:
        return 0
    for start in range(len(before)):
        if before[start] == after[0] and before[start:] == after[: len(before) - start]:
            return len(before) - start
    return 0
