"""Any graph of pages and tokens makes the crawl end, and names the true reason."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checker.core.endpoint import Endpoint
from checker.core.model import CrawlEnd, Exchange, Failure, Purpose
from checker.crawling.crawl import Crawl
from checker.rules import all_rules

ENDPOINT = Endpoint.parse("http://localhost/recipients")
NAMES = {rule_id: rule.name for rule_id, rule in all_rules().items()}
TOKENS = ["a", "b", "c", "d", "e", "f"]


@dataclass(frozen=True)
class Served:
    """What the server has under one token: a page, or something instead."""

    rows: tuple[Any, ...] = ()
    next: Any = ""
    instead: Any = None


FAULTS = {
    "no connection": (None, b"", "NET002"),
    "timeout": (None, b"", "NET004"),
    "rubbish": (200, b"<html>", "JSON001"),
    "too deep": (200, b"[" * 65 + b"]" * 65, "JSON008"),
    "bad request": (400, b"no", "HTTP005"),
    "not found": (404, b"", "HTTP005"),
    "refused": (401, b"", "HTTP006"),
    "forbidden": (403, b"", "HTTP006"),
    "post only": (405, b"", "HTTP001"),
    "too many": (429, b"", "HTTP008"),
    "crash": (500, b"{}", "HTTP007"),
    "gateway": (502, b"", "HTTP007"),
}
EMPTIES = {
    "no content": (204, b""),
    "blank": (200, b" \n"),
    "{}": (200, b"{}"),
    "[]": (200, b"[]"),
    "null": (200, b"null"),
}
NO_NEXT = {
    "root": (b'["row"]', "PAGE001"),
    "text": (b'"row"', "PAGE001"),
    "member": (b'{"list": []}', "PAGE005"),
    "nothing": (b'{"a": 1}', "PAGE005"),
}

rows = st.lists(st.sampled_from([*range(5), "odd", None]), max_size=3).map(tuple)
nexts = st.one_of(
    st.sampled_from(TOKENS),
    st.sampled_from(TOKENS),
    st.sampled_from(["", None, False, 0, [], {}, 7, True, 1.5, [1], " ", "?next=a", "http://x/"]),
)
served = st.one_of(
    st.builds(Served, rows, nexts),
    st.builds(Served, rows, st.sampled_from(TOKENS)),
    st.builds(Served, rows, st.sampled_from(TOKENS)),
    st.builds(Served, instead=st.sampled_from([*FAULTS, *EMPTIES, *NO_NEXT])),
)
graphs = st.dictionaries(st.sampled_from([None, *TOKENS, "7"]), served)


def row_of(number: Any) -> Any:
    if number is None or number == "odd":
        return {"uid": number, "extra": [1]}  # no row that could be sent, but one to compare
    return {"uid": f"u{number}", "msg": "m"}


def body_of(page: Served) -> bytes:
    return json.dumps({"list": [row_of(row) for row in page.rows], "next": page.next}).encode()


def answer(page: Served, token: str | None, number: int) -> Exchange:
    status, body, failure = 200, body_of(page), None
    if page.instead in FAULTS:
        status, body, rule = FAULTS[page.instead]
        failure = None if status else Failure(rule=rule, detail="…")
    elif page.instead in EMPTIES:
        status, body = EMPTIES[page.instead]
    elif page.instead in NO_NEXT:
        body = NO_NEXT[page.instead][0]
    return Exchange(
        purpose=Purpose.PAGE,
        method="GET",
        url=ENDPOINT.page_url(token),
        token=token,
        page=number,
        status=status,
        body=body,
        failure=failure,
    )


def crawled(
    server: Callable[[str | None], Served], budget: int, start: str | None = None
) -> tuple[CrawlEnd, list[str | None]]:
    asked: list[str | None] = []

    def fetch(token: str | None, number: int) -> Exchange:
        asked.append(token)
        assert number == len(asked)
        return answer(server(token), token, number)

    crawl = Crawl(ENDPOINT, fetch, max_pages=budget, rule_names=NAMES, start=start)
    pages = list(crawl.pages())
    assert [page.number for page in pages] == list(range(1, len(asked) + 1))
    assert crawl.end is not None
    assert crawl.end.page is pages[-1]
    return crawl.end, asked


def why_no_token(page: Served) -> str:
    """How a crawl ends at a page without a token to follow (contract, section 2)."""
    if page.instead in EMPTIES:
        return "empty-response"
    if page.instead in NO_NEXT:
        return NO_NEXT[page.instead][1]
    value = page.next
    if isinstance(value, str) and value.strip():
        return "NEXT013"
    if value == "" or value is None or value is False or value in (0, [], {}):
        return "empty-next"
    return "NEXT001"


def token_of(value: Any) -> str | None:
    if value in TOKENS:
        return str(value)
    return "7" if value == 7 else None


def simulated(
    server: Callable[[str | None], Served], budget: int, start: str | None = None
) -> tuple[str, int | None, list[str | None]]:
    """Why the crawl must end, the earlier page that this is about, and what was asked for."""
    asked: list[str | None] = []
    earlier: list[tuple[int, list[str]]] = []
    token = start
    while True:
        asked.append(token)
        page, number = server(token), len(asked)
        if page.instead in FAULTS:
            return FAULTS[page.instead][2], None, asked
        here = sorted(map(str, page.rows)) if page.instead is None else []
        for before, there in earlier:
            if here and here == there:
                ignored = (before, number) == (1, 2)
                return "NEXT004" if ignored else "NEXT005", before, asked
        earlier.append((number, here))
        token = token_of(page.next) if page.instead is None else None
        if token is None:
            return why_no_token(page), None, asked
        if token in asked:
            return "NEXT003", asked.index(token) + 1, asked
        if number == budget:
            return "NEXT014", None, asked


def agree(
    server: Callable[[str | None], Served], budget: int, start: str | None = None
) -> CrawlEnd:
    end, asked = crawled(server, budget, start)
    why, other, asked_for = simulated(server, budget, start)
    assert asked == asked_for
    assert end.other_page == other
    assert end.page is not None
    assert end.page.number == len(asked)
    if why in NAMES:
        assert (end.rule, end.ended_by, end.complete) == (why, NAMES[why], False)
    else:
        assert (end.rule, end.ended_by, end.complete) == (None, why, True)
    return end


@given(
    graphs,
    st.sampled_from(["not found", "bad request", "crash", "no content", "the first page"]),
    st.integers(1, 9),
    st.sampled_from([None, None, "a", "b"]),
)
@example({None: Served((1,), "a"), "a": Served((1,), "a")}, "crash", 9, None)
@example({None: Served((1,), "a"), "a": Served((2,), "a")}, "crash", 9, None)
@example({None: Served((1,), "a"), "a": Served((2,), "b"), "b": Served((1,), "")}, "crash", 9, None)
@example({None: Served((), "a"), "a": Served((), "b"), "b": Served((), "")}, "crash", 9, None)
@example({None: Served((1,), "a"), "a": Served((2,), "")}, "crash", 2, None)
@example({None: Served((1,), "a"), "a": Served((2,), "b")}, "crash", 2, None)
@example({None: Served((1,), 7), "7": Served((2,), 7)}, "crash", 9, None)
def test_any_crawl_ends_for_the_true_reason(
    graph: dict[str | None, Served], otherwise: str, budget: int, start: str | None
) -> None:
    first = graph.get(None, Served())
    unknown = first if otherwise == "the first page" else Served(instead=otherwise)
    agree(lambda token: graph.get(token, first if token is None else unknown), budget, start)


@pytest.mark.parametrize("last", [*FAULTS, *EMPTIES, *NO_NEXT])
@pytest.mark.parametrize("pages_before", [0, 1, 3])
def test_whatever_comes_last_is_the_reason(last: str, pages_before: int) -> None:
    def server(token: str | None) -> Served:
        number = 0 if token is None else TOKENS.index(token) + 1
        if number == pages_before:
            return Served(instead=last)
        return Served((number,), TOKENS[number])

    agree(server, 9)


@pytest.mark.parametrize("value", ["", None, False, 0, [], {}, True, 1.5, [1], " ", "?next=a"])
def test_whatever_next_comes_last_is_the_reason(value: Any) -> None:
    agree(lambda token: Served((token,), value if token else "a"), 9)


@given(served, st.integers(1, 9))
def test_any_server_that_ignores_the_token_makes_the_crawl_end(page: Served, budget: int) -> None:
    agree(lambda token: page, budget)


@given(st.integers(1, 30))
def test_a_server_that_never_ends_is_left_at_the_budget(budget: int) -> None:
    end, asked = crawled(lambda token: Served((f"row {token}",), f"{token}+1"), budget)
    assert (end.rule, len(asked)) == ("NEXT014", budget)


@pytest.mark.parametrize(("pages", "rule"), [(5, None), (6, "NEXT014")])
def test_a_crawl_that_ends_on_its_last_allowed_page_is_complete(
    pages: int, rule: str | None
) -> None:
    def server(token: str | None) -> Served:
        number = int(token or 1)
        return Served((number,), "" if number == pages else str(number + 1))

    end, _ = crawled(server, 5)
    assert end.rule == rule


@pytest.mark.parametrize(
    ("status", "headers", "rule"),
    [
        (301, (), "HTTP005"),
        (404, (), "HTTP005"),
        (400, (("Allow", "POST"),), "HTTP001"),
        (404, (("Allow", "post, PUT"),), "HTTP001"),
        (404, (("allow", "HEAD, get"),), "HTTP005"),
        (405, (("Allow", "GET"),), "HTTP001"),
        (501, (), "HTTP001"),
        (500, (("Allow", "POST"),), "HTTP001"),
        (401, (), "HTTP006"),
        (403, (), "HTTP006"),
        (403, (("Allow", "POST"),), "HTTP001"),
        (429, (), "HTTP008"),
        (499, (), "HTTP005"),
        (500, (), "HTTP007"),
        (503, (), "HTTP007"),
        (599, (), "HTTP007"),
        (600, (), "HTTP005"),
        (302, (("Allow", "POST"),), "HTTP005"),
    ],
)
def test_a_status_that_is_no_page_ends_the_crawl(
    status: int, headers: tuple[tuple[str, str], ...], rule: str
) -> None:
    def fetch(token: str | None, number: int) -> Exchange:
        return Exchange(
            purpose=Purpose.PAGE, method="GET", url="u", page=1, status=status, headers=headers
        )

    crawl = Crawl(ENDPOINT, fetch, max_pages=3, rule_names=NAMES)
    assert len(list(crawl.pages())) == 1
    assert crawl.end is not None
    assert (crawl.end.rule, crawl.end.ended_by) == (rule, NAMES[rule])


@pytest.mark.parametrize("number", [b"NaN", b"1e999"])
def test_a_next_that_is_no_number_ends_the_crawl_as_such(number: bytes) -> None:
    def fetch(token: str | None, number_of_page: int) -> Exchange:
        body = b'{"list": [], "next": ' + number + b"}"
        return Exchange(purpose=Purpose.PAGE, method="GET", url="u", status=200, body=body)

    crawl = Crawl(ENDPOINT, fetch, max_pages=3, rule_names=NAMES)
    list(crawl.pages())
    assert crawl.end is not None
    assert crawl.end.rule == "JSON006"
