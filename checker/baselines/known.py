"""--baseline and --write-baseline: what is known already, for one endpoint or for all."""

import contextlib
import sys
from typing import Any

from checker.baselines.baseline import EMPTY, Snapshot, against, snapshot_of
from checker.baselines.saved_report import read_saved, report_of
from checker.core.errors import UsageError
from checker.core.report import Report, Summary
from checker.engine.batch import replaced
from checker.output.report_file import open_report
from checker.reports.json_report import as_document, render_json, render_summary_json

__all__ = ["Known"]

_WRITING = "--write-baseline"


class _TriedError(Exception):
    """A file could be written; nothing is."""


class Known:
    """What the two options ask for. Reading and trying to write is done here, before the crawl."""

    def __init__(self, *, baseline: str | None, write_to: str | None) -> None:
        self._name = baseline
        self._write_to = write_to
        self._document: dict[str, Any] | None = None
        if baseline is not None:
            self._document = read_saved(baseline, "baseline")
        if write_to is not None:
            if write_to == "-":
                raise UsageError("--write-baseline needs a file name.")
            with contextlib.suppress(_TriedError), open_report(write_to, _WRITING):
                raise _TriedError

    def for_one(self, target: str) -> "_Judge":
        """For the check of one endpoint; of a summary, the report of that name is taken."""
        document = self._document
        if document is None or self._name is None:
            return _Judge(self, None)
        return _Judge(self, snapshot_of(report_of(document, target, self._name)))

    def refuse_for_all(self) -> None:
        """Raises UsageError where the baseline is not one of several endpoints."""
        if self._document is not None and "reports" not in self._document:
            raise UsageError(
                f"{self._name}, line 1: expected a summary, as --all {_WRITING} gives it; "
                "this is the report of one endpoint."
            )

    def of_all(self, summary: Summary) -> Summary:
        """The summary with each verdict on what is new; saves it if that is asked for."""
        document = self._document
        if self._save(render_summary_json(summary), unless=_why_not(summary)) and document is None:
            document = {"reports": {n: as_document(r) for n, r in summary.reports.items()}}
        if document is None:
            return summary
        known = {name: snapshot_of(report) for name, report in document["reports"].items()}
        return replaced(
            summary, {n: against(r, known.get(n, EMPTY)) for n, r in summary.reports.items()}
        )

    def save_report(self, report: Report) -> bool:
        """Saves the report of one endpoint, if that is asked for and it is worth it."""
        why_not = "was interrupted" if report.interrupted else "failed" if report.crashes else ""
        return self._save(render_json(report), unless=why_not)

    def _save(self, text: str, *, unless: str) -> bool:
        if self._write_to is None:
            return False
        if unless:
            sys.stderr.write(f"broadcast-check: no baseline is written, since the run {unless}.\n")
            return False
        with open_report(self._write_to, _WRITING) as write:
            write(text)
        return True


class _Judge:
    """Judges the report of one endpoint by what is known."""

    def __init__(self, known: Known, snapshot: Snapshot | None) -> None:
        self._known = known
        self._snapshot = snapshot

    def __call__(self, report: Report) -> Report:
        saved = self._known.save_report(report)
        if self._snapshot is not None:
            return against(report, self._snapshot)
        return against(report, snapshot_of(as_document(report))) if saved else report


def _why_not(summary: Summary) -> str:
    if summary.interrupted:
        return "was interrupted"
    return "failed" if summary.crashed else ""
