"""Why a rule is not judged follows from what it needs, and from what the run could not provide."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import CrawlEnd
from checker.core.needs import Need
from checker.core.report import PageSeconds
from checker.diagnosis.facts import Facts
from checker.engine.state import RunState
from checker.engine.unmet import reasons_not_judged
from checker.engine.verdict import build_report
from checker.rules import all_rules
from checker.rules.context import RuleContext
from checker.text.redact import Redactor

pytestmark = pytest.mark.pure

ENDPOINT = Endpoint.parse("http://localhost/recipients")
PROBES = frozenset({"method", "replay", "bad-token", "no-credentials", "altered-credentials"})
NOT_COMPARED = "only the first rows are compared"


def state(**known: Any) -> RunState:
    """A run that read 30 pages to their end and asked every probe, but for what is given."""
    options = {name: known.pop(name) for name in ("channel", "load", "probes") if name in known}
    config = Config(endpoint=ENDPOINT, **options)
    redactor = Redactor()
    context = RuleContext(config, redactor)
    end = CrawlEnd(ended_by="empty-next")
    run = RunState(
        config=config,
        facts=Facts(config=config, end=end, mask=redactor.text),
        run_id="0",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1.0,
        end=end,
        rules={rule_id: rule(context) for rule_id, rule in all_rules().items()},
        tallies={},
        crashes={},
        chosen=frozenset(all_rules()),
        redactor=redactor,
        pages=30,
        rows=300,
        requests=30,
        bytes=30,
        timed_pages=30,
        page_seconds=PageSeconds(p50=0.1, p95=0.1, p99=0.1, max=0.1),
        timeline=(),
        asked_probes=PROBES,
        lacks={},
        page_was_read=True,
        reached=True,
        abridged=False,
        interrupted=False,
        rows_forgotten=None,
        not_recorded=None,
    )
    return dataclasses.replace(run, **known)


CASES: list[tuple[str, dict[str, Any], str | None]] = [
    ("ROW008", {}, "judged only with --channel"),
    ("ROW008", {"channel": "line"}, None),
    ("PERF006", {}, "judged only with --load"),
    ("PERF006", {"load": 1}, None),
    ("PERF002", {"timed_pages": 19}, "there were fewer than 20 pages"),
    ("PERF002", {"timed_pages": 20}, None),
    ("NEXT006", {"rows_forgotten": NOT_COMPARED}, NOT_COMPARED),
    ("ROW013", {"rows_forgotten": NOT_COMPARED}, NOT_COMPARED),
    ("ROW012", {"rows_forgotten": NOT_COMPARED}, None),
    ("NEXT004", {"pages": 1}, "there was only one page"),
    ("NEXT004", {"pages": 2}, None),
    ("PAGE004", {"end": CrawlEnd(ended_by="x"), "page_was_read": False}, "no page could be read"),
    ("PAGE006", {"end": CrawlEnd(ended_by="x")}, "the crawl ended early (x)"),
    (
        "PAGE006",
        {"end": CrawlEnd(ended_by="x"), "not_recorded": "page 3 is missing"},
        "page 3 is missing",
    ),
    ("PAGE004", {"end": CrawlEnd(ended_by="x")}, None),
    (
        "HTTP002",
        {"asked_probes": PROBES - {"method"}, "interrupted": True},
        "the run was interrupted",
    ),
    (
        "HTTP002",
        {"asked_probes": PROBES - {"method"}, "reached": False},
        "no HTTP response came",
    ),
    (
        "SEC001",
        {"asked_probes": PROBES - {"no-credentials"}},
        "no header that looks like a credential was given",
    ),
    ("NEXT007", {"asked_probes": PROBES - {"replay"}}, "there was no second page to compare with"),
    ("NEXT011", {"probes": False, "asked_probes": frozenset()}, "the probes were turned off"),
    ("ROW010", {"abridged": True}, "of a very large page only the first 1,000 rows are judged"),
    ("NET002", {"lacks": {Need.CONNECTION: "a browser does not tell"}}, "a browser does not tell"),
]


@pytest.mark.parametrize(("rule_id", "known", "reason"), CASES)
def test_the_reason_follows_from_the_need(
    rule_id: str, known: dict[str, Any], reason: str | None
) -> None:
    run = state(**known)
    assert reasons_not_judged(run, run.rules).get(rule_id) == reason


@pytest.mark.parametrize("need", list(Need))
def test_what_a_source_lacks_is_the_first_reason(need: Need) -> None:
    run = state(lacks={need: "it lacks this"})
    reasons = reasons_not_judged(run, run.rules)
    rules = {rule.id for rule in run.rules.values() if need in rule.needs}
    assert rules == {rule_id for rule_id, why in reasons.items() if why == "it lacks this"}
    assert rules, "a need that no rule has"


@pytest.mark.parametrize("family", ["JSON", "PAGE", "ROW", "NEXT"])
def test_every_rule_on_what_a_page_holds_needs_a_page(family: str) -> None:
    for rule in all_rules().values():
        if rule.id.startswith(family):
            assert Need.PAGE in rule.needs, rule.id


def test_a_report_of_a_run_without_findings_passes_and_names_each_rule_once() -> None:
    report = build_report(state())
    assert report.verdict == "pass"
    named = [rule for item in report.not_judged for rule in item.rules]
    assert len(named) == len(set(named))
