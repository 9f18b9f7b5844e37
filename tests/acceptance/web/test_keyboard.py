"""A broadcast from the first page to the last by Tab, Shift+Tab, Space, Enter and typing alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from answering import Answer, Asked, Server
from browser_kit import heading, load_file, send_all
from playwright.sync_api import Page, expect
from window_process import WindowProcess

from mockserver.line_api import LineConfig, LineServer

OpenPage = Callable[..., Page]
SECRET = "Bearer Zq8-keyboard-71"
PAGES, ROWS = 4, 10
LONGEST_WAY = 60
FOCUSED = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  const name = node.labels?.[0]?.innerText || node.getAttribute("aria-label") || node.innerText;
  const lined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    tag: node.localName,
    name: name.trim(),
    visible: lined && style.outlineColor !== "rgba(0, 0, 0, 0)" && inside && box.width > 1,
  };
}"""


class Keyboard:
    """A person at a page who has no mouse. Wherever the focus comes, it must be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def focused(self) -> dict[str, Any]:
        """Tag and name of what has the focus."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        assert found["visible"] or found["tag"] == "body", f"the focus cannot be seen: {found}"
        return found

    def go_to(self, name: str, key: str = "Tab") -> None:
        """Press until what has this name has the focus."""
        passed = []
        for _ in range(LONGEST_WAY):
            self.press(key)
            found = self.focused()
            if found["tag"] != "body" and found["name"].startswith(name):
                return
            passed.append(found["name"][:30])
        raise AssertionError(f"{name} cannot be reached; passed: {passed}")

    def has(self, tag: str, name: str) -> None:
        """The focus is there and nowhere else."""
        found = self.focused()
        assert (found["tag"], found["name"]) == (tag, name)


@pytest.fixture
def endpoint() -> Iterator[Server]:
    """Wants a header, and gives a page whenever `pages` is released."""
    server, closed = Server(), threading.Event()
    server.pages = threading.Semaphore(0)  # type: ignore[attr-defined]

    def answer(asked: Asked) -> Answer:
        if asked.method != "GET":
            return Answer(b"", 405, {"Allow": "GET"})
        if asked.headers.get("Authorization") != SECRET:
            return Answer(b"{}", 401)
        while not closed.is_set() and not server.pages.acquire(timeout=0.1):  # type: ignore[attr-defined]
            pass
        number = int(asked.token) if (asked.token or "").isdigit() else 0
        rows = ", ".join(
            f'{{"uid": "U{number * ROWS + row:032x}", "msg": "hello {row}"}}' for row in range(ROWS)
        )
        token = str(number + 1) if number + 1 < PAGES else ""
        return Answer(f'{{"list": [{rows}], "next": "{token}"}}'.encode())

    server.answer = answer
    yield server
    closed.set()
    server.close()


@pytest.fixture
def sending_window(tmp_path: Path) -> Iterator[WindowProcess]:
    """A window that sends to a stand-in which does not know two of the people."""
    unknown = (f"U{3:032x}", f"U{38:032x}")
    with LineServer(LineConfig(unknown=unknown)) as line:
        settings = {"BROADCAST_LINE_BASE_URL": line.url, "BROADCAST_LINE_TOKEN": line.token}
        running = WindowProcess(tmp_path / "store.sqlite", env=settings)
        yield running
        running.stop()


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    """A file of forty contacts."""
    path = tmp_path / "contacts.csv"
    rows = "".join(f"U{n:032x},hello\n" for n in range(100, 140))
    path.write_text("uid,msg\n" + rows, "utf-8")
    return path


def news(page: Page, text: str) -> None:
    """What a screen reader is told of a page that changed by itself."""
    region = page.locator("#news")
    expect(region).to_have_text(text)
    assert region.get_attribute("role") == "status"


@contextmanager
def changing(page: Page, field: str) -> Iterator[None]:
    """Wait until a live figure is another one than it was before the block."""
    figure = page.locator(f"[data-field={field}]")
    before = figure.inner_text()
    yield
    expect(figure).not_to_have_text(before)


def test_a_broadcast_by_the_keyboard_alone(
    open_page: OpenPage, sending_window: WindowProcess, endpoint: Server
) -> None:
    page = open_page(at=sending_window.url)
    keys = Keyboard(page)
    _load(keys, endpoint)
    _send_slowly(keys)
    _pause_and_resume(keys)
    _see_who_did_not_get_it(keys)


