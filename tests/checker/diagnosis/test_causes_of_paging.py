"""Causes that the pages tell of together: each with the mistake, and with what only looks so."""

import base64
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from answering import Answer, Asked, Server
from cause_kit import (
    JSON,
    Behaviour,
    answer,
    cause_name,
    causes_of,
    get_only,
    paged,
    recorded_and_replayed,
    rows,
)

from checker import Report, check

SIZE, TOTAL = 20, 60


def sliced(
    step: int = SIZE,
    total: int = TOTAL,
    size: int = SIZE,
    order: Callable[[int], int] = lambda i: i,
) -> Behaviour:
    """Pages by a position in the rows; the position goes on by `step`."""
    people = rows(0, total)

    def behaviour(asked: Asked) -> Answer:
        if asked.token is not None and not asked.token.isdigit():
            return answer({"error": "unknown token"}, 400)
        start = int(asked.token or 0)
        found = [people[order(i) % total] for i in range(start, min(start + size, total))]
        following = str(start + step) if start + size < total else ""
        return answer({"list": found, "next": following})

    return get_only(behaviour)


def growing(at: int = 2, new: int = 3) -> Callable[[], Behaviour]:
    """Newest first by offset; `new` rows are added when the request of that number comes."""

    def begin() -> Behaviour:
        people, asked_so_far = rows(100, 180), itertools.count(1)

        def behaviour(asked: Asked) -> Answer:
            if asked.token is not None and not asked.token.isdigit():
                return answer({"error": "unknown token"}, 400)
            if next(asked_so_far) == at:
                people[:0] = rows(0, new)
            start = int(asked.token or 0)
            end = start + SIZE
            return answer({"list": people[start:end], "next": str(end) if end < 80 else ""})

        return get_only(behaviour)

    return begin


def shifted_once() -> Behaviour:
    """Three rows were added before the second page, and the first is served as it was."""

    def change(number: int, page: dict[str, Any]) -> object:
        moved = 3 if number > 1 else 0
        page["list"] = rows((number - 1) * SIZE - moved, number * SIZE - moved)
        return page

    return paged(change, size=SIZE)


def shuffled() -> Behaviour:
    """The same rows of each page, in another order at each request: no ORDER BY."""
    requests = itertools.count(1)

    def behaviour(asked: Asked) -> Answer:
        if asked.token is not None and not asked.token.isdigit():
            return answer({"error": "unknown token"}, 400)
        start, turn = int(asked.token or 0), next(requests)
        page = rows(start, start + SIZE)
        end = start + SIZE
        turned = page[turn % SIZE :] + page[: turn % SIZE]
        return answer({"list": turned, "next": str(end) if end < TOTAL else ""})

    return get_only(behaviour)


def any_rows() -> Behaviour:
    """Rows drawn anew at each request: ORDER BY RAND()."""
    draw = random.Random(7)

    def behaviour(asked: Asked) -> Answer:
        if asked.token is not None and not asked.token.isdigit():
            return answer({"error": "unknown token"}, 400)
        end = int(asked.token or 0) + SIZE
        drawn = draw.sample(rows(0, 40), SIZE)
        return answer({"list": drawn, "next": str(end) if end < TOTAL else ""})

    return get_only(behaviour)


def joined() -> Behaviour:
    people = [row for row in rows(0, 30) for _ in range(2)]

    def behaviour(asked: Asked) -> Answer:
        if asked.token is not None and not asked.token.isdigit():
            return answer({"error": "unknown token"}, 400)
        start = int(asked.token or 0)
        end = start + 15
        return answer({"list": people[start:end], "next": str(end) if end < 60 else ""})

    return get_only(behaviour)


def one_scroll() -> Behaviour:
    positions, count = dict[str, int](), itertools.count(1)

    def behaviour(asked: Asked) -> Answer:
        token = asked.token
        if token is None:
            token = f"scroll{next(count)}"
            positions[token] = 0
        if token not in positions:
            return answer({"error": "unknown token"}, 400)
        start = positions[token]
        positions[token] = end = min(start + SIZE, TOTAL)
        return answer({"list": rows(start, end), "next": token if end < TOTAL else ""})

    return get_only(behaviour)


def used_up(*, goes_on: bool = False) -> Behaviour:
    """A token is refused the second time, or gives the page behind it."""
    used = set[str]()

    def behaviour(asked: Asked) -> Answer:
        token = asked.token
        if token is not None and not token.removeprefix("s").isdigit():
            return answer({"error": "unknown token"}, 404)
        start = int((token or "s0").removeprefix("s"))
        if token in used:
            if not goes_on:
                return answer({"error": "the scroll has expired"}, 410)
            start = min(start + SIZE, TOTAL)
        used.add(token or "")
        end = min(start + SIZE, TOTAL)
        return answer({"list": rows(start, end), "next": f"s{end}" if end < TOTAL else ""})

    return get_only(behaviour)


