"""dlt's REST client with its cursor paginator: python dlt_paginator.py URL."""

import json
import os
import sys

from dlt.sources.helpers.rest_client import RESTClient  # type: ignore[attr-defined]
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator


def main(url: str) -> None:
    """Print a JSON line for each row."""
    paginator = JSONResponseCursorPaginator(cursor_path="next", cursor_param="next")
    headers = json.loads(os.environ["BROADCAST_HEADERS"])
    client = RESTClient(base_url=url, headers=headers, paginator=paginator)
    for page in client.paginate(url, data_selector="list"):
        for row in page:
            print(json.dumps(row))


main(sys.argv[1])