def _load(keys: Keyboard, endpoint: Server) -> None:
    page = keys.page
    keys.go_to("New broadcast")
    keys.press("Enter")
    heading(page, "New broadcast")
    keys.go_to("Skip to the content")
    keys.press("Enter")
    keys.go_to("From API")
    keys.press("Space")
    keys.go_to("Endpoint")
    keys.type(endpoint.url)
    keys.go_to("Name")
    keys.type("Authorization")
    keys.go_to("Value")
    keys.type(SECRET)
    keys.go_to("Add a header")
    keys.press("Space")
    keys.has("input", "Name")
    expect(page.locator(".headers [role=status]")).to_have_text("A header was added.")
    keys.go_to("Remove header 2")
    keys.press("Enter")
    keys.has("input", "Name")
    expect(page.locator(".headers [role=status]")).to_have_text("A header was removed.")
    keys.go_to("From API", "Shift+Tab")
    keys.go_to("Load")
    keys.press("Enter")
    heading(page, "Loading")
    keys.go_to("Stop")
    for _ in range(2):
        with changing(page, "rows"):
            endpoint.pages.release()  # type: ignore[attr-defined]
        keys.has("button", "Stop")
    for _ in range(PAGES + 8):  # and the probes
        endpoint.pages.release()  # type: ignore[attr-defined]
    heading(page, "Ready to be sent")
    keys.has("h1", "Ready to be sent")
    news(page, "Ready to be sent")


def _send_slowly(keys: Keyboard) -> None:
    keys.go_to("Send the first 10 messages")
    keys.go_to("More options")
    keys.press("Enter")
    keys.go_to("Maximum calls a second")
    keys.type("5")
    keys.go_to("Send rows with the same text in one call")
    keys.press("Space")
    keys.press("Space")
    keys.go_to(f"Send {PAGES * ROWS} messages…")
    keys.press("Enter")
    heading(keys.page, f"Send {PAGES * ROWS} messages?")
    keys.go_to(f"Yes, send {PAGES * ROWS} messages")
    keys.press("Enter")
    heading(keys.page, "Sending")


def _pause_and_resume(keys: Keyboard) -> None:
    page = keys.page
    with changing(page, "accepted"):
        keys.go_to("Pause")
    keys.has("button", "Pause")
    keys.press("Space")
    heading(page, "Paused")
    keys.go_to("Cancel…")
    keys.press("Enter")
    keys.go_to("Cancel the broadcast")
    keys.go_to("Resume", "Shift+Tab")
    keys.press("Enter")
    heading(page, "Sending")
    with changing(page, "accepted"):
        keys.go_to("Cancel…")
    keys.has("summary", "Cancel…")
    heading(page, "The broadcast is done")
    keys.has("h1", "The broadcast is done")
    news(page, "The broadcast is done")


def _see_who_did_not_get_it(keys: Keyboard) -> None:
    page = keys.page
    keys.go_to("All who did not get it")
    keys.press("Enter")
    heading(page, "Who did not get it, and why")
    assert page.locator("tbody tr").count() == 2
    keys.go_to("User id begins with")
    keys.type(f"U{38:032x}")
    keys.go_to("Filter")
    keys.press("Space")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.wait_for_load_state()
    keys.go_to("Download as CSV")
    with page.expect_download() as coming:
        keys.press("Enter")
    lines = coming.value.path().read_text("utf-8").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [f"U{38:032x}"]
    keys.go_to("Who did not get it, and why")
    keys.go_to("Back to the broadcast", "Shift+Tab")
    keys.press("Enter")
    heading(page, "The broadcast is done")


def test_the_focus_stays_where_it_was_when_the_page_becomes_another(
    open_page: OpenPage, sending_window: WindowProcess, contacts: Path
) -> None:
    """One person pauses and goes on, while another stands on a control of the same page."""
    first = open_page("/broadcasts/new", at=sending_window.url)
    load_file(first, contacts)
    heading(first, "Ready to be sent")
    send_all(first, 40, rate="5")
    heading(first, "Sending")
    second = open_page(first.url.removeprefix(sending_window.url), at=sending_window.url)
    keys = Keyboard(second)
    keys.go_to("Cancel…")
    keys.press("Enter")
    keys.go_to("Cancel the broadcast")
    first.get_by_role("button", name="Pause").click()
    heading(second, "Paused")
    keys.has("button", "Cancel the broadcast")
    news(second, "Paused")
    keys.go_to("Bahasa Indonesia")
    first.get_by_role("button", name="Resume").click()
    heading(second, "Sending")
    keys.has("a", "Bahasa Indonesia")
    news(second, "Sending")
    heading(second, "The broadcast is done")
    keys.has("a", "Bahasa Indonesia")
    news(second, "The broadcast is done")


def test_without_a_script_a_page_is_held_still_for_who_needs_its_buttons(
    open_page: OpenPage, sending_window: WindowProcess, contacts: Path
) -> None:
    page = open_page("/broadcasts/new", at=sending_window.url, java_script_enabled=False)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    send_all(page, 40, rate="5")
    heading(page, "Sending")
    assert page.locator("meta[http-equiv=refresh]").count() == 1
    page.get_by_role("link", name="Stop refreshing").press("Enter")
    expect(page.get_by_role("link", name="Refresh now")).to_be_visible()
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    keys = Keyboard(page)
    keys.go_to("Pause")
    keys.press("Space")
    heading(page, "Paused")
