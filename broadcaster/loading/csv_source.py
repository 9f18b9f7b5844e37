"""A CSV file of contacts in the place of an endpoint: served page by page to the same crawl and
rules, so that a file is judged as an endpoint is, and resumed as one.
"""

import csv
import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TextIO
from urllib.parse import parse_qs, urlsplit

from broadcaster.errors import WrongCommand
from checker.embedding import Config, Endpoint, Reply
from schemas import ROW_LIMIT

__all__ = ["config_for_file"]

Rows = Generator[dict[str, str], None, None]

_HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


def config_for_file(path: Path, *, channel: str | None = None) -> Config:
    """What loads the file. Raises WrongCommand when it cannot be read or lacks a column."""
    sender = _FileSender(path)
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in path.name)
    return Config(
        endpoint=Endpoint.parse(f"http://localhost/{name}"),
        channel=channel,
        probes=False,
        sender=sender,
        ignore=("PERF", "SEC"),
    )


class _FileSender:
    """Answers each page's request with the next rows; the token is the line to go on at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = _read(path)
        self._next_row = 0
        self._ahead = next(self._rows, None)

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One page. Pages are asked for in order, but for the first of a load that goes on."""
        wanted = int(parse_qs(urlsplit(url).query).get("next", ["0"])[0])
        if wanted != self._next_row:
            self._rows.close()
            self._rows, self._next_row = _read(self._path), 0
            self._ahead = next(self._rows, None)
            while self._next_row < wanted and self._ahead is not None:
                self._take()
        rows: list[dict[str, str] | None] = []
        while len(rows) < ROW_LIMIT and self._ahead is not None:
            rows.append(self._take())
        token = str(self._next_row) if self._ahead is not None else ""
        body = json.dumps({"list": rows, "next": token}, ensure_ascii=False).encode()
        return Reply(status=200, reason="OK", headers=_HEADERS, body=body, wire_bytes=len(body))

    def _take(self) -> dict[str, str] | None:
        row, self._ahead = self._ahead, next(self._rows, None)
        self._next_row += 1
        return row

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def _read(path: Path) -> Rows:
    """The file's rows; the first is read at once, so that a wrong file is told before the load."""
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise WrongCommand(f"The file {path.name!r} cannot be read ({error.strerror}).") from None
    reader = csv.DictReader(file)
    try:
        names = reader.fieldnames or ()
    except (UnicodeDecodeError, csv.Error):
        file.close()
        raise WrongCommand(f"The file {path.name!r} is no CSV in UTF-8.") from None
    if "uid" not in names or "msg" not in names:
        file.close()
        raise WrongCommand(f"The file {path.name!r} needs a first line with 'uid' and 'msg'.")
    return _rows_of(file, reader, path)


def _rows_of(file: TextIO, reader: "csv.DictReader[str]", path: Path) -> Rows:
    with file:
        try:
            for row in reader:
                yield {"uid": row["uid"] or "", "msg": row["msg"] or ""}
        except (UnicodeDecodeError, csv.Error):
            raise WrongCommand(
                f"The file {path.name!r} is no CSV in UTF-8 (near line {reader.line_num})."
            ) from None
