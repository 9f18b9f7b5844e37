"""Whatever stands in an address or a form, a page answers, and never with our own failure."""

import io
from typing import Any
from urllib.parse import quote

import pytest
from hostile_text import STRINGS

from broadcaster.web.jobs.queues import JobQueues

TEXTS = [
    *STRINGS[::10],
    "\0",
    "9" * 5000,
    "-1",
    "1e999",
    "../../etc/passwd",
    "%",
    "'",
    "\u202e",
    "a" * 3000,
    "<script>alert(1)</script>",
]
PATHS = [
    "/checks/{}",
    "/checks/{}/events",
    "/checks/{}/report.json",
    "/checks/x/report.{}",
    "/broadcasts/{}",
    "/broadcasts/{}/people",
    "/broadcasts/{}/people.csv",
    "/broadcasts/{}/check",
    "/?url={}",
    "/?lang={}",
    "/checks?before={}",
    "/checks?before=1~{}",
    "/checks?after={}",
    "/broadcasts?before={}",
    "/broadcasts?after={}",
    "/broadcasts/new?url={}",
    "/{}",
    "/broadcasts/NAME/events?seen={}",
    "/broadcasts/NAME?still={}",
    "/broadcasts/NAME/people?after={}",
    "/broadcasts/NAME/people?reason={}&uid={}&state={}",
    "/broadcasts/NAME/people.csv?reason={}&uid={}",
    "/fleet?after={}&outcome={}&rule={}&text={}",
    "/fleet.csv?rule={}&text={}",
    "/fleet/changes?since={}",
    "/fleet/changes.json?since={}",
    "/fleet/results/{}",
    "/fleet/history?name={}",
    "/fleet/history?name=x&before={}",
    "/fleet/history?name=x&after={}",
]


@pytest.fixture
def broadcast(visitor: Any) -> str:
    """A broadcast of one row."""
    queues: JobQueues = visitor.queues
    file = (io.BytesIO(b"uid,msg\n" + b"U" + b"0" * 32 + b",hello\n"), "contacts.csv")
    data = {"source": "file", "via": queues.sends.channels[0], "file": file}
    answer = visitor.post("/broadcasts", data, content_type="multipart/form-data")
    name = str(answer.headers["Location"].rpartition("/")[2])
    while queues.loads.wait(name, -(10**9), 0.2) is not None:
        pass
    return name


@pytest.mark.parametrize("path", PATHS)
def test_no_address_makes_us_fail(visitor: Any, broadcast: str, path: str) -> None:
    for text in TEXTS:
        where = path.replace("NAME", broadcast).replace(
            "{}", quote(text, safe="", errors="replace")
        )
        answer = visitor.get(where)
        assert answer.status_code < 500, (where, answer.text)
        assert "<script>alert" not in answer.text


FORMS = {
    "/checks": [
        "url",
        "channel",
        "token_param",
        "timeout",
        "retries",
        "max_pages",
        "slow_page",
        "load",
        "ignore",
        "header-name",
        "header-value",
        "remove-header",
    ],
    "/broadcasts": ["url", "via", "source", "timeout", "header-name", "header-value"],
    "/files": ["kind", "url", "channel"],
    "/broadcasts/NAME/send": ["via", "first", "rate", "multicast"],
}


@pytest.mark.parametrize("path", FORMS)
def test_no_form_makes_us_fail(visitor: Any, broadcast: str, path: str) -> None:
    for field in FORMS[path]:
        for text in TEXTS:
            sent = text.encode("utf-8", "replace").decode()
            fields = {"url": "http://127.0.0.1:9/", "timeout": "soon", field: sent}
            answer = visitor.post(path.replace("NAME", broadcast), fields)
            assert answer.status_code < 500, (field, text, answer.text)
            assert "<script>alert" not in answer.text
