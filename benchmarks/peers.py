"""Those who are measured: each reads the whole endpoint once and tells how many pages it read.

What is made once for many pages (sessions, parsed schemas, imports) is made before the clock runs.
Each runs in a process of its own (see rounds.py), and is used as its documentation shows.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.samples import PAGES, ROWS_A_PAGE, tokens
from schemas import read

__all__ = ["PEERS", "Crawler"]


@dataclass(frozen=True, slots=True)
class Crawler:
    """`crawl` reads the endpoint and returns the number of pages; `idle` is what of it is only
    start-up, and returns the pages that this reads.
    """

    crawl: Callable[[], int]
    idle: Callable[[], int] = lambda: 0


def _check(url: str) -> Crawler:
    """Our full check: every rule, the probes included, as `broadcast-check URL` runs it."""
    from checker import check

    def crawl() -> int:
        report = check(url)
        if not report.complete or report.crawl.rows != report.crawl.pages * ROWS_A_PAGE:
            raise RuntimeError(f"the check read {report.crawl}")
        return report.crawl.pages

    return Crawler(crawl)


def _fetch(url: str) -> Crawler:
    """Fetching and decoding alone, with the checker's own client."""
    import orjson

    from checker.core.config import Config
    from checker.core.endpoint import Endpoint
    from checker.crawling.client import Client
    from checker.text.redact import Redactor

    def crawl() -> int:
        config = Config(endpoint=Endpoint.parse(url))
        client = Client(config, run="bench", redactor=Redactor(), listener=lambda _: None)
        pages, token = 0, None
        while token != "":
            token = orjson.loads(client.get_page(token).body)["next"]
            pages += 1
        client.close()
        return pages

    return Crawler(crawl)


def _loop(url: str) -> Crawler:
    """The loop that anyone would write, with our page schema."""
    import jsonschema
    import requests

    schema: Any = read("page")

    def crawl() -> int:
        pages = 0
        parameters: dict[str, str] = {}
        while True:
            response = requests.get(url, params=parameters, timeout=30)
            response.raise_for_status()
            page = response.json()
            jsonschema.validate(page, schema)
            pages += 1
            if not page["next"]:
                return pages
            parameters = {"next": page["next"]}

    return Crawler(crawl)


def _schemathesis(url: str) -> Crawler:
    """`schemathesis run`, one operation, valid data, as many requests as there are pages.

    It follows no tokens, so its document lists them; `idle` is a run of a single request, whose
    time is taken off as the start-up's.
    """
    origin, _, path = url.rpartition("/")
    program = Path(sys.executable).with_name("schemathesis")
    folder = tempfile.TemporaryDirectory(prefix="broadcast-bench-")
    document = Path(folder.name, "openapi.json")
    document.write_text(json.dumps(_openapi(path, origin)), "utf-8")
    command = [str(program), "run", str(document), "--url", origin, "--phases", "fuzzing"]
    command += ["--mode", "positive", "--workers", "1", "--seed", "1", "--no-color", "-n"]

    def run(count: int) -> int:
        done = subprocess.run(
            [*command, str(count)], capture_output=True, text=True, check=True, cwd=folder.name
        )
        found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
        if found is None or found.group(1) != found.group(2):
            raise RuntimeError(done.stdout)
        return int(found.group(1))

    return Crawler(lambda: run(PAGES), idle=lambda: run(1))


def _schemathesis_checks(url: str) -> Crawler:
    """schemathesis as a library, with nothing generated: the tokens in order, and its checks."""
    import requests
    import schemathesis

    origin, _, path = url.rpartition("/")
    api = schemathesis.openapi.from_dict(_openapi(path, origin))
    api.config.update(base_url=origin)
    operation = api[f"/{path}"]["GET"]
    session = requests.Session()

    def crawl() -> int:
        queries: list[dict[str, str]] = [{}, *({"next": token} for token in tokens())]
        for query in queries:
            operation.Case(query=query).call_and_validate(session=session)
        return len(queries)

    return Crawler(crawl)


def _openapi(path: str, origin: str) -> dict[str, Any]:
    """The endpoint as an OpenAPI document, its answer being our page schema."""
    schema = {name: value for name, value in read("page").items() if not name.startswith("$")}
    text = {"application/json": {"schema": schema | {"$defs": read("page")["$defs"]}}}
    schema_at = f"#/paths/~1{path}/get/responses/200/content/application~1json/schema/$defs"
    token = {"name": "next", "in": "query", "schema": {"type": "string", "enum": tokens()}}
    answers = {"200": {"description": "a page", "content": text}}
    operation = {"parameters": [token], "responses": answers}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Recipients", "version": "1"},
        "servers": [{"url": origin}],
        "paths": {f"/{path}": {"get": operation}},
    }
    repointed: dict[str, Any] = _repointed(document, "#/$defs", schema_at)
    return repointed


def _repointed(value: Any, before: str, after: str) -> Any:
    """The document with its references led to where the definitions now stand."""
    if isinstance(value, dict):
        return {
            name: item.replace(before, after) if name == "$ref" else _repointed(item, before, after)
            for name, item in value.items()
        }
    return [_repointed(item, before, after) for item in value] if isinstance(value, list) else value


def _dlt(url: str) -> Crawler:
    """dlt's REST client with its cursor paginator; it checks nothing."""
    from dlt.sources.helpers.rest_client import RESTClient  # type: ignore[attr-defined]
    from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

    origin, _, path = url.rpartition("/")

    def crawl() -> int:
        paginator = JSONResponseCursorPaginator(cursor_path="next", cursor_param="next")
        client = RESTClient(base_url=origin, paginator=paginator, data_selector="list")
        return sum(1 for _ in client.paginate(path))

    return Crawler(crawl)


PEERS: dict[str, Callable[[str], Crawler]] = {
    "check": _check,
    "loop": _loop,
    "schemathesis": _schemathesis,
    "schemathesis-checks": _schemathesis_checks,
    "dlt": _dlt,
    "fetch": _fetch,
}
"""By name, in the order in which they run in each round."""
