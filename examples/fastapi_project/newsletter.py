"""What the club does with such an endpoint itself: it counts whom another club would write to."""

import json
import urllib.parse
import urllib.request


class EndlessPagesError(Exception):
    """The pages do not come to an end."""


def count_recipients(endpoint):
    count, token, seen = 0, "", set()
    while True:
        query = f"?next={urllib.parse.quote(token, safe='')}" if token else ""
        with urllib.request.urlopen(endpoint + query) as response:
            page = json.load(response)
        count += len(page["list"])
        token = page["next"]
        if not token:
            return count
        if token in seen:
            raise EndlessPagesError(token)
        seen.add(token)
