"""What the tests of the reports share: reports of real checks, and one full of hostile text."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from answering import Answer, Asked, Server
from hostile_text import OURS, STRINGS, report_full_of

from checker import check
from checker.core.report import Comparison, Counted, Recurring, Report, Severity, Summary
from mockserver import MockServer

SECRET = "Zq8-demo-secret-71"


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(scope="session")
def fault_report(mock: MockServer) -> Callable[[str], Report]:
    """The report of one of the mock's faults; each fault is checked once."""
    known: dict[str, Report] = {}

    def report_of(name: str) -> Report:
        if name not in known:
            known[name] = check(mock.fault_endpoint(name), timeout=5)
        return known[name]

    return report_of


@pytest.fixture(scope="session")
def full_report() -> Report:
    """Every text in it that may come from a server is hostile."""
    return report_full_of(STRINGS)


@pytest.fixture(scope="session")
def attacked_report() -> Iterator[Report]:
    """A real check of a server that puts hostile text wherever it can, shown unmasked."""
    running = Server()
    running.answer = _attack
    yield check(running.url, headers={"Authorization": f"Bearer {SECRET}"}, show_data=True)
    running.close()


@pytest.fixture(scope="session")
def summary(
    mock: MockServer, fault_report: Callable[[str], Report], full_report: Report
) -> Summary:
    """One endpoint that passes, one with a warning, two that fail, and one without a report."""
    return Summary(
        reports={
            "right": check(mock.endpoint),
            "warned": fault_report("SEC006"),
            "too-many": fault_report("PAGE004"),
            "hostile": full_report,
        },
        not_checked={"crashed": f"{OURS[0]} | `{OURS[2]}"},
    )


@pytest.fixture(scope="session")
def compared(fault_report: Callable[[str], Report]) -> Report:
    """A report whose findings are a new one, a known one and one that grew, with two more gone."""
    report = fault_report("PAGE004")
    [found] = report.findings
    findings = (
        found,
        replace(found, rule="ROW013", name="looks-unpersonalized", severity=Severity.WARNING),
        replace(found, rule="ROW012", name="duplicate-row", severity=Severity.WARNING, count=40),
    )
    known = tuple(
        Recurring(rule=f.rule, name=f.name, severity=f.severity, count=f.count, count_before=before)
        for f, before in zip(findings[1:], (found.count, 2), strict=True)
    )
    new, fixed, unsure = (
        Counted(rule=rule, name=name, severity=Severity.ERROR, count=3)
        for rule, name in (
            ("PAGE004", found.name),
            ("PAGE002", "list-missing"),
            ("NEXT006", "overlapping-pages"),
        )
    )
    comparison = Comparison(new=(new,), known=known, fixed=(fixed,), not_judged=(unsure,))
    return replace(report, findings=findings, baseline=comparison)


def _attack(asked: Asked) -> Answer:
    sent = asked.headers.get("Authorization", "")
    headers = {
        "Content-Type": "text/html; <script>alert(1)</script>",
        "X-Note": "::error::x%0A|`",
        "X-Echo": sent,
        "Set-Cookie": f"session={len(sent)}-cookie-value",
    }
    if not sent:
        return Answer(b"<h1>401</h1>", 401, headers)
    if asked.method != "GET":
        body = "".join(OURS).encode("utf-8", "replace") + sent.encode()
        return Answer(b"Traceback (most recent call last):\n" + body, 500, headers)
    number = int(asked.token.rpartition("=")[2]) if (asked.token or "").startswith("=") else 0
    if asked.token and not number:
        return Answer(OURS[0].encode(), 500, headers)
    rows = [{"uid": f" {text}", "msg": f"<b>{text}</b> {{{{name}}}}", text: 1} for text in OURS]
    page = {"list": rows, "next": f"=<i>`|\"'%41@x={number + 1}" if number < 2 else "", OURS[0]: 1}
    return Answer(json.dumps(page).encode(), headers=headers)
