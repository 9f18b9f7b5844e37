"""The API is checked in this process: no server is started, no port is opened."""

import sqlite3

import pytest
from recipients import PAGE_SIZE, app

KEY = "a-key-for-tests"


@pytest.fixture
def outbox(tmp_path):
    """A database with some pages of messages."""
    app.config.update(DATABASE=tmp_path / "shop.db", API_KEY=KEY)
    database = sqlite3.connect(app.config["DATABASE"])
    database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, line_id TEXT, message TEXT)")
    database.executemany(
        "INSERT INTO outbox (line_id, message) VALUES (?, ?)",
        [(f"U{number:032x}", f"Order {number} is on its way") for number in range(1000)],
    )
    database.commit()
    yield database
    database.close()


def test_the_endpoint_can_go_live(outbox, check_broadcast):
    report = check_broadcast(app, "/recipients", headers={"X-Api-Key": KEY}, channel="line")
    assert report.verdict == "pass"
    assert report.crawl.rows == 1000


@pytest.mark.parametrize("count", [1, PAGE_SIZE, PAGE_SIZE + 1])
def test_pages_end_where_they_should(outbox, check_broadcast, count):
    outbox.execute("DELETE FROM outbox WHERE id > ?", (count,))
    outbox.commit()
    report = check_broadcast(app, "/recipients", headers={"X-Api-Key": KEY})
    assert report.verdict == "pass"
    assert report.crawl.rows == count


def test_a_broken_message_is_noticed(outbox, check_broadcast):
    outbox.execute("UPDATE outbox SET message = 'Hello {{name}}' WHERE id = 7")
    outbox.commit()
    report = check_broadcast(app, "/recipients", headers={"X-Api-Key": KEY})
    assert "ROW016" in [finding.rule for finding in report.findings]
