"""The mock on a table of a real PostgreSQL: every row once, in the key's order."""

import requests
from sqlalchemy import create_engine, text

from mockserver import MockConfig, MockServer
from mockserver.recipients.database import TableRows

ROWS = 250


def test_a_table_of_postgresql_is_served_whole(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE people (id integer PRIMARY KEY, who text, said text)")
        )
        connection.execute(
            text("INSERT INTO people VALUES (:id, :who, :said)"),
            [{"id": n, "who": f"U{n:032x}", "said": f"Olá número {n} 🎉"} for n in range(ROWS)],
        )
    engine.dispose()
    rows = TableRows(postgresql_url, "people", uid_column="who", msg_column="said", key_column="id")
    with MockServer(MockConfig(rows=rows, page_size=99)) as mock:
        crawled = crawl(mock.endpoint)
    rows.close()
    assert [row["uid"] for row in crawled] == [f"U{n:032x}" for n in range(ROWS)]
    assert crawled[7]["msg"] == "Olá número 7 🎉"


def crawl(endpoint: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    token = ""
    while True:
        page = requests.get(endpoint, params={"next": token} if token else {}, timeout=60).json()
        found += page["list"]
        token = page["next"]
        if not token:
            return found
