"""The door of a window that others can reach, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from window_process import WindowProcess

PASSWORD = "correct horse battery"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[WindowProcess]:
    running = WindowProcess(tmp_path / "store.sqlite", env={"BROADCAST_PASSWORD": PASSWORD})
    yield running
    running.stop()


def test_the_password_opens_it_by_the_keyboard_and_leaving_locks_it(
    open_page: Callable[..., Page],
    locked: WindowProcess,
    violations: Callable[[Page], list[str]],
) -> None:
    page = open_page("/broadcasts", at=locked.url)
    assert page.locator("h1").inner_text() == "Log in"
    assert violations(page) == []
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Broadcasts")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto(f"{locked.url}/checks")
    assert page.locator("h1").inner_text() == "Log in"


def test_the_page_of_a_fault_can_be_used_by_all(
    open_page: Callable[..., Page],
    window: WindowProcess,
    violations: Callable[[Page], list[str]],
) -> None:
    page = open_page("/checks/nothing", at=window.url)
    assert "There is nothing at this address" in page.locator("h1").inner_text()
    assert violations(page) == []
