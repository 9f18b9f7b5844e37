"""The check as people do it, in a real browser against the real server and the mock."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from answering import Answer, Asked, Server
from playwright.sync_api import Page, expect
from window_process import WindowProcess

from mockserver import MockServer

OpenPage = Callable[..., Page]
FAMILIES = ["NET005", "HTTP002", "JSON001", "PAGE004", "ROW002", "NEXT004", "PERF003", "SEC004"]


def begin(page: Page, endpoint: str) -> None:
    page.get_by_label("Endpoint").fill(endpoint)
    page.locator("button.main").click()


def result(page: Page) -> None:
    expect(page.locator("h1.verdict")).to_be_visible()


@pytest.fixture
def gate() -> Iterator[Server]:
    """An endpoint without an end, whose pages come as `pages.release()` lets them."""
    server = Server()
    server.pages = threading.Semaphore(0)  # type: ignore[attr-defined]
    closed = threading.Event()

    def answer(asked: Asked) -> Answer:
        while not closed.is_set() and not server.pages.acquire(timeout=0.1):  # type: ignore[attr-defined]
            pass
        number = int(asked.token or 0) + 1
        return Answer(
            f'{{"list": [{{"uid": "u{number}", "msg": "m"}}], "next": "{number}"}}'.encode()
        )

    server.answer = answer
    yield server
    closed.set()
    server.close()


def test_a_right_endpoint_passes(
    open_page: OpenPage, mock: MockServer, screenshot: Callable[[Page, str], None]
) -> None:
    page = open_page()
    screenshot(page, "check-form")
    begin(page, mock.endpoint)
    result(page)
    assert page.locator("h1").inner_text().startswith("PASS")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    screenshot(page, "check-passed")


@pytest.mark.parametrize("rule", FAMILIES)
def test_each_family_of_faults_alerts_with_its_fix(
    open_page: OpenPage, mock: MockServer, rule: str, screenshot: Callable[[Page, str], None]
) -> None:
    page = open_page()
    begin(page, mock.fault_endpoint(rule))
    result(page)
    finding = page.locator(f"article#{rule}")
    assert finding.get_by_text("Fix:").is_visible()
    if rule == "PAGE004":
        screenshot(page, "check-failed")


def test_progress_is_live_and_a_stop_keeps_what_was_found(
    open_page: OpenPage, gate: Server, screenshot: Callable[[Page, str], None]
) -> None:
    page = open_page()
    begin(page, gate.url)
    pages = page.locator("[data-field=pages]")
    for _ in range(3):
        gate.pages.release()  # type: ignore[attr-defined]
    expect(pages).to_have_text("2")
    page.evaluate("window.stillHere = true")
    for _ in range(5):
        gate.pages.release()  # type: ignore[attr-defined]
    expect(pages).not_to_have_text("2")
    assert page.evaluate("window.stillHere")
    screenshot(page, "check-running")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The check was stopped")).to_be_visible()
    expect(page.get_by_text("The check was stopped before its end.")).to_be_visible()


def test_two_browsers_at_once_see_one_check(open_page: OpenPage, gate: Server) -> None:
    first = open_page()
    begin(first, gate.url)
    first.wait_for_url("**/checks/*")
    second = open_page(first.url.partition("/checks")[1] + first.url.partition("/checks")[2])
    expect(second.locator("h1")).to_have_text("Checking")
    second.get_by_role("button", name="Stop").click()
    for page in (first, second):
        expect(page.get_by_text("stopped").first).to_be_visible()


def test_rows_of_headers_come_and_go(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Name", exact=True).fill("Authorization")
    page.get_by_label("Value").fill("Bearer 12345678")
    page.get_by_role("button", name="Add a header").click()
    assert page.get_by_label("Name", exact=True).count() == 2
    assert page.get_by_label("Value").nth(1).input_value() == ""
    assert page.get_by_label("Value").nth(1).get_attribute("type") == "password"
    assert page.evaluate("document.activeElement.id") == "header-name-1"
    page.get_by_role("button", name="Remove header 1").click()
    assert page.get_by_label("Name", exact=True).input_value() == ""
    page.get_by_role("button", name="Remove header 1").click()
    assert page.get_by_label("Name", exact=True).count() == 1


def test_by_the_keyboard_alone(open_page: OpenPage, mock: MockServer) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(mock.fault_endpoint("PAGE004"))
    page.keyboard.press("Enter")
    result(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("summary:focus").count():
            break
    assert page.locator("summary:focus").count() == 1
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1


def test_without_a_script(open_page: OpenPage, mock: MockServer) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_label("Endpoint").fill(mock.endpoint)
    page.get_by_role("button", name="Add a header").click()
    assert page.get_by_label("Name", exact=True).count() == 2
    page.locator("button.main").click()
    result(page)  # the page asked for itself again until there was one
    assert page.locator("h1").inner_text().startswith("PASS")


@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("path", ["/", "/files", "/checks"])
def test_pages_can_be_used_by_all(
    open_page: OpenPage, violations: Callable[[Page], list[str]], path: str, width: int
) -> None:
    page = open_page(path, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1100])
def test_a_result_can_be_used_by_all(
    open_page: OpenPage,
    mock: MockServer,
    violations: Callable[[Page], list[str]],
    width: int,
    screenshot: Callable[[Page, str], None],
) -> None:
    page = open_page(width=width)
    begin(page, mock.fault_endpoint("PAGE004"))
    result(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 360:
        screenshot(page, "check-failed-phone-dark")


def test_a_running_check_can_be_used_by_all(
    open_page: OpenPage, gate: Server, violations: Callable[[Page], list[str]]
) -> None:
    page = open_page()
    begin(page, gate.url)
    page.wait_for_url("**/checks/*")
    assert violations(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("h1")).not_to_have_text("Checking")


@pytest.mark.parametrize("language", ["id", "th"])
def test_other_languages_fit(open_page: OpenPage, language: str) -> None:
    page = open_page(width=360, locale=language)
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_recording_is_opened(
    open_page: OpenPage, mock: MockServer, tmp_path: Path, screenshot: Callable[[Page, str], None]
) -> None:
    saved = tmp_path / "page.json"
    saved.write_text('{"list": [{"uid": "u1"}], "next": ""}')
    page = open_page("/files")
    screenshot(page, "open-files")
    page.get_by_label("Saved pages").check()
    page.get_by_label("Files").set_input_files(saved)
    page.get_by_role("button", name="Check files").click()
    result(page)
    assert page.locator("article#ROW005").is_visible()


def test_a_hostile_endpoint_runs_nothing(open_page: OpenPage) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"`{{7*7}}"
    server = Server()

    def answer(asked: Asked) -> Answer:
        if asked.token or asked.method != "GET":
            return Answer(
                f"Traceback {evil}".encode(), 500, {"Content-Type": "text/html", "X-A": evil}
            )
        body = '{"list": [{"uid": " {}", "msg": "<b>{}"}], "next": "{}", "{}": 1}'
        text = evil.replace("\\", "\\\\").replace('"', '\\"')
        return Answer(body.replace("{}", text).encode(), 200, {"Content-Type": evil, "X-A": evil})

    server.answer = answer
    try:
        page = open_page()
        page.get_by_text("More options").click()
        page.get_by_label("Retries").fill("0")
        begin(page, server.url + "?" + "a=%3Cscript%3Ealert(3)%3C/script%3E")
        result(page)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.locator("main script, main img").count() == 0
        page.goto(page.url.partition("/checks")[0] + "/checks")
        assert page.locator("main script, main img").count() == 0
    finally:
        server.close()


def test_a_check_outlives_the_browser_and_its_result_the_server(
    open_page: OpenPage, mock: MockServer, tmp_path: Path
) -> None:
    running = WindowProcess(tmp_path / "store.sqlite")
    try:
        page = open_page(at=running.url)
        begin(page, mock.fault_endpoint("PAGE004"))
        page.wait_for_url("**/checks/*")
        address = page.url
        page.close()
        result(open_page(address.removeprefix(running.url), at=running.url))
        running.kill()
        running.start()
        again = open_page(address.removeprefix(running.url), at=running.url)
        assert again.locator("article#PAGE004").is_visible()
    finally:
        running.stop()


def test_a_check_that_was_under_way_at_a_kill_is_said_to_be_lost(
    open_page: OpenPage, gate: Server, tmp_path: Path
) -> None:
    running = WindowProcess(tmp_path / "store.sqlite")
    try:
        page = open_page(at=running.url)
        begin(page, gate.url)
        page.wait_for_url("**/checks/*")
        address = page.url
        page.close()
        running.kill()
        running.start()
        again = open_page(address.removeprefix(running.url), at=running.url)
        assert again.get_by_text("the server was stopped before the check ended").is_visible()
    finally:
        running.stop()
