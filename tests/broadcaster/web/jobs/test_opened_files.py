"""Opening recordings and saved pages in the place of an endpoint."""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockServer

PAGE = {"list": [{"uid": "u1", "msg": "hello"}], "next": ""}


def send(visitor: Any, kind: str, *files: tuple[str, bytes], **fields: str) -> Any:
    opened = [(io.BytesIO(content), name) for name, content in files]
    data = {"kind": kind, "files": opened, **fields}
    return visitor.post("/files", data, content_type="multipart/form-data")


def result(visitor: Any, answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return visitor.wait(answer.headers["Location"].rpartition("/")[2])


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """How many folders of ours stand in the folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return lambda: len(list(tmp_path.glob("broadcast-check-*")))


def test_a_recording_is_judged(visitor: Any, mock: MockServer, tmp_path: Path) -> None:
    path = tmp_path / "recorded.har"
    command = [sys.executable, "-m", "checker", mock.fault_endpoint("PAGE004"), "--record", path]
    subprocess.run(command, check=False, capture_output=True)
    page = result(visitor, send(visitor, "recording", ("recorded.har", path.read_bytes())))
    assert 'id="PAGE004"' in page


def test_saved_pages_are_judged_in_their_order(visitor: Any) -> None:
    first = json.dumps({"list": [{"uid": "u0", "msg": 1}], "next": "t"}).encode()
    answer = send(visitor, "pages", ("a.json", first), ("a.json", json.dumps(PAGE).encode()))
    page = result(visitor, answer)
    assert "Read 2 pages with 2 rows" in page
    assert 'id="ROW006"' in page
    assert tempfile.gettempdir() + "/broadcast" not in page


def test_saved_pages_may_name_their_endpoint(visitor: Any) -> None:
    answer = send(
        visitor, "pages", ("a.json", json.dumps(PAGE).encode()), url="https://x.test/list"
    )
    assert "https://x.test/list" in result(visitor, answer)


@pytest.mark.parametrize("name", ["../../evil.json", "/etc/passwd", "..", "con\x00.json", "ไฟล์"])
def test_a_file_s_name_leads_nowhere_else(visitor: Any, name: str) -> None:
    page = result(visitor, send(visitor, "pages", (name, json.dumps(PAGE).encode())))
    assert "Read 1 page with 1 row" in page


def test_a_file_that_is_no_recording_is_said_to_be_none(visitor: Any) -> None:
    page = result(visitor, send(visitor, "recording", ("notes.har", b"not a HAR")))
    assert "There is no report" in page
    assert "notes.har" in page
    assert tempfile.gettempdir() + "/broadcast" not in page


@pytest.mark.parametrize(
    ("kind", "files", "words"),
    [
        ("recording", [], "Choose a file first."),
        ("recording", [("a.har", b"{}"), ("b.har", b"{}")], "Choose one recording."),
        ("pages", [(f"{n}.json", b"{}") for n in range(201)], "at most 200 files"),
    ],
)
def test_a_wrong_choice_is_said(
    visitor: Any, left_behind: Any, kind: str, files: Any, words: str
) -> None:
    before = left_behind()
    answer = send(visitor, kind, *files)
    assert answer.status_code == 422
    assert words in answer.text
    assert left_behind() == before


def test_the_files_are_gone_after_the_check(visitor: Any, left_behind: Any) -> None:
    before = left_behind()
    result(visitor, send(visitor, "pages", ("a.json", json.dumps(PAGE).encode())))
    assert left_behind() == before


def test_an_upload_has_an_end(open_window: Any) -> None:
    visitor = open_window(upload_limit_bytes=10_000)
    answer = send(visitor, "pages", ("a.json", b"x" * 20_000))
    assert answer.status_code == 413
    assert "too large" in answer.text
