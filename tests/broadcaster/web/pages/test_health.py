"""What load balancers and Prometheus are told, and who is told what."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from answering import Server
from prometheus_client.parser import text_string_to_metric_families

PASSWORD = "correct horse battery"
TOKEN = "0123456789abcdef-metrics"
STRANGERS = ["10.1.2.3:8322", "evil.example", ""]


@pytest.fixture
def window_address(store_address: str) -> str:
    """Of each kind of store."""
    return store_address


class Outage:
    """Takes the store away from everyone, and gives it back as it was."""

    def __init__(self, address: str) -> None:
        self._address = address

    def begin(self) -> None:
        if self._address.startswith("sqlite:"):
            path = self._path
            path.rename(path.with_suffix(".away"))
            return
        self._admit("false")
        self._administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (self._name,),
        )

    def end(self) -> None:
        if self._address.startswith("sqlite:"):
            self._path.with_suffix(".away").rename(self._path)
        else:
            self._admit("true")

    @property
    def _path(self) -> Path:
        return Path(self._address.removeprefix("sqlite:///"))

    @property
    def _name(self) -> str:
        return self._address.partition("?")[0].rpartition("/")[2]

    def _admit(self, whether: str) -> None:
        self._administer(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS {whether}")

    def _administer(self, statement: str, values: Any = None) -> None:
        other = self._address.replace("postgresql+psycopg://", "postgresql://")
        other = other.replace(f"/{self._name}?", "/postgres?")
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute(statement, values)  # type: ignore[call-overload]


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_while_the_store_is_away_it_lives_and_is_not_ready(
    open_window: Any, window_address: str
) -> None:
    visitor, outage = open_window(), Outage(window_address)
    assert visitor.get("/readyz").text == "ok\n"
    outage.begin()
    try:
        assert (visitor.get("/healthz").status_code, visitor.get("/healthz").text) == (200, "ok\n")
        answer = visitor.get("/readyz")
        assert answer.status_code == 503
        assert answer.text == "not ready: the store cannot be used\n"
        assert answer.content_type == "text/plain; charset=utf-8"
        metrics = visitor.get("/metrics")
        assert metrics.status_code == 200
        assert figures(metrics.text)[("broadcast_store_up",)] == 0
    finally:
        outage.end()
    assert visitor.get("/readyz").status_code == 200
    assert figures(visitor.get("/metrics").text)[("broadcast_store_up",)] == 1


@pytest.mark.parametrize("store_kind", ["postgresql"])  # readers of SQLite wait for nobody
def test_a_store_that_does_not_answer_holds_up_nobody(
    open_window: Any, window_address: str
) -> None:
    visitor = open_window()
    plain = window_address.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain) as other:
        other.execute("LOCK TABLE broadcasts IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(20) as pool:
            asking = [pool.submit(visitor.get, "/readyz") for _ in range(20)]
            assert visitor.get("/healthz").status_code == 200
            assert {one.result(timeout=60).status_code for one in asking} == {503}
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        assert other.execute(waiting).fetchone() == (1,)  # they asked the store together
        assert figures(visitor.get("/metrics").text)[("broadcast_store_up",)] == 0
    until = time.monotonic() + 60
    while visitor.get("/readyz").status_code != 200:
        assert time.monotonic() < until, "it stays unready"


@pytest.mark.parametrize("settings", [{"password": PASSWORD}, {"public_checker": True}])
@pytest.mark.parametrize("host", STRANGERS)
def test_a_load_balancer_is_answered_by_whatever_name_it_asks(
    open_window: Any, settings: dict[str, Any], host: str
) -> None:
    visitor = open_window(**settings)
    for path in ("/healthz", "/readyz"):
        answer = visitor.get(path, headers={"Host": host})
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert visitor.client.head(path, headers={"Host": host}).status_code == 200
        assert visitor.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visitor.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_the_figures_tell_what_was_answered_and_what_is_under_way(
    open_window: Any, slow_server: Server
) -> None:
    visitor = open_window(checks_at_once=1)
    visitor.store.broadcasts.create(now=1.0)
    visitor.get("/checks")
    visitor.get("/nothing")
    running = visitor.start(slow_server.url, timeout="60")
    assert slow_server.arrived.acquire(timeout=60)  # type: ignore[attr-defined]
    waiting = visitor.start(slow_server.url)
    answer = visitor.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    found = figures(answer.text)
    assert found[("broadcast_window_answers_total", "200")] == 1
    assert found[("broadcast_window_answers_total", "404")] == 1
    assert found[("broadcast_window_answers_total", "303")] == 2
    assert found[("broadcast_window_running", "checks")] == 1
    assert found[("broadcast_window_waiting", "checks")] == 1
    assert found[("broadcast_window_running", "sends")] == 0
    assert found[("broadcast_broadcasts", "loading")] == 1
    for name in (waiting, running):
        visitor.post(f"/checks/{name}/stop")
        visitor.wait(name)
    assert figures(visitor.get("/metrics").text)[("broadcast_window_running", "checks")] == 0


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
def test_strangers_are_not_told_the_figures(open_window: Any, given: str | None) -> None:
    visitor = open_window(password=PASSWORD, metrics_token=TOKEN)
    headers = {} if given is None else {"Authorization": given}
    answer = visitor.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "broadcast_" not in answer.text


def test_the_token_opens_the_figures_and_nothing_else(open_window: Any) -> None:
    visitor = open_window(password=PASSWORD, metrics_token=TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert visitor.get("/metrics", headers=headers).status_code == 200
    assert visitor.get("/metrics", headers={**headers, "Host": "evil.example"}).status_code == 421
    for path in ("/", "/checks", "/broadcasts"):
        assert visitor.get(path, headers=headers).status_code == 303
    assert visitor.post("/checks", {"url": ""}, headers=headers).status_code == 401


def test_without_a_token_the_figures_are_for_who_has_logged_in(open_window: Any) -> None:
    visitor = open_window(password=PASSWORD)
    for given in ("Bearer None", "Bearer "):
        assert visitor.get("/metrics", headers={"Authorization": given}).status_code == 401
    visitor.post("/login", {"password": PASSWORD})
    assert visitor.get("/metrics").status_code == 200
