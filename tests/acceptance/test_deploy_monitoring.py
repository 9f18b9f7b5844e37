"""The alerts and the dashboard of `deploy/`: Prometheus takes them, they ask for our figures."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from broadcaster.queue.metrics import StoreFigures, WorkerFigures, metrics_text
from broadcaster.store import open_store

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus-rules.yaml"
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
NAME = re.compile(r"\bbroadcast_\w+")

Promtool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def promtool(require_program: Callable[[str, str], Path]) -> Promtool:
    program = require_program("promtool", "apt-get install prometheus")

    def run(*arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [program, *map(str, arguments)]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def figures(tmp_path: Path) -> Iterator[str]:
    """All that a worker and its store tell."""
    with open_store(f"sqlite:///{tmp_path}/store") as store:
        registry = CollectorRegistry()
        registry.register(StoreFigures(store))
        watching = WorkerFigures(registry)
        watching.chunk_began()
        watching.chunk_ended("sent", 0.5)
        watching.answered("line", "accepted")
        yield metrics_text(registry).decode()


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return found


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text("utf-8"))["groups"][0]["rules"]
    return found


def expressions() -> list[str]:
    """Those of the dashboard, as they are asked, and those of the alerts."""
    asked = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [one.replace("$__rate_interval", "1m") for one in asked] + [
        rule["expr"] for rule in rules()
    ]


def test_prometheus_takes_the_rules(promtool: Promtool) -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"SUCCESS: {len(rules())} rules found" in done.stdout


def test_prometheus_can_read_each_expression(promtool: Promtool, tmp_path: Path) -> None:
    named = [
        {"record": f"broadcast:dashboard:{number}", "expr": text}
        for number, text in enumerate(expressions())
    ]
    file = tmp_path / "expressions.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": named}]}), "utf-8")
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_figure_that_is_asked_for_is_told(figures: str) -> None:
    told = set(re.findall(r"^# TYPE (\w+)", figures, re.MULTILINE))
    told |= {f"{name}_bucket" for name in told}
    asked = {name for text in expressions() for name in NAME.findall(text)}
    assert asked - told == set()


def test_prometheus_has_nothing_against_our_figures(promtool: Promtool, figures: str) -> None:
    done = promtool("check", "metrics", given=figures)
    assert done.returncode == 0, done.stdout + done.stderr


FIRING = [
    ("BroadcastStoreDown", {"broadcast_store_up": "0x20"}),
    ("BroadcastNoWorker", {"broadcast_queue_chunks": "3x20", "broadcast_workers": "0x20"}),
    ("BroadcastWorkersDie", {"broadcast_worker_ended_leases_total": "0+1x20"}),
    ("BroadcastPaused", {'broadcast_broadcasts{state="paused"}': "1x20"}),
    ("BroadcastPaceLow", {'broadcast_pace_low{channel="line",cause="fewer"}': "1x20"}),
    (
        "BroadcastChannelUncertain",
        {
            'broadcast_worker_answers_total{channel="line",verdict="unknown"}': "0+30x20",
            'broadcast_worker_answers_total{channel="line",verdict="accepted"}': "0+70x20",
        },
    ),
    ("BroadcastChunkOld", {'broadcast_queue_oldest_chunk_seconds{queue="q"}': "0+600x20"}),
    ("BroadcastFleetFailing", {'broadcast_fleet_endpoints{standing="failing"}': "2x80"}),
]
WELL = {
    "broadcast_store_up": "1x80",
    "broadcast_workers": "2x80",
    "broadcast_queue_chunks": "3x80",
    'broadcast_queue_oldest_chunk_seconds{queue="q"}': "60x80",
    'broadcast_pace_low{channel="line",cause="fewer"}': "0x80",
    'broadcast_worker_answers_total{channel="line",verdict="accepted"}': "0+100x80",
    'broadcast_worker_answers_total{channel="line",verdict="unknown"}': "0+1x80",
    'broadcast_fleet_endpoints{standing="failing"}': "0x80",
}


def test_each_alert_has_a_case_in_which_it_fires() -> None:
    assert [name for name, _ in FIRING] == [rule["alert"] for rule in rules()]


@pytest.mark.parametrize(("alert", "series"), FIRING)
def test_an_alert_fires_when_it_should(
    promtool: Promtool, tmp_path: Path, alert: str, series: dict[str, str]
) -> None:
    minutes = 75 if alert == "BroadcastFleetFailing" else 18
    assert fired(promtool, tmp_path, WELL | series, minutes) == {alert}


def test_nothing_fires_while_all_is_well(promtool: Promtool, tmp_path: Path) -> None:
    assert fired(promtool, tmp_path, WELL, 75) == set()


def fired(promtool: Promtool, folder: Path, series: dict[str, str], minutes: int) -> set[str]:
    """The alerts that fire after so many minutes of these figures."""
    file = folder / "cases.yaml"
    none = [
        {"eval_time": f"{minutes}m", "alertname": rule["alert"], "exp_alerts": []}
        for rule in rules()
    ]
    case = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": none,
    }
    document = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case]}
    file.write_text(yaml.safe_dump(document), "utf-8")
    done = promtool("test", "rules", file)
    said = done.stdout + done.stderr
    assert "SUCCESS" in said or "alertname" in said, said
    return set(re.findall(r"alertname: ?(\w+)", said))


def test_each_panel_says_what_it_shows_and_has_its_place() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["description"].endswith(".")
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells


def test_the_dashboard_asks_which_prometheus() -> None:
    (variable,) = dashboard()["templating"]["list"]
    assert (variable["name"], variable["type"]) == ("datasource", "datasource")


def test_the_document_names_every_figure(figures: str) -> None:
    document = (ROOT / "docs" / "operating.md").read_text("utf-8")
    told = set(re.findall(r"^# TYPE (broadcast_\w+) ", figures, re.MULTILINE))
    gauges = {name for name in told if not name.endswith("_created")}
    assert {name for name in gauges if name not in document} == set()
