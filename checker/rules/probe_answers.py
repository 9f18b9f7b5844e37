"""How a probe's answer stands to the pages of the crawl. Pure."""

from checker.core.model import Page, Probe

__all__ = ["cursor_moved", "follows_with_cookies", "replay_differs", "same_set"]


def replay_differs(probe: Probe) -> bool:
    """Whether a page asked again has other rows or another order; rows added at its end
    are fine.
    """
    if probe.page is None or probe.reference is None:
        return False
    before, after = probe.reference.row_hashes, probe.page.row_hashes
    return after[: len(before)] != before


def same_set(probe: Probe) -> bool:
    """Whether the same rows came in another order."""
    if probe.page is None or probe.reference is None:
        return False
    return sorted(probe.page.row_hashes) == sorted(probe.reference.row_hashes)


def cursor_moved(probe: Probe) -> bool:
    """Whether the first page, asked again after the second, is empty or goes on behind it."""
    if probe.page is None or probe.reference is None or probe.reference.number != 1:
        return False
    if not probe.reference.row_count:
        return False
    if not probe.page.row_count:
        return True
    rows = set(probe.page.row_hashes)
    if rows & set(probe.reference.row_hashes):
        return False
    return all(_equal_or_apart(probe.page, rows, other) for other in probe.others)


def _equal_or_apart(page: Page, rows: set[int], other: Page) -> bool:
    return page.key == other.key or not rows & set(other.row_hashes)


def follows_with_cookies(probe: Probe) -> bool:
    """Whether the second page came, other than the first, once the cookies were sent back."""
    if probe.page is None or probe.reference is None:
        return False
    return not probe.page.row_count or probe.page.key != probe.reference.key
