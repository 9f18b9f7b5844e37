"""What tests do in the window without a browser: load a file, send it, and read the page."""

import io
import re
import time
from typing import Any

__all__ = ["CSV", "LONGEST_SECONDS", "UIDS", "ended", "figures", "load_file", "loaded", "sent"]

LONGEST_SECONDS = 60.0
UIDS = [f"U{number:032x}" for number in range(30)]
CSV = "uid,msg\n" + "".join(f"{uid},hello {n}\n" for n, uid in enumerate(UIDS))


def load_file(visitor: Any, text: str, name: str = "contacts.csv") -> str:
    sent = (io.BytesIO(text.encode()), name)
    data = {"source": "file", "via": visitor.queues.sends.channels[0], "file": sent}
    answer = visitor.post("/broadcasts", data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].rpartition("/")[2])


def ended(line: Any, name: str) -> None:
    seen = -(10**9)
    until = time.monotonic() + LONGEST_SECONDS
    while (progress := line.wait(name, seen, LONGEST_SECONDS)) is not None:
        assert time.monotonic() < until, "it takes too long"
        seen = progress.version


def loaded(visitor: Any, name: str) -> str:
    ended(visitor.queues.loads, name)
    return str(visitor.get(f"/broadcasts/{name}").text)


def sent(visitor: Any, name: str, **fields: Any) -> str:
    """Send, with the question answered, until nothing more happens; gives the page."""
    via = visitor.queues.sends.channels[0]
    answer = visitor.post(f"/broadcasts/{name}/send", {"via": via, "confirmed": "yes", **fields})
    assert answer.status_code == 303, answer.text
    ended(visitor.queues.sends, name)
    return str(visitor.get(f"/broadcasts/{name}").text)


def figures(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-field="(\w+)">([^<]*)<', page))
