"""The window in a real browser, as a process of its own, beside the mock."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from window_process import WindowProcess

from mockserver import MockServer
from mockserver.line_api import LineConfig, LineServer

ROOT = Path(__file__).parents[3]
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS", ROOT / ".build" / "screenshots"))
PATIENCE_MILLISECONDS = 60_000  # the machine may have much else to do


@pytest.fixture(scope="module")  # while it is open, a loop runs in this thread
def browser(require_program: Callable[[str, str], Path]) -> Iterator[Browser]:
    path = require_program("chromium", "apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=options)
        yield running
        running.close()


@pytest.fixture(scope="session")
def mock() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowProcess]:
    running = WindowProcess(tmp_path_factory.mktemp("window") / "store.sqlite")
    yield running
    running.stop()


@pytest.fixture
def line() -> Iterator[LineServer]:
    """The stand-in for LINE."""
    with LineServer(LineConfig()) as running:
        yield running


@pytest.fixture
def sending_window(line: LineServer, tmp_path: Path) -> Iterator[WindowProcess]:
    """A window of its own that sends to the stand-in."""
    settings = {"BROADCAST_LINE_BASE_URL": line.url, "BROADCAST_LINE_TOKEN": line.token}
    running = WindowProcess(tmp_path / "store.sqlite", env=settings)
    yield running
    running.stop()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, window: WindowProcess) -> Iterator[OpenPage]:
    """Opens a page of the window; whatever the browser complains about is a failure."""
    complaints: list[str] = []
    strangers: list[str] = []
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        # some tests look for what is not there, or give what is wrong
        expected = "status of 404" in message.text or "status of 422" in message.text
        if "net::ERR_" in message.text:
            expected = message.location["url"].startswith(tuple(WindowProcess.ended_at))
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    def opened(path: str = "/", *, at: str = "", width: int = 1100, **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda asked: strangers.append(asked.url))
        page.goto((at or window.url) + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [
        url for url in strangers if not re.match(r"http://(127\.0\.0\.1|localhost):", url)
    ] == []


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Keeps a picture of a page below its name, for people to look at."""

    def take(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return take


@pytest.fixture(scope="session")
def axe(root: Path) -> str:
    """The source of axe-core, which finds what keeps people from using a page."""
    path = root / ".build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        sentence = "This test needs axe-core. To get it: make npm"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return path.read_text("utf-8")


@pytest.fixture
def violations(axe: str) -> Callable[[Page], list[str]]:
    """What axe-core says is wrong with a page, in both color schemes."""

    def found(page: Page) -> list[str]:
        wrong = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.evaluate(axe)
            result = page.evaluate("axe.run()")
            wrong += [
                f"{scheme}: {item['id']}: {node['target']} {node['failureSummary']}"
                for item in result["violations"]
                for node in item["nodes"]
            ]
        return wrong

    return found
