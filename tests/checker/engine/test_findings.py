"""What stays of a rule's locations until the report: the first few, bodies within a budget."""

import pytest

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import Exchange, Location, Purpose
from checker.engine.findings import EXAMPLES_KEPT, BodyBudget, Tally, finding_of
from checker.rules import all_rules
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.text.redact import MASK, Redactor

pytestmark = pytest.mark.pure

CONFIG = Config(endpoint=Endpoint.parse("http://localhost/recipients"))
LARGE = b'{"list":[{"uid":"u-1","msg":"' + b"m" * 1_000_000 + b'"}],"next":""}'
SECRET = "c00kie-0f-this-run"


def place(body: bytes, **values: object) -> Location:
    exchange = Exchange(
        purpose=Purpose.PAGE, method="GET", url=CONFIG.endpoint.url, page=3, status=200, body=body
    )
    return Location(exchange=exchange, pointer="/list/0/msg", **values)  # type: ignore[arg-type]


def test_bodies_are_kept_up_to_a_budget_and_each_is_counted_once() -> None:
    budget = BodyBudget(limit_bytes=2 * len(LARGE))
    tallies = [Tally(budget), Tally(budget)]
    same, other, third = place(LARGE), place(LARGE[:-1]), place(LARGE[:-2])
    for location in (same, same, other, third):
        for tally in tallies:
            tally.add(location)
    for tally in tallies:
        kept = [len(found.exchange.body) for found in tally.locations if found.exchange]
        assert kept == [len(LARGE), len(LARGE), len(LARGE) - 1, 0]


def test_only_the_first_locations_and_the_beginning_of_a_value_are_kept() -> None:
    tally = Tally()
    for _ in range(EXAMPLES_KEPT + 1):
        tally.add(place(LARGE, value="m" * 1_000_000))
    assert tally.count == EXAMPLES_KEPT + 1
    assert len(tally.locations) == EXAMPLES_KEPT
    assert all(len(str(found.value)) < 100_000 for found in tally.locations)
    finding = finding_of(rule_of(Redactor()), tally, CONFIG, Redactor())
    shown = finding.examples[0].transcript
    assert shown is not None
    assert '"list"' in shown.body


def test_what_becomes_a_secret_later_is_masked_too() -> None:
    redactor = Redactor()
    tally = Tally()
    tally.add(place(b"{}", note=f"the session {SECRET}"))
    redactor.add(SECRET)
    finding = finding_of(rule_of(redactor), tally, CONFIG, redactor)
    assert SECRET not in str(finding)
    assert MASK in str(finding.examples)


def rule_of(redactor: Redactor) -> Rule:
    return all_rules()["ROW010"](RuleContext(CONFIG, redactor))
