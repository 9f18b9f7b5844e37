"""Times of pages in order: percentiles, and whether they grow. Pure; eight bytes a page."""

import itertools
import math
from array import array
from statistics import median

from checker.core.model import Exchange
from checker.core.report import PageSeconds

__all__ = ["PAGES_TO_SEE_GROWTH", "PageTimes", "percentile"]

PAGES_TO_SEE_GROWTH = 20
_GROWTH_FACTOR = 2.0
_GROWTH_SECONDS = 0.02
_GROWTH_TREND = 0.5
_TREND_POINTS = 40


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile; 0.0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


class PageTimes:
    """The seconds that each page took."""

    def __init__(self) -> None:
        self._seconds = array("d")
        self.slowest: Exchange | None = None

    def __len__(self) -> int:
        return len(self._seconds)

    def add(self, exchange: Exchange) -> None:
        """The next page's time."""
        self._seconds.append(exchange.seconds)
        if self.slowest is None or exchange.seconds > self.slowest.seconds:
            self.slowest = exchange

    def first(self, count: int) -> list[float]:
        """The times of the first pages."""
        return list(self._seconds[:count])

    def percentile(self, percent: float) -> float:
        """A percentile of all pages, in seconds."""
        return percentile(list(self._seconds), percent)

    def summary(self) -> PageSeconds:
        """For the report."""
        values = sorted(self._seconds)
        p50, p95, p99 = (percentile(values, percent) for percent in (50, 95, 99))
        return PageSeconds(p50=p50, p95=p95, p99=p99, max=values[-1] if values else 0.0)

    def growth(self) -> tuple[float, float] | None:
        """Seconds at the beginning and at the end when they clearly grow, else None.

        The last third must take twice as long as the first, by more than noise, and later pages
        must be slower throughout: one slow stretch is no growth.
        """
        count = len(self._seconds)
        if count < PAGES_TO_SEE_GROWTH:
            return None
        third = count // 3
        early, late = median(self._seconds[:third]), median(self._seconds[-third:])
        if late < _GROWTH_FACTOR * early or late - early < _GROWTH_SECONDS:
            return None
        return (early, late) if self._trend() >= _GROWTH_TREND else None

    def _trend(self) -> float:
        """Kendall's tau of the times over their order, from evenly spaced medians."""
        count = len(self._seconds)
        points = min(count, _TREND_POINTS)
        edges = [count * index // points for index in range(points + 1)]
        medians = [median(self._seconds[start:stop]) for start, stop in itertools.pairwise(edges)]
        pairs = [(a, b) for index, a in enumerate(medians) for b in medians[index + 1 :]]
        return sum((a < b) - (a > b) for a, b in pairs) / len(pairs)
