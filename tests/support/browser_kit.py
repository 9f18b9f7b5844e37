"""What tests do with a broadcast's pages in a real browser."""

from pathlib import Path

from playwright.sync_api import Page, expect

__all__ = ["heading", "load_file", "path_of"]


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
