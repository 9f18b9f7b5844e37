"""The crawl over its pages: rows and times, in so few points that a report can draw them. Pure."""

from checker.core.report import TimelinePoint

__all__ = ["POINTS_KEPT", "Timeline"]

POINTS_KEPT = 400


class Timeline:
    """Takes one page after the other; where there are too many, neighbours become one point."""

    def __init__(self) -> None:
        self._points: list[TimelinePoint] = []
        self._pages_a_point = 1

    def add(self, *, page: int, rows: int, seconds: float) -> None:
        """The next page."""
        if self._points and self._points[-1].pages < self._pages_a_point:
            new = TimelinePoint(first_page=page, pages=1, rows=rows, max_seconds=seconds)
            self._points[-1] = _together(self._points[-1], new)
            return
        if len(self._points) == POINTS_KEPT:
            self._halve()
        self._points.append(TimelinePoint(first_page=page, pages=1, rows=rows, max_seconds=seconds))

    def points(self) -> tuple[TimelinePoint, ...]:
        """All so far, in order."""
        return tuple(self._points)

    def _halve(self) -> None:
        pairs = zip(self._points[::2], self._points[1::2], strict=True)
        self._points = [_together(first, second) for first, second in pairs]
        self._pages_a_point *= 2


def _together(first: TimelinePoint, second: TimelinePoint) -> TimelinePoint:
    return TimelinePoint(
        first_page=first.first_page,
        pages=first.pages + second.pages,
        rows=first.rows + second.rows,
        max_seconds=max(first.max_seconds, second.max_seconds),
    )
