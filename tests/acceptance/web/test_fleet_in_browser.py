"""The fleet as support looks at it, in a real browser: who fails, what changed, and since when."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fleet_kit import ended, enroll, keep
from playwright.sync_api import Page, expect
from window_process import WindowProcess

from broadcaster.store import open_store
from checker import check
from checker.api import as_document
from mockserver import MockServer

OpenPage = Callable[..., Page]
COMMAND = Path(sys.executable).parent / "broadcast"
SECRET = "Zq8secret"
DAY = 86_400.0
NAMES = [f"customer-{number:03}" for number in range(240)]
FAILING = NAMES[5:17]
PATHS = [
    "/fleet",
    "/fleet?outcome=unchecked&text=nobody",
    "/fleet/changes?since=24h",
    "/fleet/changes?since=soon",
    "/fleet/history?name=customer-005",
    f"/fleet/results/{len(NAMES) + 6}",
    f"/fleet/results/{2 * len(NAMES)}",
]


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, mock: MockServer) -> Iterator[WindowProcess]:
    """Over a fleet in which twelve endpoints newly fail, and one has no report."""
    path, now = tmp_path_factory.mktemp("window") / "store.sqlite", time.time()
    report = as_document(check(mock.fault_endpoint("NEXT006")))
    with open_store(f"sqlite:///{path}") as store:
        enroll(store, NAMES)
        keep(store, [ended(name, now - 2 * DAY) for name in NAMES])
        keep(
            store,
            [
                ended(
                    name,
                    now - 60.0,
                    {"NEXT006": "error"} if name in FAILING else None,
                    report=report if name in FAILING else None,
                )
                for name in NAMES[:-1]
            ],
        )
        keep(store, [ended(NAMES[-1], now - 60.0, reason="Its host name does not resolve.")])
    running = WindowProcess(path)
    yield running
    running.stop()


@pytest.mark.parametrize("scripts", [True, False])
def test_who_fails_a_rule_is_found_and_its_report_opened(
    open_page: OpenPage, screenshot: Callable[[Page, str], None], scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    page.get_by_role("link", name="Fleet").click()
    screenshot(page, "fleet")
    assert page.locator("tbody tr").count() == 100
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody tr").first).to_contain_text("customer-100")
    page.get_by_label("Rule").select_option("NEXT006")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(len(FAILING))
    page.get_by_role("link", name="customer-005").click()
    expect(page.locator("h1")).to_have_text("History of customer-005")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("tbody a").first.click()
    expect(page.locator("article#NEXT006").get_by_text("Fix:")).to_be_visible()


def test_what_changed_is_a_sentence_that_opens_to_the_names(
    open_page: OpenPage, screenshot: Callable[[Page, str], None]
) -> None:
    page = open_page("/fleet")
    page.get_by_role("link", name="What changed").click()
    page.get_by_label("Since").fill("24h")
    page.get_by_role("button", name="Show").click()
    line = page.get_by_text("12 endpoints newly fail NEXT006 overlapping-pages")
    line.click()
    screenshot(page, "fleet-changes")
    expect(page.locator("details[open] li")).to_have_count(12)
    expect(page.get_by_text("1 endpoint can no longer be checked")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as JSON").click()
    document = json.loads(download.value.path().read_text("utf-8"))
    assert document["newly"][0]["endpoints"] == FAILING


@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("path", PATHS)
def test_its_pages_can_be_used_by_all(
    open_page: OpenPage, violations: Callable[[Page], list[str]], path: str, width: int
) -> None:
    page = open_page(path, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["id", "th"])
def test_it_fits_in_other_languages(
    open_page: OpenPage, language: str, screenshot: Callable[[Page, str], None]
) -> None:
    for path in PATHS[:3]:
        page = open_page(path, width=360, locale=language, color_scheme="dark")
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    screenshot(page, f"fleet-changes-phone-{language}")


def test_credentials_of_endpoints_are_masked_wherever_they_could_show(
    open_page: OpenPage, mock: MockServer, tmp_path: Path
) -> None:
    file, store = tmp_path / "fleet.toml", tmp_path / "own.sqlite"
    url = f"{mock.fault_endpoint('PAGE004')}?api_key={SECRET}"
    file.write_text(f'[endpoints.acme]\nurl = "{url}"\n', "utf-8")
    environ = {**os.environ, "BROADCAST_STORE": f"sqlite:///{store}"}
    run = [COMMAND, "checks", "run", "--config", file]
    done = subprocess.run(run, env=environ, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    running = WindowProcess(store)
    try:
        page = open_page("/fleet", at=running.url)
        expect(page.locator("tbody tr")).to_contain_text("•••")
        shown = [page.content()]
        for path in ("/fleet/history?name=acme", "/fleet/results/1"):
            page.goto(running.url + path)
            shown.append(page.content())
        for path in ("/fleet.json", "/fleet.csv", "/fleet/results/1.json"):
            answer = page.request.get(running.url + path)
            assert answer.status == 200
            shown.append(answer.text())
        assert "PAGE004" in shown[-1]
        assert not [text for text in shown if SECRET in text]
    finally:
        running.stop()
