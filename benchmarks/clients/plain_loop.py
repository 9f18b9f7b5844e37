"""The loop that people write first, with requests: python plain_loop.py URL."""

import json
import os
import sys

import requests


def main(url: str) -> None:
    """Print a JSON line for each row."""
    session = requests.Session()
    session.headers.update(json.loads(os.environ["BROADCAST_HEADERS"]))
    token = ""
    while True:
        response = session.get(url, params={"next": token} if token else None, timeout=30)
        response.raise_for_status()
        page = response.json()
        for row in page["list"]:
            print(json.dumps(row))
        token = page["next"]
        if not token:
            return


main(sys.argv[1])
