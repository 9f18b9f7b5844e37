"""The page of a paused broadcast follows what others do: another browser, a command, a server."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import confirm, heading, load_file, path_of, send_first
from playwright.sync_api import Page, expect
from window_process import COMMAND, WindowProcess

from mockserver.line_api import LineServer

OpenPage = Callable[..., Page]
ROWS = 24


@pytest.fixture
def paused(open_page: OpenPage, sending_window: WindowProcess, tmp_path: Path) -> Page:
    """The page of a broadcast whose first rows were sent, slowly, and which nobody touches now."""
    contacts = tmp_path / "contacts.csv"
    contacts.write_text(
        "uid,msg\n" + "".join(f"U{n:032x},hello {n}\n" for n in range(ROWS)), "utf-8"
    )
    page = open_page("/broadcasts/new", at=sending_window.url)
    load_file(page, contacts)
    heading(page, "Ready to be sent")
    send_first(page, 2, rate="10")
    heading(page, "Paused")
    page.evaluate("window.stillHere = true")
    return page


def followed(page: Page, line: LineServer) -> None:
    heading(page, "Sending")
    expect(page.locator("[data-field=accepted]")).not_to_have_text("2")
    heading(page, "The broadcast is done")
    assert page.evaluate("window.stillHere")
    assert len(line.counts()) == ROWS
    assert set(line.counts().values()) == {1}


def test_another_browser_goes_on(
    open_page: OpenPage, sending_window: WindowProcess, paused: Page, line: LineServer
) -> None:
    other = open_page(path_of(paused), at=sending_window.url)
    other.get_by_role("button", name="Resume").click()
    confirm(other)
    followed(paused, line)


def test_a_command_goes_on(
    sending_window: WindowProcess, paused: Page, line: LineServer, tmp_path: Path
) -> None:
    name = path_of(paused).rpartition("/")[2]
    settings = {"BROADCAST_LINE_BASE_URL": line.url, "BROADCAST_LINE_TOKEN": line.token}
    store = {"BROADCAST_STORE": f"sqlite:///{tmp_path / 'store.sqlite'}"}
    command = [COMMAND[0], "resume", name, "--yes"]
    with subprocess.Popen(
        command, env={**os.environ, **store, **settings}, stdout=subprocess.DEVNULL
    ) as resumed:
        followed(paused, line)
    assert resumed.returncode == 0


def test_the_next_server_goes_on(
    sending_window: WindowProcess, paused: Page, line: LineServer
) -> None:
    paused.get_by_role("button", name="Resume").click()
    confirm(paused)
    heading(paused, "Sending")
    paused.evaluate("window.stillHere = true")
    sending_window.stop()
    sending_window.start()
    heading(paused, "The broadcast is done")
    assert paused.evaluate("window.stillHere")
    assert set(line.counts().values()) == {1}


def test_without_a_script_it_says_how_to_see_the_newest(
    open_page: OpenPage, sending_window: WindowProcess, paused: Page
) -> None:
    page = open_page(path_of(paused), at=sending_window.url, java_script_enabled=False)
    assert page.locator("meta[http-equiv]").count() == 0  # it would take the focus away
    paused.get_by_role("button", name="Resume").click()
    confirm(paused)
    heading(paused, "The broadcast is done")
    heading(page, "Paused")
    page.get_by_role("link", name="Refresh now").click()
    heading(page, "The broadcast is done")
