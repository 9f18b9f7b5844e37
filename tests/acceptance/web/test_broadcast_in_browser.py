"""Broadcasts as people make them, in a real browser, beside the mock and a stand-in for LINE."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from answering import Answer, Asked, Server
from browser_kit import confirm, heading, load_file, path_of, send_all, send_first
from playwright.sync_api import Page, expect
from window_process import WindowProcess

from mockserver import MockServer
from mockserver.line_api import Faults, LineConfig, LineServer

OpenPage = Callable[..., Page]
Screenshot = Callable[[Page, str], None]
FAMILIES = ["JSON001", "PAGE004", "ROW002", "NEXT004"]
MANY = 3_000


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    """A file of many contacts."""
    path = tmp_path / "contacts.csv"
    rows = (f"U{n:032x},hello {n}\n" for n in range(MANY))
    path.write_text("uid,msg\n" + "".join(rows), "utf-8")
    return path


def load(page: Page, endpoint: str) -> None:
    page.get_by_label("From API").check()
    page.get_by_label("Endpoint").fill(endpoint)
    page.locator("button.main").click()


def test_a_right_endpoint_is_broadcast_to_the_end(
    open_page: OpenPage,
    sending_window: WindowProcess,
    mock: MockServer,
    line: LineServer,
    screenshot: Screenshot,
    violations: Callable[[Page], list[str]],
) -> None:
    page = open_page("/broadcasts/new", at=sending_window.url)
    screenshot(page, "broadcast-form")
    assert violations(page) == []
    load(page, mock.endpoint)
    heading(page, "Ready to be sent")
    screenshot(page, "broadcast-ready")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    send_all(page, 1000)
    heading(page, "The broadcast is done")
    assert "accepted the message of each of the contacts" in page.locator("main").inner_text()
    assert page.locator("[data-bars] rect").count() > 0
    screenshot(page, "broadcast-done")
    assert violations(page) == []
    assert len(line.counts()) == 1000
    assert set(line.counts().values()) == {1}
    page.goto(f"{sending_window.url}/broadcasts")
    assert violations(page) == []
    screenshot(page, "broadcast-history")


@pytest.mark.parametrize("rule", FAMILIES)
def test_a_wrong_endpoint_alerts_instead_of_a_broadcast(
    open_page: OpenPage,
    sending_window: WindowProcess,
    mock: MockServer,
    line: LineServer,
    rule: str,
    screenshot: Screenshot,
) -> None:
    page = open_page("/broadcasts/new", at=sending_window.url)
    load(page, mock.fault_endpoint(rule))
    heading(page, "This cannot be broadcast")
    assert page.locator(f"article#{rule}").get_by_text("Fix:").is_visible()
    assert page.get_by_role("button", name=re.compile("^Send")).count() == 0
    assert line.counts() == {}
    if rule == "PAGE004":
        screenshot(page, "broadcast-blocked")


def test_a_send_is_live_paused_resumed_and_watched_by_two(
    open_page: OpenPage,
    sending_window: WindowProcess,
    contacts: Path,
    line: LineServer,
    screenshot: Screenshot,
    violations: Callable[[Page], list[str]],
) -> None:
    line.set_faults(Faults(latency_seconds=0.2))
    page = open_page("/broadcasts/new", at=sending_window.url)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    send_first(page, 3)
    heading(page, "Paused")
    assert sum(line.counts().values()) == 3
    second = open_page(path_of(page), at=sending_window.url)
    page.get_by_role("button", name="Resume").click()
    confirm(page)
    heading(page, "Sending")
    page.evaluate("window.stillHere = true")
    expect(page.locator("[data-field=accepted]")).not_to_have_text("3")
    expect(page.locator("[data-bars] rect").first).to_be_attached()
    assert page.evaluate("window.stillHere")
    screenshot(page, "broadcast-sending")
    second.reload()
    if second.locator("h1").inner_text() == "Sending":
        second.get_by_role("button", name="Pause").click()
        heading(page, "Paused")
        heading(second, "Paused")
        assert violations(page) == []
        second.get_by_role("button", name="Resume").click()
    line.set_faults(Faults())
    heading(second, "The broadcast is done")
    assert len(line.counts()) == MANY
    assert set(line.counts().values()) == {1}


def test_a_send_survives_the_server_and_the_browser(
    open_page: OpenPage, sending_window: WindowProcess, contacts: Path, line: LineServer
) -> None:
    line.set_faults(Faults(latency_seconds=0.2))
    page = open_page("/broadcasts/new", at=sending_window.url)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    send_all(page, MANY)
    heading(page, "Sending")
    expect(page.locator("[data-field=accepted]")).not_to_have_text("0")
    path = path_of(page)
    page.close()
    sending_window.kill()
    line.set_faults(Faults())
    sending_window.start()
    page = open_page(path, at=sending_window.url)
    heading(page, "The broadcast is done")
    assert len(line.counts()) == MANY
    assert set(line.counts().values()) == {1}


def test_a_load_survives_the_server_and_asks_for_its_headers_again(
    open_page: OpenPage, sending_window: WindowProcess, screenshot: Screenshot
) -> None:
    server, blocked = Server(), [True]

    def answer(asked: Asked) -> Answer:
        number = int(asked.token) if (asked.token or "").isdigit() else 0
        if asked.method != "GET":
            return Answer(b"", 405, {"Allow": "GET"})
        if asked.headers.get("Authorization") != "Bearer Zq8-secret-71":
            return Answer(b"{}", 401)
        if number == 2 and blocked[0]:
            return Answer(b"", 503, {"Retry-After": "30"})
        token = str(number + 1) if number < 3 else ""
        row = f'{{"uid": "U{number:032x}", "msg": "hello"}}'
        return Answer(f'{{"list": [{row}], "next": "{token}"}}'.encode())

    server.answer = answer
    try:
        page = open_page("/broadcasts/new", at=sending_window.url)
        give_header(page)
        load(page, server.url)
        expect(page.locator("[data-field=doing]")).to_contain_text("503")
        path = path_of(page)
        page.close()
        sending_window.kill()
        sending_window.start()
        blocked[0] = False
        page = open_page(path, at=sending_window.url)
        heading(page, "Interrupted while loading")
        screenshot(page, "broadcast-interrupted")
        page.get_by_role("link", name="Resume loading").click()
        give_header(page)
        page.locator("button.main").click()
        heading(page, "Ready to be sent")
        assert path_of(page) == path
        expect(page.get_by_role("button", name="Send 4 messages")).to_be_visible()
    finally:
        server.close()


def give_header(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Authorization")
    page.get_by_label("Value").fill("Bearer Zq8-secret-71")


def test_who_did_not_get_it_is_told_filtered_and_retried(
    open_page: OpenPage,
    tmp_path: Path,
    contacts: Path,
    screenshot: Screenshot,
    violations: Callable[[Page], list[str]],
) -> None:
    with LineServer(LineConfig(unknown=("U" + "0" * 29 + "00*",))) as line:
        settings = {"BROADCAST_LINE_BASE_URL": line.url, "BROADCAST_LINE_TOKEN": line.token}
        running = WindowProcess(tmp_path / "store.sqlite", env=settings)
        try:
            page = open_page("/broadcasts/new", at=running.url)
            load_file(page, contacts)
            heading(page, "Ready to be sent")
            send_all(page, MANY)
            heading(page, "The broadcast is done")
            assert page.locator("[data-field=refused]").inner_text() == "16"
            page.get_by_role("link", name="All who did not get it").click()
            assert page.locator("tbody tr").count() == 16
            page.get_by_label("User id begins with").fill("U" + "0" * 31 + "a")
            page.get_by_role("button", name="Filter").click()
            assert page.locator("tbody tr").count() == 1
            screenshot(page, "broadcast-people")
            assert violations(page) == []
            page.set_viewport_size({"width": 360, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            page.set_viewport_size({"width": 1100, "height": 800})
            page.get_by_role("link", name="Back to the broadcast").click()
            page.get_by_role("button", name="Retry the refused").click()
            heading(page, "The broadcast is done")
            assert line.summary()["by_status"]["400"] == 32
        finally:
            running.stop()


@pytest.mark.parametrize("width", [360, 1100])
def test_it_fits_a_phone_and_works_without_a_script(
    open_page: OpenPage, sending_window: WindowProcess, mock: MockServer, width: int
) -> None:
    scripted = width != 360
    page = open_page(
        "/broadcasts/new",
        at=sending_window.url,
        width=width,
        java_script_enabled=scripted,
        color_scheme="dark",
    )
    load(page, mock.endpoint)
    heading(page, "Ready to be sent")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role(
        "button", name="Send only these" if not scripted else "Send the first 10"
    ).click()
    if not scripted:  # the button cannot count, so a page asks
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        confirm(page)
    heading(page, "Paused")
    page.get_by_role("button", name="Resume").click()
    confirm(page)
    heading(page, "The broadcast is done")
