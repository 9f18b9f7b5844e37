"""The page of the stand-in for LINE in a real browser: it can be read, searches, runs nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from line_client import ANA, BEN, LineClient
from playwright.sync_api import Page, sync_playwright

from mockserver.line_api import LineServer

TOO_WIDE = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def page(require_program: Callable[[str, str], Path]) -> Iterator[Page]:
    """A narrow window; whatever the browser complains about is a failure."""
    path = require_program("chromium", "apt-get install chromium")
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        opened = browser.new_page(viewport={"width": 360, "height": 700})
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("dialog", lambda dialog: complaints.append(dialog.message))
        yield opened
        browser.close()
    assert [each for each in complaints if "favicon" not in each] == []


def test_a_person_sees_and_finds_what_users_received(page: Page) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>" + "x" * 400
    with LineServer() as server:
        client = LineClient(server)
        with client.session:
            client.push(ANA, "Your order\nis on its way 🙏")
            client.push(BEN, hostile)
        page.goto(server.url)
        assert page.locator("h2").all_inner_texts() == [BEN, ANA]
        assert hostile in page.locator("main").inner_text()
        assert not page.evaluate(TOO_WIDE)
        page.get_by_label("User or text").fill("ORDER")
        page.get_by_role("button", name="Search").click()
        assert page.locator("h2").all_inner_texts() == [ANA]
        assert page.get_by_label("User or text").input_value() == "ORDER"
        assert "Your order\nis on its way 🙏" in page.locator("main").inner_text()
        page.get_by_role("link", name="webhooks").click()
        assert "Nobody has received anything yet" in page.locator("main").inner_text()
