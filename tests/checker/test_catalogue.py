"""The catalogue, in both directions: what the contract names exists, and each fault of the mock is
reported as exactly the rules that it declares.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from checker.cli.options import config_of, parse_options
from checker.core.protocols import Address
from checker.core.report import Report, Severity
from checker.engine.run import run
from checker.reports.json_report import render_json
from checker.rules import all_rules
from checker.rules.help import help_body
from checker.transport.resolver import Resolver
from mockserver import MockConfig, MockServer, catalogue
from mockserver.recipients.data import GeneratedRows
from schemas import read
from scripts.generate import generated_files

ROOT = Path(__file__).parents[2]
CONTRACT = {
    rule["id"]: (rule["name"], rule["severity"])
    for rule in json.loads((ROOT / "schemas/rules.json").read_text("utf-8"))
}
"""The rules that are released (section 6 of the contract): id, name, severity, as committed."""


class ElsewhereResolver(Resolver):
    """Finds one made-up host on this machine, and takes it for another machine."""

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        known = host == "plain-http.example.test"
        return super().resolve("127.0.0.1" if known else host, port, timeout_seconds)

    def is_this_machine(self, peer: str, own: str) -> bool:
        return False


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def check(url: str, *options: str, elsewhere: bool = False) -> Report:
    config = config_of(parse_options([url, "--timeout", "5", *options]))
    if elsewhere:
        object.__setattr__(config, "resolver", ElsewhereResolver())
    report = run(config)
    assert report.crashes == ()
    jsonschema.Draft202012Validator(read("report")).validate(json.loads(render_json(report)))
    return report


def rules_of(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_the_rules_are_the_contracts() -> None:
    ours = {rule.id: (rule.name, rule.severity.value) for rule in all_rules().values()}
    assert ours == CONTRACT
    assert list(ours) == list(CONTRACT), "in the contract's order"


def test_every_rule_has_its_fault() -> None:
    faults = catalogue()
    assert {name for name in faults if re.fullmatch(r"[A-Z]+\d{3}", name)} == set(CONTRACT)
    assert [name for name in CONTRACT if name not in faults[name].rules] == []


@pytest.mark.parametrize("rule_id", CONTRACT)
def test_every_rule_has_its_help(rule_id: str) -> None:
    rule = all_rules()[rule_id]
    body = help_body(rule)
    assert re.findall(r"^## (.+)$", body, re.MULTILINE) == [
        "Why it matters",
        "What it looks like",
        "How to fix it",
        "See also",
    ]
    languages = set(re.findall(r"^### (.+)$", body, re.MULTILINE))
    assert {"Python", "Node", "PHP"} < languages
    assert languages & {"Java", "Go", "C#", "Ruby"}
    neighbours = set(re.findall(r"\]\(([A-Z]+\d{3})\.md\)", body))
    assert neighbours
    assert neighbours <= set(CONTRACT) - {rule_id}
    assert rule.fix
    assert rule.fix.endswith(".")
    assert rule.clause in ("G1", "G2", "G3", "G4", "G5")
    assert rule.severity in Severity


def test_generated_files_are_fresh(root: Path) -> None:
    stale = [
        name
        for name, text in generated_files().items()
        if not (root / name).is_file() or (root / name).read_text("utf-8") != text
    ]
    assert stale == [], "run make generate"
    assert {path.stem for path in (root / "docs/rules").glob("*.md")} == {*CONTRACT, "README"}


@pytest.mark.parametrize("options", [(), ("--channel", "line"), ("--strict",)])
def test_the_reference_gives_no_finding(mock: MockServer, options: tuple[str, ...]) -> None:
    report = check(mock.endpoint, *options)
    assert report.findings == ()
    assert report.verdict == "pass"
    assert report.complete


def test_the_reference_gives_no_finding_under_load() -> None:
    # it takes a moment for each page, beside which it is little what else this machine does
    with MockServer(MockConfig(rows=GeneratedRows(400), latency_seconds=0.1)) as mock:
        report = check(mock.endpoint, "--strict", "--load", "3")
    assert report.findings == ()
    assert report.verdict == "pass"
    assert report.complete


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_a_fault_is_reported_as_what_it_declares(mock: MockServer, name: str) -> None:
    fault = catalogue()[name]
    elsewhere = name in ("SEC002", "SEC008")
    report = check(mock.fault_endpoint(name), *fault.options, elsewhere=elsewhere)
    assert rules_of(report) == set(fault.rules), [finding.message for finding in report.findings]
    errors = {rule for rule in fault.rules if CONTRACT[rule][1] == "error"}
    assert report.verdict == ("fail" if errors else "pass")
    unjudged = [rule for item in report.not_judged for rule in item.rules]
    assert not set(fault.rules) & set(unjudged), "what fired was judged"
    assert set(unjudged) <= set(CONTRACT)
    unseen = [
        finding.rule
        for finding in report.findings
        if not any(example.transcript is not None for example in finding.examples)
    ]
    assert not unseen, "each finding shows what was sent and received"
