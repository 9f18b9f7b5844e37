"""Our own clients before our own referee: the checker's crawl and `broadcast load`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from broadcaster.loading.loader import Loader
from broadcaster.model import BroadcastState
from broadcaster.store import open_store
from checker.api import Check, Config, Endpoint, Event, PageRead
from mockserver.referee import CommandClient, FunctionClient, judge, scenarios

PATIENCE_SECONDS = 20.0


def config_for(url: str, headers: Mapping[str, str]) -> Config:
    return Config(
        endpoint=Endpoint.parse(url),
        headers=tuple(headers.items()),
        probes=False,
        timeout_seconds=1.0,
    )


def crawled(url: str, headers: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of a crawl without an error that reached the end of the data."""
    rows: list[dict[str, str]] = []

    def heard(event: Event) -> None:
        if isinstance(event, PageRead):
            pairs = zip(event.page.uids, event.page.msgs, strict=True)
            rows.extend({"uid": str(uid), "msg": str(msg)} for uid, msg in pairs)

    report = Check(config_for(url, headers), heard).run()
    errors = [finding.message for finding in report.findings if finding.severity == "error"]
    if errors or not report.complete:
        raise RuntimeError("; ".join(errors) or "the crawl did not reach the end")
    return rows


def loaded(url: str, headers: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of a load that ended ready to be sent."""
    config = config_for(url, headers)
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store") as store:
        loader = Loader(store)
        broadcast = loader.load(loader.find_or_create(config, new=True), config).broadcast
        if broadcast.state is not BroadcastState.READY:
            raise RuntimeError(broadcast.reason)
        rows = store.loads.rows(broadcast.number, 0, broadcast.rows)
        return [{"uid": uid, "msg": msg} for uid, msg in rows]


@pytest.mark.parametrize(
    "scenario_id", [each.id for each in scenarios().values() if not each.killed_at_request]
)
@pytest.mark.parametrize("client", [crawled, loaded], ids=lambda client: client.__name__)
def test_our_client_passes(client: object, scenario_id: str) -> None:
    judgement = judge(FunctionClient(client), scenarios()[scenario_id], PATIENCE_SECONDS)  # type: ignore[arg-type]
    assert judgement.complaints == ()


def test_a_load_that_is_killed_goes_on_where_it_was(root: Path) -> None:
    command = [sys.executable, str(root / "tests" / "support" / "loading_client.py"), "{url}"]
    judgement = judge(
        CommandClient(command, resumes=True), scenarios()["CLIENT032"], 3 * PATIENCE_SECONDS
    )
    assert judgement.complaints == ()
    assert judgement.requests == 5, "pages 1, 2, 3; after the kill page 2 to compare it, and page 3"
