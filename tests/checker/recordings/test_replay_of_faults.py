"""For every fault of the mock: check, record, replay gives equal findings, and the file hides
whatever is to be hidden.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from checker.cli.options import config_of, parse_options
from checker.core.protocols import Address
from checker.core.report import Report
from checker.engine.run import run
from checker.recordings.offline import offline_check
from checker.recordings.recorder import open_recorder
from checker.transport.resolver import Resolver
from mockserver import MockServer, catalogue
from schemas import read

NEVER_REPLAYED = {"PERF006"}
SECRET = "demo-token-1234"


class Elsewhere(Resolver):
    """Finds one made-up host on this machine, and takes it for another machine."""

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        known = host == "plain-http.example.test"
        return super().resolve("127.0.0.1" if known else host, port, timeout_seconds)

    def is_this_machine(self, peer: str, own: str) -> bool:
        return False


class Heard:
    """Every page's uids and msgs, as they came over the network."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def __call__(self, event: object) -> None:
        page = getattr(event, "page", None)
        for texts in (getattr(page, "uids", ()), getattr(page, "msgs", ())):
            self.texts |= {text for text in texts if text is not None}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.crawling.retries._FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


def check(url: str, options: tuple[str, ...], file: Path, name: str) -> tuple[Report, Heard]:
    config = config_of(parse_options([url, "--timeout", "1", "--no-config", *options]))
    if name == "SEC002":
        object.__setattr__(config, "resolver", Elsewhere())
    heard = Heard()
    with open_recorder(str(file), config) as recorder:
        assert recorder is not None
        tell = recorder

        def listen(event: object) -> None:
            heard(event)
            tell(event)  # type: ignore[arg-type]

        report = run(config, listen)
    return report, heard


def replay(file: Path, *options: str) -> Report:
    offline = offline_check(
        parse_options(["--replay", str(file), "--no-config", *options]), config_of
    )
    assert offline is not None
    report = run(offline.config, client=offline.client)
    assert report.crashes == ()
    return report


def findings_of(report: Report) -> dict[str, int]:
    return {finding.rule: finding.count for finding in report.findings}


def messages_of(report: Report) -> dict[str, str]:
    """The sentences, without a byte of a customer's, which a recording replaces."""
    return {
        f.rule: re.sub(r"\(0x..\)", "(0x…)", f.message)
        for f in report.findings
        if f.rule not in NEVER_REPLAYED
    }


def without_headers(options: tuple[str, ...]) -> list[str]:
    """What still applies to a replay."""
    kept = list(options)
    for name in ("-H", "--load", "--retries"):
        while name in kept:
            del kept[kept.index(name) : kept.index(name) + 2]
    return kept


def without_bytes(messages: dict[str, str]) -> dict[str, str]:
    """A letter that is masked is another byte."""
    return {rule: re.sub("0x[0-9A-F]{2}", "0x", said) for rule, said in messages.items()}


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_a_fault_is_found_again_in_its_recording(
    mock: MockServer, name: str, tmp_path: Path
) -> None:
    fault = catalogue()[name]
    file = tmp_path / "run.har"
    report, heard = check(mock.fault_endpoint(name), fault.options, file, name)
    again = replay(file, *without_headers(fault.options))

    live = findings_of(report)
    unjudged = {rule for item in again.not_judged for rule in item.rules}
    assert set(live) & unjudged <= NEVER_REPLAYED
    assert findings_of(again) == {r: n for r, n in live.items() if r not in NEVER_REPLAYED}
    if not name.startswith("ROW"):  # whose sentences may quote a message
        assert without_bytes(messages_of(again)) == without_bytes(messages_of(report))
    assert (again.crawl.ended_by, again.complete) == (report.crawl.ended_by, report.complete)
    assert (again.crawl.pages, again.crawl.rows) == (report.crawl.pages, report.crawl.rows)

    text = file.read_text("utf-8")
    har = json.loads(text)
    jsonschema.Draft202012Validator(read("recording")).validate(har)
    assert SECRET not in text
    shown = "".join(entry["response"]["content"].get("text", "") for entry in har["log"]["entries"])
    leaks = [
        t
        for t in heard.texts
        if sum(map(str.isalpha, t)) > 8 and "undefined" not in t and t in shown
    ]
    assert leaks == []
    ids = set(re.findall(r"U[0-9a-f]{32}", shown))
    assert not ids & heard.texts
