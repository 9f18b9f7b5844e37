"""What every summary of several checks says in the same words."""

from checker.core.report import Report, Summary, Verdict
from checker.reports.wording import counts_sentence
from checker.text.display import plural

__all__ = ["counts_of", "found_of"]


def found_of(report: Report) -> str:
    """What an endpoint's line says of its findings, and of the crawl when it ended early."""
    found = counts_sentence(report)
    return found if report.complete else f"{found}; ended early ({report.crawl.ended_by})"


def counts_of(summary: Summary) -> str:
    """`3 endpoints: 1 passed, 1 failed, 1 not checked.`"""
    passed = sum(report.verdict is Verdict.PASS for report in summary.reports.values())
    failed = len(summary.reports) - passed
    whole = len(summary.reports) + len(summary.not_checked)
    told = [f"{passed:,} passed", f"{failed:,} failed"]
    if summary.not_checked:
        told.append(f"{len(summary.not_checked):,} not checked")
    return f"{plural(whole, 'endpoint')}: {', '.join(told)}."