def undecoded(*, strict: bool) -> Behaviour:
    """Compares the raw query; tokens with = + / are never known."""
    tokens = {base64.b64encode(b"id>%d?/~" % n).decode(): n for n in (20, 40)}
    names = {number: token for token, number in tokens.items()}

    def behaviour(asked: Asked) -> Answer:
        raw = None if asked.token is None else quote(asked.token, safe="")
        if raw is not None and raw not in tokens and strict:
            return answer({"error": "invalid cursor"}, 400)
        start = tokens.get(raw or "", 0)
        return answer({"list": rows(start, start + SIZE), "next": names.get(start + SIZE, "")})

    return get_only(behaviour)


def strange_but_known(*, refuses: bool) -> Behaviour:
    """Decodes tokens with = + / as it should; the data behind them is at fault."""

    def token(number: int) -> str:
        return base64.b64encode(b"id>%d?/~" % number).decode()

    def change(number: int, page: dict[str, Any]) -> object:
        if number == 3 and refuses:
            return Answer(b'{"error": "quota"}', 400, JSON)
        return page

    return paged(change, pages=4, token=token)


def empty_for_ever(asked: Asked) -> Answer:
    number = int(asked.token) if (asked.token or "1").isdigit() and asked.token else 1
    if asked.token is not None and not asked.token.isdigit():
        return answer({"error": "unknown token"}, 400)
    page = rows((number - 1) * SIZE, number * SIZE) if number <= 3 else []
    return answer({"list": page, "next": str(number + 1)})


def clamped(asked: Asked) -> Answer:
    if asked.token is not None and not asked.token.isdigit():
        return answer({"error": "unknown token"}, 400)
    number = min(int(asked.token or 1), 3)
    page = rows((number - 1) * SIZE, number * SIZE)
    return answer({"list": page, "next": str(int(asked.token or 1) + 1)})


def first_page_only(**headers: str) -> Behaviour:
    return get_only(lambda asked: answer({"list": rows(0, SIZE), "next": "p2"}, **headers))


def reads_page(asked: Asked) -> Answer:
    number = int(asked.query.get("page", ["1"])[0])
    return answer(
        {
            "list": rows((number - 1) * SIZE, number * SIZE),
            "next": str(number + 1),
            "links": {"next": f"/recipients?page={number + 1}"},
        }
    )


def none_as_text(asked: Asked) -> Answer:
    start = int(asked.token) if asked.token and asked.token.isdigit() else 0
    end = start + SIZE
    return answer({"list": rows(start, end), "next": str(end if end < TOTAL else None)})


def wraps(asked: Asked) -> Answer:
    if asked.token is not None and not asked.token.isdigit():
        return answer({"error": "unknown token"}, 400)
    start = int(asked.token or 0)
    # pages of other sizes, so that no page is equal to an earlier one
    people = [rows(0, TOTAL)[(start + i) % TOTAL] for i in range(SIZE if start < TOTAL else 15)]
    end = start + len(people)
    return answer({"list": people, "next": str(end) if end < 2 * TOTAL - 15 else ""})


