"""What tests do with a broadcast's pages in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

__all__ = ["confirm", "heading", "load_file", "path_of", "send_all", "send_first"]


def heading(page: Page, text: str) -> None:
    """Wait until the page is the one with this heading, and has its style and its script."""
    expect(page.locator("h1")).to_have_text(text)
    page.wait_for_load_state()


def load_file(page: Page, path: Path) -> None:
    """On the form of a load: load this file."""
    page.get_by_label("From a CSV file").check()
    page.get_by_label("CSV file", exact=True).set_input_files(path)
    page.locator("button.main").click()


def path_of(page: Page) -> str:
    """The path of the broadcast's page."""
    return "/broadcasts" + page.url.partition("/broadcasts")[2]


def confirm(page: Page) -> None:
    """On the page that asks once more: yes."""
    expect(page.locator("h1")).to_have_text(re.compile(r"^Send [\d,]+ messages?\?$"))
    page.get_by_role("button", name="Yes, send").click()


def send_all(page: Page, rows: int, *, rate: str = "") -> None:
    """On the page of a broadcast that is ready: send all of it, at this rate."""
    if rate:
        page.get_by_text("More options").last.click()
        page.get_by_label("Maximum calls a second").last.fill(rate)
    page.get_by_role("button", name=f"Send {rows:,} messages").click()
    confirm(page)


def send_first(page: Page, rows: int, *, rate: str = "") -> None:
    """On the page of a broadcast that is ready: send a canary, at this rate."""
    if rate:
        page.get_by_text("More options").first.click()
        page.get_by_label("Maximum calls a second").first.fill(rate)
    page.get_by_label("How many messages").fill(str(rows))
    page.get_by_role("button", name=f"Send the first {rows} messages").click()
