"""The data that the examples serve: a SQLite database with one table.

python3 sample.py make FILE     make it with 1,000 rows, if there is no such file
python3 sample.py print FILE    print its rows as lines of JSON
"""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

TABLE = "CREATE TABLE recipients (id INTEGER PRIMARY KEY, uid TEXT NOT NULL, msg TEXT NOT NULL)"
MESSAGES = (
    "Your order {} is on its way",
    "สวัสดี คำสั่งซื้อ {} พร้อมแล้ว",
    "Pesanan {} sudah siap 🎉",
    'Room "{}" \\ 7 pm',
)


def row(number: int) -> tuple[int, str, str]:
    """Give the row of a number from 1 on. Between two ids there is room for two more rows."""
    return number * 3, f"U{number:032x}", MESSAGES[number % len(MESSAGES)].format(number)


def make(file: Path, rows: int = 1000) -> None:
    """Make the database, unless the file exists."""
    if not file.exists():
        with closing(sqlite3.connect(file)) as database, database:
            database.execute(TABLE)
            database.executemany(
                "INSERT INTO recipients VALUES (?, ?, ?)", map(row, range(1, rows + 1))
            )


def rows_of(file: Path) -> list[dict[str, object]]:
    """Read all rows, in the order of their ids."""
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("SELECT id, uid, msg FROM recipients ORDER BY id").fetchall()
    return [{"id": id_, "uid": uid, "msg": msg} for id_, uid, msg in found]


if __name__ == "__main__":
    command, path = sys.argv[1:]
    if command == "make":
        make(Path(path))
    else:
        for one in rows_of(Path(path)):
            print(json.dumps(one))
