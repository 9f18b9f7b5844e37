"""One cause, one finding."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.report import NotJudged
from checker.rules import all_rules
from checker.rules.precedence import PRECEDENCE, not_judged_after

pytestmark = pytest.mark.pure

ENDS = {"NEXT003", "NEXT004", "NEXT005", "NEXT014"}  # of these one at most fires: a crawl ends once
CAUSES = [cause.rule for cause in PRECEDENCE]

fired_rules = (
    st.sets(st.sampled_from(CAUSES) | st.sampled_from(list(all_rules())))
    .filter(lambda ids: len(ids & ENDS) <= 1)
    .map(lambda ids: dict.fromkeys(ids, ""))
)


def test_the_table_names_rules_that_exist() -> None:
    for cause in PRECEDENCE:
        assert {cause.rule, *cause.hides} <= set(all_rules())
        assert cause.rule not in cause.hides
        assert cause.hides
        assert not cause.why.endswith(".")


def test_each_cause_stands_once() -> None:
    causes = [cause.rule for cause in PRECEDENCE]
    assert len(causes) == len(set(causes))


def test_no_two_causes_hide_each_other() -> None:
    pairs = {(cause.rule, hidden) for cause in PRECEDENCE for hidden in cause.hides}
    assert [pair for pair in pairs if pair[::-1] in pairs and not ENDS.issuperset(pair)] == []


def test_a_cause_stands_before_the_causes_that_it_hides() -> None:
    order = [cause.rule for cause in PRECEDENCE]
    late = [
        (cause.rule, hidden)
        for index, cause in enumerate(PRECEDENCE)
        for hidden in cause.hides
        if hidden in order[:index] and not ENDS.issuperset((cause.rule, hidden))
    ]
    assert late == [], "the table is read from the top"


@given(fired_rules)
def test_something_that_fired_is_always_left(fired: dict[str, str]) -> None:
    hidden, _ = not_judged_after(fired)
    assert not fired or fired.keys() - set(hidden)


@given(fired_rules)
def test_what_is_hidden_has_one_reason_that_itself_is_shown(fired: dict[str, str]) -> None:
    hidden, reasons = not_judged_after(fired)
    listed = [rule for reason in reasons for rule in reason.rules]
    assert sorted(listed) == sorted(hidden)
    for reason in reasons:
        cause = re.search(r"\((\w+)\)$", reason.why)
        assert cause
        assert cause[1] in fired.keys() - set(hidden)


@pytest.mark.parametrize(
    ("fired", "left"),
    [
        ([], []),
        (["PAGE004"], ["PAGE004"]),
        (["NEXT004", "NEXT006", "ROW013", "NEXT009"], ["NEXT004"]),
        (["NEXT011", "NEXT004", "NEXT006"], ["NEXT011"]),
        (["NEXT011", "HTTP006", "SEC001"], ["NEXT011", "SEC001"]),
        (["HTTP006", "SEC001"], ["HTTP006"]),
        (["NEXT003", "NEXT006", "PAGE004"], ["NEXT003", "PAGE004"]),
        (["NEXT008", "NEXT007", "NEXT006", "NEXT003"], ["NEXT008"]),
        (["JSON002", "ROW015", "ROW016"], ["JSON002", "ROW016"]),
        (["NET002", "SEC005"], ["NET002"]),
    ],
)
def test_what_is_left_of_several_findings(fired: list[str], left: list[str]) -> None:
    hidden, _ = not_judged_after(dict.fromkeys(fired, ""))
    assert [rule for rule in fired if rule not in hidden] == left


def test_the_reason_names_the_cause() -> None:
    _, reasons = not_judged_after({"NEXT014": ""})
    assert reasons == [
        NotJudged(rules=("PAGE007", "PERF003"), why="the crawl does not end (NEXT014)")
    ]


def test_the_table_is_documented(root: Path) -> None:
    document = (root / "docs/precedence.md").read_text("utf-8")
    for cause in PRECEDENCE:
        assert f"| [{cause.rule}](rules/{cause.rule}.md) |" in document
        assert cause.why in document
