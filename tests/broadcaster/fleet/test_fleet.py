"""A fleet of endpoints is checked by workers or here, each with the right verdict; and what
changed is told.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from queue_kit import Workers, wait_until
from window_process import WindowProcess

from broadcaster.fleet.changes import changes_between, changes_text
from broadcaster.store import Store
from broadcaster.store.fleet import FleetEndpoint, FleetResult
from checker import Verdict
from checker.api import all_rules
from mockserver import MockServer
from mockserver.recipients.faults import catalogue

WHOLE = os.environ.get("BROADCAST_SOAK") == "1"
ENDPOINTS, HOSTS = (2_000, 25) if WHOLE else (40, 5)
PLAIN = ("JSON", "PAGE", "ROW", "NEXT")
COMMAND = Path(sys.executable).parent / "broadcast"
CHECK = Path(sys.executable).parent / "broadcast-check"


def plain_faults() -> dict[str, dict[str, str]]:
    """Faults that a check without options finds: the rules that each breaks, with severities."""
    rules = all_rules()
    return {
        name: {
            rule: rules[rule].severity.value
            for rule in fault.rules
            if rules[rule].severity.value != "info"
        }
        for name, fault in catalogue().items()
        if name.startswith(PLAIN) and not (fault.options or fault.host or fault.certificate)
        if not (fault.query or fault.scenario_only)
    }


@pytest.fixture
def hosts() -> Iterator[list[MockServer]]:
    """The mock on several addresses of this machine: each is a host of its own."""
    with ExitStack() as running:
        yield [
            running.enter_context(MockServer(host=f"127.0.0.{2 + number}"))
            for number in range(HOSTS)
        ]


@pytest.fixture
def window(store_address: str, tmp_path: Path) -> Iterator[str]:
    """The page in the browser, on the same store; its URL."""
    running = WindowProcess(tmp_path / "not-used", env={"BROADCAST_STORE": store_address})
    yield running.url
    running.stop()


def window_answers(url: str) -> bool:
    """Whether the page is there while workers check."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{url}/", timeout=60).status_code == 200


