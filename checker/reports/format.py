"""What a report format is, and how a text report is printed."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from checker.core.report import Report, Summary
from checker.text.display import visible

__all__ = ["ReportFormat", "Style"]

_CODES = {"red": "31", "yellow": "33", "cyan": "36", "green": "32", "bold": "1", "dim": "2"}
_LABEL_WIDTH = 9


class Style:
    """How to print a text report: with colors or without, how wide, and how much of it.

    When `quiet`, the verdict alone; when `verbose`, also what a short report leaves out.
    """

    def __init__(
        self, *, color: bool, width: int, quiet: bool = False, verbose: bool = False
    ) -> None:
        self.color = color
        self.width = max(40, min(width, 100))
        self.quiet = quiet
        self.verbose = verbose

    def paint(self, text: str, *colors: str) -> str:
        """The text in these colors, or as it is."""
        if not self.color:
            return text
        return f"\x1b[{';'.join(_CODES[color] for color in colors)}m{text}\x1b[0m"

    def label(self, label: str, indent: int = 2) -> str:
        """The beginning of a labelled paragraph."""
        return " " * indent + (f"{label}:".ljust(_LABEL_WIDTH) if label else "")

    def wrap(self, text: str, label: str = "", indent: int = 2) -> str:
        """A labelled paragraph of remote text made visible."""
        first = self.label(label, indent)
        return textwrap.fill(
            visible(text),
            self.width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_on_hyphens=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFormat:
    """One way to write a report of one endpoint, and a summary of several.

    `label` is the format's name for people, `extension` and `media_type` are those of its file.
    """

    label: str
    extension: str
    media_type: str
    render: Callable[[Report, Style], str]
    render_summary: Callable[[Summary, Style], str]

    @classmethod
    def without_style(
        cls,
        render: Callable[[Report], str],
        render_summary: Callable[[Summary], str],
        *,
        label: str,
        extension: str,
        media_type: str,
    ) -> "ReportFormat":
        """A format that is written in one way only."""
        return cls(
            label=label,
            extension=extension,
            media_type=media_type,
            render=lambda report, _: render(report),
            render_summary=lambda summary, _: render_summary(summary),
        )
