"""A contacts file in place of an endpoint: served page by page to the same crawl and rules, and
judged in lines and columns.
"""

import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from broadcaster.loading.contacts_rows import ContactRow, contact_rows
from checker import Example, Finding, Report, Severity, plural
from checker.api import Config, Endpoint, Reply, all_rules
from schemas import ROW_LIMIT

__all__ = ["ContactsSource", "config_for_file"]

_HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
_NOT_OF_FILES = ("PERF", "SEC", "NET", "HTTP", "JSON", "NEXT", "ROW012")
"""Rules about servers and pages. A line twice is counted here, near or far (ROW012)."""
_ROW = re.compile(r"/list/([0-9]+)(?:/(uid|msg))?")
_DUPLICATE = "ROW012"
_NO_ROWS = "PAGE006"
_NO_ROWS_MESSAGE = "The file has no rows below the line that names the columns."
_NO_ROWS_FIX = "Add a row for each message, then load the file again."
_SHOWN = 5
_FIX = "Correct these lines in the file, then load it again."
_FIXES = {_DUPLICATE: "Remove one of the two lines, unless the person shall get it twice."}


def config_for_file(path: Path, *, channel: str | None = None, encoding: str = "") -> Config:
    """What loads the file. `encoding`: as the user said; empty to find it out. Raises WrongCommand
    when it cannot be read or lacks a column, and EncodingUnsure when its encoding is a guess.
    """
    return Config(
        endpoint=Endpoint.parse(f"http://localhost/{quote(path.name)}"),
        channel=channel,
        probes=False,
        sender=ContactsSource(path, encoding),
        ignore=_NOT_OF_FILES,
    )


class ContactsSource:
    """Answers each page's request with the next rows; the token is the row to continue at."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        self._path = path
        self._encoding = encoding
        self._begin()

    def _begin(self) -> None:
        self._rows: Iterator[ContactRow] = contact_rows(self._path, self._encoding)
        self._lines = array("Q")  # of each row
        self._first_lines: dict[int, int] = {}  # by a hash of uid and msg
        self._repeats: list[tuple[int, int]] = []
        self._repeated = 0
        self._ahead = next(self._rows, None)

    def send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        """One page. Pages are asked for in order, but for the first of a load that is resumed."""
        wanted = int(parse_qs(urlsplit(url).query).get("next", ["0"])[0])
        if wanted != len(self._lines):
            self._begin()
            while len(self._lines) < wanted and self._ahead is not None:
                self._next_row()
        rows: list[dict[str, str]] = []
        while len(rows) < ROW_LIMIT and self._ahead is not None:
            row = self._next_row()
            rows.append({"uid": row.uid, "msg": row.msg})
        token = str(len(self._lines)) if self._ahead is not None else ""
        body = json.dumps({"list": rows, "next": token}, ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
        return Reply(status=200, reason="OK", headers=_HEADERS, body=body, wire_bytes=len(body))

    def _next_row(self) -> ContactRow:
        row = self._ahead
        if row is None:
            raise RuntimeError("the file has no more rows")
        self._ahead = next(self._rows, None)
        self._lines.append(row.line)
        first = self._first_lines.setdefault(hash((row.uid, row.msg)), row.line)
        if first != row.line:
            self._repeated += 1
            if len(self._repeats) < _SHOWN:
                self._repeats.append((row.line, first))
        return row

    def close(self) -> None:
        """Nothing is kept open between two pages."""

    def in_lines(self, report: Report) -> Report:
        """The report with its findings in lines and columns, and repeated lines added."""
        findings = [self._finding(finding) for finding in report.findings]
        if self._repeated:
            findings.append(self._repeats_finding())
        return replace(report, endpoint=str(self._path), findings=tuple(findings), not_judged=())

    def _finding(self, finding: Finding) -> Finding:
        if finding.rule == _NO_ROWS:
            return replace(finding, message=_NO_ROWS_MESSAGE, fix=_NO_ROWS_FIX, examples=())
        summary = all_rules()[finding.rule].summary
        if not any(example.pointer for example in finding.examples):
            return replace(finding, message=_sentence(f"{summary} in the file"), fix=_FIX)
        places = _listed([self._place(example) for example in finding.examples[:_SHOWN]])
        more = "the first: " if finding.count > len(finding.examples[:_SHOWN]) else ""
        message = f"{plural(finding.count, 'row')} ({more}{places}): {summary}."
        examples = tuple(
            replace(example, page=None, token=None, pointer=None, curl=None)
            for example in finding.examples
        )
        return replace(finding, message=message, fix=_FIX, examples=examples)

    def _place(self, example: Example) -> str:
        found = _ROW.match(example.pointer or "")
        if found is None or example.page is None:
            return "the file"
        row = (example.page - 1) * ROW_LIMIT + int(found[1])
        line = f"line {self._lines[row]:,}" if row < len(self._lines) else "the last line"
        return f"{line}, column {found[2]}" if found[2] else line

    def _repeats_finding(self) -> Finding:
        rule = all_rules()[_DUPLICATE]
        places = _listed([f"line {line:,} repeats line {first:,}" for line, first in self._repeats])
        more = "the first: " if self._repeated > len(self._repeats) else ""
        verb = "repeats an earlier one" if self._repeated == 1 else "repeat earlier ones"
        return Finding(
            rule=_DUPLICATE,
            name=rule.name,
            severity=Severity.WARNING,
            count=self._repeated,
            message=f"{plural(self._repeated, 'row')} {verb} ({more}{places}): the same message "
            "would be sent twice to the same person.",
            fix=_FIXES[_DUPLICATE],
            help=f"docs/rules/{_DUPLICATE}.md",
            examples=(),
        )


def _listed(places: Sequence[str]) -> str:
    return ", ".join(places)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