@pytest.fixture
def fleet(hosts: list[MockServer], tmp_path: Path) -> tuple[Path, dict[str, dict[str, str]]]:
    """A settings file of endpoints, a tenth of them faulty; and what each breaks."""
    faults = list(plain_faults().items())
    lines, expected = [], {}
    for number in range(ENDPOINTS):
        mock, name = hosts[number % HOSTS], f"customer-{number:04}"
        url, expected[name] = mock.endpoint, {}
        if number % 10 == 3:
            fault, expected[name] = faults[number // 10 % len(faults)]
            url = mock.fault_endpoint(fault)
        lines.append(f'[endpoints.{name}]\nurl = "{url}"\n')
    path = tmp_path / "broadcast-check.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path, expected


def verdict_of(rules: dict[str, str]) -> str:
    return str((Verdict.FAIL if "error" in rules.values() else Verdict.PASS).value)


@pytest.mark.timeout(1800 if WHOLE else 200)
def test_workers_check_a_fleet_and_every_verdict_is_right(
    store: Store,
    store_address: str,
    workers: Workers,
    window: str,
    fleet: tuple[Path, dict[str, dict[str, str]]],
) -> None:
    file, expected = fleet
    environ = {**os.environ, "BROADCAST_STORE": store_address}
    handed = subprocess.run(
        [CHECK, "--all", "--queue", "--config", file],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert handed.stdout.startswith(f"{ENDPOINTS:,} endpoints are queued for the workers;")
    workers.start(4 if WHOLE else 2, "--checks", "4", "--config", str(file))
    wait_until(lambda: window_answers(window) and _all_checked(store), 1700 if WHOLE else 150)
    found = {one.name: one for one in store.fleet.newest(time.time())}
    assert {name: dict(one.rules) for name, one in found.items()} == expected
    verdicts = {name: one.verdict for name, one in found.items()}
    assert verdicts == {name: verdict_of(rules) for name, rules in expected.items()}
    asked = [COMMAND, "checks", "status", "--json"]
    status = subprocess.run(asked, env=environ, capture_output=True, text=True, check=False)
    assert json.loads(status.stdout)["failing"] == list(verdicts.values()).count("fail")
    assert status.returncode == 1
    assert set(workers.stop()) == {0}


def _all_checked(store: Store) -> bool:
    standing = store.fleet.standing(time.time())
    return standing.endpoints == ENDPOINTS and not (standing.due or standing.running)


def test_without_postgresql_one_sentence_says_what_to_do(
    tmp_path: Path, sqlite_address: str
) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text('[endpoints.one]\nurl = "http://127.0.0.1:9/"\n', "utf-8")
    done = subprocess.run(
        [CHECK, "--all", "--queue", "--config", file],
        env={**os.environ, "BROADCAST_STORE": sqlite_address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "broadcast-check: --queue needs a store on PostgreSQL: set BROADCAST_STORE to "
        "postgresql://USER@HOST/DATABASE, or leave out --queue to check here.\n"
    )


def test_without_workers_a_fleet_is_checked_here_and_its_changes_are_told(
    tmp_path: Path, sqlite_address: str, hosts: list[MockServer]
) -> None:
    environ = {**os.environ, "BROADCAST_STORE": sqlite_address}
    file = tmp_path / "fleet.toml"

    def checked(url: str) -> int:
        file.write_text(f'[endpoints.one]\nurl = "{url}"\n', "utf-8")
        run = [COMMAND, "checks", "run", "--config", file]
        return subprocess.run(run, env=environ, capture_output=True, check=False).returncode

    assert checked(hosts[0].endpoint) == 0
    between = time.time()
    assert checked(hosts[0].fault_endpoint("PAGE004")) == 1

    def changed(since: float) -> dict[str, list[dict[str, Any]]]:
        moment = datetime.fromtimestamp(since, UTC).isoformat()
        asked = [COMMAND, "checks", "changes", "--since", moment, "--json"]
        told = subprocess.run(asked, env=environ, capture_output=True, text=True, check=True)
        found: dict[str, list[dict[str, Any]]] = json.loads(told.stdout)
        return found

    (newly,) = changed(between)["newly"]
    assert (newly["rule"], newly["endpoints"]) == ("PAGE004", ["one"])
    failed = time.time()
    assert checked("http://127.0.0.1:9/down") == 1
    down = changed(failed)
    assert [one["rule"] for one in down["newly"]] == ["NET002"]
    assert down["no_longer"] == [], "what was not judged is not put right"


def endpoints(*hosts: str) -> list[FleetEndpoint]:
    return [
        FleetEndpoint(name=f"e{number}", host=host, endpoint=f"http://{host}/{number}")
        for number, host in enumerate(hosts)
    ]


def passed(name: str, began_at: float) -> FleetResult:
    return FleetResult(name=name, began_at=began_at, ended_at=began_at + 1.0, verdict="pass")


def claim(store: Store, owner: str, now: float) -> str | None:
    return store.fleet.claim(owner, now=now, lease_seconds=30.0)


def test_of_one_host_one_endpoint_is_checked_at_a_time(store: Store) -> None:
    store.fleet.enroll(endpoints("a", "a", "b"), every_seconds=None, now=1.0)
    assert [claim(store, owner, 2.0) for owner in ("x", "y", "z")] == ["e0", "e2", None]
    assert store.fleet.record("x", passed("e0", 2.0))
    assert claim(store, "z", 3.0) == "e1"


def test_a_dead_workers_check_goes_to_another(store: Store) -> None:
    store.fleet.enroll(endpoints("a"), every_seconds=None, now=1.0)
    assert claim(store, "dead", 2.0) == "e0"
    store.fleet.renew("dead", 40.0)
    assert claim(store, "other", 39.9) is None
    assert claim(store, "other", 40.0) == "e0"
    assert not store.fleet.record("dead", passed("e0", 2.0))
    assert store.fleet.record("other", passed("e0", 40.0))


def test_what_is_checked_again_and_again_is_due_again(store: Store) -> None:
    store.fleet.enroll(endpoints("a"), every_seconds=3600.0, now=1.0)
    assert claim(store, "x", 10.0) == "e0"
    store.fleet.record("x", passed("e0", 10.0))
    assert claim(store, "x", 3609.0) is None
    assert claim(store, "x", 3610.0) == "e0"


def test_a_fleet_is_replaced_and_its_history_kept(store: Store) -> None:
    store.fleet.enroll(endpoints("a", "b"), every_seconds=None, now=1.0)
    claim(store, "x", 2.0)
    store.fleet.record("x", passed("e0", 2.0))
    store.fleet.enroll(endpoints("a"), every_seconds=None, now=5.0)
    assert store.fleet.standing(6.0).endpoints == 1
    assert [one.result.ended_at for one in store.fleet.runs("e0", 9)] == [3.0]
    assert store.fleet.forget_before(10.0) == 1
    assert store.fleet.runs("e0", 9) == []


def failing(name: str, **rules: str) -> FleetResult:
    return FleetResult(name=name, began_at=1.0, ended_at=2.0, verdict="fail", rules=rules)


def test_changes_are_told_by_rule_and_the_most_endpoints_first() -> None:
    names = [f"c{number:02}" for number in range(12)]
    before = [passed(name, 1.0) for name in names] + [failing("fern", PERF001="warning")]
    after = [failing(name, NEXT006="error") for name in names]
    after += [passed("fern", 5.0), passed("new", 5.0)]
    changes = changes_between(before, after, since=1_795_564_800.0, until=1_795_651_200.0)
    assert changes_text(changes) == (
        "Since Wednesday 2026-11-25 00:00 UTC, of 14 endpoints:\n"
        "12 endpoints newly fail NEXT006 overlapping-pages: c00, c01, c02, c03, c04 and 7 more\n"
        "1 endpoint no longer shows PERF001 slow-pages: fern\n"
        "1 endpoint first checked since: new\n"
    )


def test_where_there_is_no_report_nothing_was_put_right() -> None:
    unchecked = FleetResult(name="a", began_at=3.0, ended_at=4.0, verdict=None, reason="gone")
    changes = changes_between([failing("a", PAGE004="error")], [unchecked], since=1.0, until=5.0)
    assert changes.no_longer == ()
    assert [one.name for one in changes.newly] == ["could-not-be-checked"]


@pytest.mark.parametrize(
    ("after", "no_longer"),
    [
        ({}, ["NEXT003", "PERF001"]),
        ({"not_judged": ["NEXT003"]}, ["PERF001"]),
        ({"rules": {"NET002": "error"}}, []),
        ({"rules": {"NET009": "warning"}}, ["NEXT003", "PERF001"]),
    ],
)
def test_what_was_not_judged_is_not_put_right(after: dict[str, Any], no_longer: list[str]) -> None:
    before = failing("a", NEXT003="error", PERF001="warning")
    changed = replace(passed("a", 5.0), **after)
    changes = changes_between([before], [changed], since=1.0, until=5.0)
    assert [one.rule for one in changes.no_longer] == no_longer
