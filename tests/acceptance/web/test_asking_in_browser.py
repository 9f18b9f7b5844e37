"""What the window answers and asks, in a real browser: times, languages, one person, progress."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import heading, load_file, send_all
from playwright.sync_api import Page, expect
from window_process import WindowProcess

from mockserver import MockServer

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]
ROWS = 40


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    rows = "".join(f"U{n:032x},hello {n}\n" for n in range(ROWS))
    path.write_text("uid,msg\n" + rows, "utf-8")
    return path


@pytest.mark.parametrize("width", [360, 1100])
def test_one_person_is_looked_up_by_the_keyboard_and_all_are_erased(
    open_page: OpenPage,
    sending_window: WindowProcess,
    contacts: Path,
    violations: Violations,
    width: int,
) -> None:
    page = open_page("/broadcasts/new", at=sending_window.url, width=width)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    page.get_by_label("Look up one person").focus()
    page.keyboard.type(f"U{7:032x}")
    page.keyboard.press("Enter")
    heading(page, "One person")
    assert page.locator("tbody tr").count() == 1
    assert "hello 7" in page.locator("tbody").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.get_by_role("link", name="Back to the broadcast").click()
    heading(page, "Ready to be sent")
    page.get_by_text("Erase…").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading(page, "Cancelled")
    expect(page.get_by_text("The recipients and messages were erased.")).to_be_visible()


def test_times_are_in_the_reader_s_zone(
    open_page: OpenPage, sending_window: WindowProcess, contacts: Path
) -> None:
    page = open_page("/broadcasts/new", at=sending_window.url)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    there = open_page("/broadcasts", at=sending_window.url, timezone_id="Asia/Bangkok")
    expect(there.locator("time")).to_have_text(re.compile(r"GMT\+7$"))
    plain = open_page("/broadcasts", at=sending_window.url, java_script_enabled=False)
    expect(plain.locator("time")).to_have_text(re.compile(r"UTC$"))


def test_how_far_it_is_and_how_long_it_still_takes(
    open_page: OpenPage, sending_window: WindowProcess, contacts: Path, violations: Violations
) -> None:
    page = open_page("/broadcasts/new", at=sending_window.url)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    send_all(page, ROWS, rate="5")
    heading(page, "Sending")
    expect(page.locator("[data-field=remaining]")).to_have_text(re.compile("about .* left"))
    expect(page.locator("[data-field=percent]")).not_to_have_text("0")
    assert page.locator("progress").evaluate("one => one.value") > 0
    assert violations(page) == []
    heading(page, "The broadcast is done")


def test_another_language_keeps_what_was_typed(
    open_page: OpenPage, window: WindowProcess, violations: Violations
) -> None:
    page = open_page("/", at=window.url)
    page.get_by_label("Endpoint").fill("ftp://x.test/list")
    page.get_by_label("Value").fill("Zq8")
    page.locator("button.main").click()
    expect(page.locator("#error")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="ไทย").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "th")
    expect(page.locator("#url")).to_have_value("ftp://x.test/list")
    expect(page.locator("#header-value-0")).to_have_value("Zq8")


def test_a_check_is_repeated_and_broadcast_from(
    open_page: OpenPage, window: WindowProcess, mock: MockServer, violations: Violations
) -> None:
    page = open_page("/", at=window.url, width=360)
    page.get_by_label("Endpoint").fill(mock.endpoint)
    page.locator("button.main").click()
    expect(page.locator(".report")).to_contain_text("PASS")
    page.get_by_role("button", name="Check again").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#compared")).to_be_visible()
    assert "Nothing was wrong before, and nothing is now." in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
    page.get_by_role("link", name="Broadcast from this").click()
    heading(page, "New broadcast")
    expect(page.get_by_label("Endpoint")).to_have_value(mock.endpoint)
    assert violations(page) == []
