"""The pages of a crawl as bars, for a template to draw. Pure."""

from typing import Any

from checker.core.report import TimelinePoint
from checker.text.display import plural

__all__ = ["charts_of"]

_WIDTH, _HEIGHT = 1000.0, 100.0


def charts_of(points: tuple[TimelinePoint, ...]) -> list[dict[str, Any]]:
    """Bars within 1000 by 100, the scale in words beside them; none without a page."""
    if not points:
        return []
    slowest = max(point.max_seconds for point in points)
    most = max(point.rows / point.pages for point in points)
    return [
        {
            "id": "times",
            "title": "Time of each page",
            "description": f"The slowest took {slowest:.3f} s.",
            "top": f"{slowest:.3f} s",
            "bars": _bars([point.max_seconds for point in points], points, slowest),
        },
        {
            "id": "rows",
            "title": "Rows of each page",
            "description": f"The fullest held {most:,.0f}.",
            "top": f"{most:,.0f}",
            "bars": _bars([point.rows / point.pages for point in points], points, most),
        },
    ]


def _bars(
    values: list[float], points: tuple[TimelinePoint, ...], highest: float
) -> list[dict[str, str]]:
    step = _WIDTH / len(values)
    gap = min(2.0, step / 5)
    bars = []
    for index, (value, point) in enumerate(zip(values, points, strict=True)):
        height = _HEIGHT * value / highest if highest > 0 else 0.0
        bars.append(
            {
                "x": f"{index * step:.2f}",
                "y": f"{_HEIGHT - height:.2f}",
                "width": f"{step - gap:.2f}",
                "height": f"{height:.2f}",
                "label": _label(point),
            }
        )
    return bars


def _label(point: TimelinePoint) -> str:
    last = point.first_page + point.pages - 1
    pages = f"Page {last}" if point.pages == 1 else f"Pages {point.first_page} to {last}"
    return f"{pages}: {plural(point.rows, 'row')}, {point.max_seconds:.3f} s"
