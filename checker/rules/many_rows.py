"""What one row may have honestly, and many rows only by a fault: judged at the end of the crawl."""

from collections.abc import Iterator

from checker.core.model import Location

__all__ = ["ManyRows"]

_LEAST_ROWS = 3
_LEAST_SHARE = 0.1
_LEAST_SHARE_OF_FEW = 0.5
_KEPT = 5


class ManyRows:
    """Counts suspicious rows, and keeps the first few locations."""

    def __init__(self) -> None:
        self._count = 0
        self._first: list[Location] = []
        self._texts: set[object] = set()

    def add(self, location: Location) -> None:
        """One more suspicious row; its text is the location's value."""
        self._count += 1
        if len(self._texts) < _LEAST_ROWS:
            self._texts.add(location.value)
        if len(self._first) < _KEPT:
            self._first.append(location)

    def locations(self, rows: int) -> Iterator[Location]:
        """The rows, if they are many of so many: three or more, and a tenth of all.

        The same text again and again is one text, which somebody may have meant so: then half.
        """
        share = _LEAST_SHARE if len(self._texts) >= _LEAST_ROWS else _LEAST_SHARE_OF_FEW
        if self._count >= _LEAST_ROWS and self._count >= share * rows:
            yield from self._first
            if self._count > len(self._first):
                yield Location(count=self._count - len(self._first))