CASES: list[tuple[str, str, Callable[[], Behaviour], Callable[[], Behaviour]]] = [
    ("cursor-included", "NEXT006", lambda: sliced(step=SIZE - 1), lambda: sliced(step=SIZE - 4)),
    ("step-too-small", "NEXT006", lambda: sliced(step=SIZE - 4), lambda: sliced(step=SIZE - 1)),
    ("rows-shifted", "NEXT006", shifted_once, lambda: sliced(step=SIZE - 4)),
    ("newest-first-offset", "NEXT006", growing(at=3), lambda: sliced(step=SIZE - 4)),
    ("newest-first-offset", "NEXT007", growing(at=3), shuffled),
    ("no-unique-order", "NEXT007", shuffled, growing(at=3)),
    ("join-doubles-rows", "NEXT006", joined, lambda: sliced(step=SIZE - 1)),
    ("position-wraps", "NEXT006", lambda: get_only(wraps), lambda: sliced(step=SIZE - 1)),
    ("scattered-repeats", "NEXT006", lambda: sliced(order=lambda i: i * 7 % 55), joined),
    ("scroll-cursor", "NEXT008", one_scroll, lambda: used_up(goes_on=True)),
    ("position-kept-by-server", "NEXT008", lambda: used_up(goes_on=True), one_scroll),
    ("token-works-once", "NEXT007", used_up, shuffled),
    ("token-not-decoded", "NEXT004", lambda: undecoded(strict=False), first_page_only),
    (
        "token-not-decoded",
        "HTTP005",
        lambda: undecoded(strict=True),
        lambda: strange_but_known(refuses=True),
    ),
    (
        "cache-without-query",
        "NEXT004",
        lambda: first_page_only(X_Cache="Hit from cloudfront", Age="184"),
        lambda: first_page_only(X_Cache="Miss from cloudfront"),
    ),
    (
        "cache-without-query",
        "NEXT004",
        lambda: first_page_only(CF_Cache_Status="HIT"),
        lambda: first_page_only(CF_Cache_Status="DYNAMIC"),
    ),
    (
        "cache-without-query",
        "NEXT004",
        lambda: first_page_only(X_Varnish="32770 3"),
        lambda: first_page_only(X_Varnish="32770"),
    ),
    ("no-unique-order", "NEXT007", any_rows, growing(at=3)),
    ("parameter-not-read", "NEXT004", first_page_only, lambda: undecoded(strict=False)),
    ("other-parameter", "NEXT004", lambda: get_only(reads_page), first_page_only),
    ("clamped-page-number", "NEXT005", lambda: get_only(clamped), lambda: get_only(none_as_text)),
    ("end-printed-as-text", "NEXT005", lambda: get_only(none_as_text), lambda: get_only(clamped)),
    (
        "own-token-again",
        "NEXT003",
        lambda: paged(lambda n, page: {"list": [], "next": "p3"} if n == 3 else page),
        lambda: paged(lambda n, page: {**page, "next": "p2"} if n == 3 else page),
    ),
    ("next-always-counts-on", "NEXT014", lambda: get_only(empty_for_ever), paged),
    (
        "token-not-known",
        "HTTP005",
        lambda: paged(lambda n, page: {**page, "next": "lost"} if n == 2 else page),
        lambda: strange_but_known(refuses=True),
    ),
    (
        "rounded-integer",
        "HTTP005",
        lambda: paged(lambda n, page: {**page, "next": 2**60 + n} if n < 3 else page),
        lambda: paged(lambda n, page: {**page, "next": 17} if n < 3 else page),
    ),
]


def reported(server: Server, behaviour: Behaviour) -> Report:
    server.answer = behaviour
    report = check(server.url, retries=0)
    assert report.crashes == ()
    return report


def named(report: Report) -> dict[str, str | None]:
    return {finding.rule: cause_name(finding) for finding in report.findings}


IDS = [f"{cause}-{rule}" for cause, rule, *_ in CASES]


@pytest.mark.parametrize(("cause", "rule", "wrong", "_right"), CASES, ids=IDS)
def test_the_mistake_is_named(
    server: Server, cause: str, rule: str, wrong: Callable[[], Behaviour], _right: Any
) -> None:
    assert named(reported(server, wrong())).get(rule, "not reported") == cause


@pytest.mark.parametrize(("cause", "_rule", "_wrong", "right"), CASES, ids=IDS)
def test_what_only_looks_so_is_not_named_so(
    server: Server, cause: str, _rule: str, _wrong: Any, right: Callable[[], Behaviour]
) -> None:
    assert cause not in named(reported(server, right())).values()


def test_right_pages_get_no_cause(server: Server) -> None:
    assert set(named(reported(server, paged())).values()) <= {None}


def test_the_evidence_counts_borders(server: Server) -> None:
    report = reported(server, sliced(step=SIZE - 1))
    finding = next(item for item in report.findings if item.rule == "NEXT006")
    assert "each of the 3 borders" in finding.evidence[0]


def test_a_redirect_that_drops_the_token_is_the_cause_of_its_having_no_effect(
    server: Server,
) -> None:
    def behaviour(asked: Asked) -> Answer:
        if asked.path == "/recipients":
            return Answer(b"", 301, {"Location": "/recipients/"})
        return answer({"list": rows(0, SIZE), "next": "p2"})

    report = reported(server, get_only(behaviour))
    names = named(report)
    assert names["HTTP009"] == "redirect-drops-query"
    order = [finding.rule for finding in report.findings]
    symptom = next(item for item in report.findings if item.rule == "NEXT004")
    assert symptom.consequence_of == "HTTP009"
    assert order.index("HTTP009") < order.index("NEXT004")


@pytest.mark.parametrize(("cause", "rule", "wrong", "_right"), CASES, ids=IDS)
def test_a_recording_tells_the_same_cause(
    server: Server,
    tmp_path: Path,
    cause: str,
    rule: str,
    wrong: Callable[[], Behaviour],
    _right: Any,
) -> None:
    server.answer = wrong()
    report, replayed = recorded_and_replayed(server.url, tmp_path / "run.har")
    assert causes_of(report)[rule] == cause
    assert causes_of(replayed)[rule] == cause
