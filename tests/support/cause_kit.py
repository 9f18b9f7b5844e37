"""Endpoints with a mistake in them, as functions of a request, and the cause that is named."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from answering import Answer, Asked

from checker import Finding, Report
from checker.cli.options import config_of, parse_options
from checker.diagnosis.causes import all_causes
from checker.engine.run import run
from checker.recordings.offline import offline_check
from checker.recordings.recorder import open_recorder

JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
HTML = {"Content-Type": "text/html; charset=utf-8"}

Behaviour = Callable[[Asked], Answer]


def rows(start: int, end: int, msg: str = "Order {} is ready") -> list[dict[str, Any]]:
    """Rows of people who are told apart by their number."""
    return [
        {"uid": "U" + hashlib.sha256(b"%d" % i).hexdigest()[:32], "msg": msg.format(i)}
        for i in range(start, end)
    ]


def answer(document: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; in header names `_` stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body, status, {**JSON, **named})


def text(body: str | bytes, status: int = 200, **headers: str) -> Behaviour:
    """The same answer to every GET."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body.encode() if isinstance(body, str) else body
    kind = HTML if raw.lstrip()[:1] == b"<" else JSON
    return get_only(lambda asked: Answer(raw, status, {**kind, **named}))


def get_only(behaviour: Behaviour) -> Behaviour:
    """Refuses every other method as it should be refused."""
    refusal = answer({"error": "GET only"}, 405, Allow="GET")
    return lambda asked: behaviour(asked) if asked.method == "GET" else refusal


def document(value: object, status: int = 200, **headers: str) -> Behaviour:
    """The same JSON to every GET."""
    return get_only(lambda asked: answer(value, status, **headers))


def paged(
    change: Callable[[int, dict[str, Any]], object] = lambda number, page: page,
    *,
    pages: int = 3,
    size: int = 20,
    token: Callable[[int], str] = "p{}".format,
    read: Callable[[Asked], str | None] = lambda asked: asked.token,
    **headers: str,
) -> Behaviour:
    """Right pages, each as `change` leaves it: of its number and the page it gives what is sent."""
    numbers = {token(number): number for number in range(2, pages + 1)}

    def behaviour(asked: Asked) -> Answer:
        given = read(asked)
        number = 1 if given is None else numbers.get(given)
        if number is None:
            return answer({"error": "unknown token"}, 400)
        following = token(number + 1) if number < pages else ""
        page = {"list": rows((number - 1) * size, number * size), "next": following}
        changed = change(number, page)
        return changed if isinstance(changed, Answer) else answer(changed, **headers)

    return get_only(behaviour)


def cause_name(finding: Finding) -> str | None:
    """The name of the cause whose sentence the finding has."""
    if finding.cause is None:
        return None
    for cause in all_causes():
        pieces = re.split(r"\{\w+\}", cause.sentence.replace("{{", "\0").replace("}}", "\1"))
        pattern = ".*".join(map(re.escape, pieces)).replace("\0", r"\{").replace("\1", r"\}")
        if finding.rule in cause.rules and re.fullmatch(pattern, finding.cause):
            return cause.name
    raise AssertionError(finding.cause)


def recorded_and_replayed(url: str, file: Path) -> tuple[Report, Report]:
    """The report of a check, and that of its recording."""
    options = ["--retries", "0", "--no-config"]
    config = config_of(parse_options([url, *options]))
    with open_recorder(str(file), config) as recorder:
        report = run(config, recorder)
    offline = offline_check(parse_options(["--replay", str(file), "--no-config"]), config_of)
    assert offline is not None
    return report, run(offline.config, client=offline.client)


def causes_of(report: Report) -> dict[str, str | None]:
    """The causes that a report names, by rule."""
    assert report.crashes == ()
    return {finding.rule: cause_name(finding) for finding in report.findings}
