"""A client that goes on after it was killed: `python resuming_client.py URL [FLAW]`.

It prints the rows of a page, and only then remembers the token of the next one. With the flaw
`restarts` it begins again at the first page, with `skips` it remembers a page
that it did not print.
"""

import json
import os
import sys
from pathlib import Path

from reading_client import Reader


def main(url: str, flaw: str = "") -> None:
    headers = json.loads(os.environ["BROADCAST_HEADERS"])
    state = Path(os.environ["BROADCAST_STATE"]) / "token"
    reader = Reader(url, headers, "", 10.0)
    token = state.read_text() if state.exists() and flaw != "restarts" else ""
    while (page := reader.page(token)) is not None:
        token = reader.onward(page, token)
        if flaw == "skips" and not state.exists():
            state.write_text(token)
            continue
        for row in page["list"]:
            print(json.dumps(row))
        sys.stdout.flush()
        state.write_text(token)
        if not token:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
