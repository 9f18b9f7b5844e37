"""Each scenario from both sides: the right client passes, one that is wrong in just that fails."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from reading_client import read

from mockserver.referee import FunctionClient, Judgement, judge, scenarios

PATIENCE_SECONDS = 20.0
DEADLINE_SECONDS = 3.0
ALONE = "CLIENT017"
"""A page of 256 MiB, which a client that takes it reads for longer than others may wait."""


def judgements_of(flaw: str) -> list[Judgement]:
    """All scenarios, several at once: most of the time is spent on waiting."""
    client = FunctionClient(partial(read, flaw=flaw, seconds=DEADLINE_SECONDS))
    games = [each for each in scenarios().values() if not each.killed_at_request]
    with ThreadPoolExecutor(6) as pool:
        others = [each for each in games if each.id != ALONE]
        judged = list(pool.map(lambda each: judge(client, each, PATIENCE_SECONDS), others))
    return [*judged, judge(client, scenarios()[ALONE], PATIENCE_SECONDS)]


def test_the_right_client_passes_all() -> None:
    wrong = {each.scenario.id: each.complaints for each in judgements_of("") if not each.passed}
    assert wrong == {}


@pytest.mark.parametrize(
    "scenario_id",
    [each.id for each in scenarios().values() if not each.killed_at_request],
)
def test_a_wrong_client_fails_its_scenario_and_no_other(scenario_id: str) -> None:
    judgements = judgements_of(scenario_id)
    wrong = {each.scenario.id: each.complaints for each in judgements if not each.passed}
    assert list(wrong) == [scenario_id], wrong
    assert all(
        complaint.endswith((".", ")")) or ":" in complaint for complaint in wrong[scenario_id]
    )


@pytest.mark.parametrize("scenario_id", scenarios())
def test_every_scenario_has_its_help(scenario_id: str) -> None:
    scenario = scenarios()[scenario_id]
    page = scenario.help
    assert page.startswith(
        f"# {scenario.id} {scenario.name}\n\nSeverity: {scenario.severity.value}."
    )
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == ["## Why it matters", "## What a right client does", "## See also"]
    languages = {line for line in page.splitlines() if line.startswith("### ")}
    assert languages in (set(), {"### Python", "### Node", "### PHP", "### Java"})
    for other in page.partition("## See also")[2].split("](")[1:]:
        assert other.partition(".md)")[0] in scenarios()


def test_ids_follow_each_other_and_names_differ() -> None:
    ids = list(scenarios())
    assert ids == [f"CLIENT{number:03}" for number in range(1, len(ids) + 1)]
    assert len({each.name for each in scenarios().values()}) == len(ids)


def test_the_document_lists_every_scenario(root: Path) -> None:
    document = (root / "docs" / "clients.md").read_text("utf-8")
    lines = {
        f"| [{each.id}](../mockserver/referee/help/{each.id}.md) | {each.name} | "
        f"{each.severity.value} | {each.summary} |"
        for each in scenarios().values()
    }
    assert {line for line in document.splitlines() if line.startswith("| [CLIENT")} == lines
