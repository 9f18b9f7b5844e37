"""How a crawl goes on and ends (contract, sections 2, 3 and 5), against a real server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from answering import Answer, Asked, Server

from checker import Report, check

Served = Callable[[str | None], Answer]
POST_REFUSED = Answer(status=405, headers={"Allow": "GET"})
UNKNOWN = Answer(b'{"error": "unknown token"}', 400)
BLANK = Answer(b" \n")


def page(names: str, following: Any = "") -> Answer:
    """A page with a row for each letter."""
    rows = [{"uid": name, "msg": f"Hello {name}"} for name in names]
    return Answer(json.dumps({"list": rows, "next": following}).encode())


def serve(server: Server, served: Served) -> None:
    """GET by its token; POST as a good API does."""
    server.answer = lambda asked: POST_REFUSED if asked.method != "GET" else served(asked.token)


def times(server: Server, token: str | None) -> int:
    """How often a token has come so far, this time included."""
    return sum(asked.method == "GET" and asked.token == token for asked in server.asked)


def rules_of(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def gets(server: Server) -> list[str | None]:
    return [asked.token for asked in server.asked if asked.method == "GET"]


# a blank 200


def test_a_blank_page_ends_the_crawl_and_is_told_first(server: Server) -> None:
    pages = {None: page("abc", "2"), "2": page("def", "3"), "3": BLANK}
    serve(server, lambda token: pages.get(token, UNKNOWN))
    report = check(server.url + "?x=1")
    assert (report.verdict, report.complete) == ("pass", True)
    assert report.crawl.ended_by == "empty-response"
    assert (report.crawl.pages, report.crawl.rows) == (3, 6)
    assert rules_of(report)[0] == "PAGE010"
    assert gets(server).count("3") == 2
    said = report.findings[0].message
    assert "also when requested again" in said
    assert "6 rows" in said
    assert "page 2 was full" in said
    assert "probably goes on" in said


def test_a_blank_page_behind_a_page_that_was_not_full(server: Server) -> None:
    pages = {None: page("abc", "2"), "2": page("d", "3"), "3": BLANK}
    serve(server, lambda token: pages.get(token, UNKNOWN))
    said = check(server.url).findings[0].message
    assert "4 rows" in said
    assert "probably" not in said


def test_a_blank_page_that_has_its_rows_the_second_time(server: Server) -> None:
    def served(token: str | None) -> Answer:
        if token == "2":
            return BLANK if times(server, "2") == 1 else page("cd", "3")
        return {None: page("ab", "2"), "3": page("ef")}.get(token, UNKNOWN)

    serve(server, served)
    report = check(server.url)
    assert (report.crawl.rows, report.crawl.ended_by) == (6, "empty-next")
    assert rules_of(report) == ["PAGE010"]
    assert "failed for a moment" in report.findings[0].message


def test_a_blank_page_that_fails_the_second_time(server: Server) -> None:
    def served(token: str | None) -> Answer:
        if token == "2":
            return BLANK if times(server, "2") == 1 else Answer(b"", 500)
        return page("ab", "2") if token is None else UNKNOWN

    serve(server, served)
    report = check(server.url, retries=0)
    assert (report.crawl.rows, report.crawl.ended_by) == (2, "empty-response")
    assert "answered 500 when requested again" in report.findings[0].message


def test_a_blank_first_page_has_no_data(server: Server) -> None:
    serve(server, lambda token: BLANK)
    report = check(server.url)
    assert rules_of(report) == ["PAGE010"]
    assert "data is done" not in report.findings[0].message
    hidden = {rule: item.why for item in report.not_judged for rule in item.rules}
    assert "PAGE010" in hidden["PAGE006"]


def test_without_probes_a_blank_page_is_asked_for_once(server: Server) -> None:
    serve(server, lambda token: page("ab", "2") if token is None else BLANK)
    report = check(server.url, probes=False)
    assert rules_of(report) == ["PAGE010"]
    assert gets(server) == [None, "2"]


def test_204_is_deliberate(server: Server) -> None:
    serve(server, lambda token: page("ab", "2") if token is None else Answer(status=204))
    report = check(server.url, probes=False)
    assert rules_of(report) == []


# empty pages in a row


def counting(last: int, gap: range) -> Served:
    """Pages that are numbered, of which those in the gap are empty."""

    def served(token: str | None) -> Answer:
        if token is not None and not token.isdigit():
            return UNKNOWN
        number = int(token or 1)
        if number > last:
            return page("", "")
        names = "" if number in gap else chr(0x4E00 + number)
        return page(names, "" if number == last else f"{number + 1:03}")

    return served


def test_a_hundred_empty_pages_in_a_row_are_followed(server: Server) -> None:
    serve(server, counting(102, range(2, 102)))
    report = check(server.url, probes=False)
    assert (report.complete, report.crawl.rows) == (True, 2)
    assert "NEXT014" not in rules_of(report)


def test_one_more_ends_the_crawl(server: Server) -> None:
    serve(server, counting(500, range(2, 500)))
    report = check(server.url, probes=False)
    assert rules_of(report)[0] == "NEXT014"
    assert (report.verdict, report.crawl.ended_by) == ("fail", "never-ends")
    assert len(server.asked) == 102
    assert "101 pages" in report.findings[0].message
    assert "empty pages" in report.findings[0].message
    assert "PAGE007" not in rules_of(report), "it follows from the other"


@pytest.mark.parametrize(("most", "requests"), [(0, 2), (1, 3), (7, 9)])
def test_the_number_can_be_set(server: Server, most: int, requests: int) -> None:
    serve(server, counting(500, range(2, 500)))
    assert check(server.url, probes=False, max_empty_pages=most).crawl.ended_by == "never-ends"
    assert len(server.asked) == requests


def test_rows_in_between_begin_the_count_anew(server: Server) -> None:
    serve(server, counting(30, range(2, 30, 2)))
    report = check(server.url, probes=False, max_empty_pages=1)
    assert report.complete


def test_an_empty_page_that_names_itself_is_a_loop(server: Server) -> None:
    pages = {None: page("ab", "2"), "2": page("", "2")}
    serve(server, lambda token: pages.get(token, UNKNOWN))
    report = check(server.url)
    assert "NEXT003" in rules_of(report)
    assert gets(server).count("2") == 1


# a page asked for again


def paged(size: int, total: str = "abcdefghijkl") -> Served:
    def served(token: str | None) -> Answer:
        start = 0 if token is None else int(token[1:]) if token[1:].isdigit() else -1
        if not 0 <= start < len(total):
            return UNKNOWN
        end = start + size
        return page(total[start:end], f"p{end}" if end < len(total) else "")

    return served


def test_a_token_that_works_once(server: Server) -> None:
    right = paged(3)
    serve(
        server,
        lambda token: Answer(status=404) if token and times(server, token) > 1 else right(token),
    )
    report = check(server.url)
    assert (report.verdict, rules_of(report)) == ("pass", ["NEXT007"])
    assert "Page 3, requested again, was refused with 404" in report.findings[0].message


def test_a_page_that_cannot_be_had_again_for_a_moment_is_no_finding(server: Server) -> None:
    right = paged(3)
    busy = Answer(b"", 503)
    serve(server, lambda token: busy if token and times(server, token) > 1 else right(token))
    assert rules_of(check(server.url, retries=0)) == []


@pytest.mark.parametrize("later", ["page after", "empty", "never seen"])
def test_any_page_that_moves_on_is_a_position_kept_by_the_server(
    server: Server, later: str
) -> None:
    right = paged(3)

    def served(token: str | None) -> Answer:
        if not token or times(server, token) == 1:
            return right(token)
        other = {"page after": right(f"p{int(token[1:]) + 3}"), "empty": page("")}
        return other.get(later, page("xyz"))

    serve(server, served)
    report = check(server.url)
    assert rules_of(report) == ["NEXT008"]
    assert report.verdict == "fail"


def test_pages_in_random_order_are_not_a_position_kept_by_the_server(server: Server) -> None:
    """Each page asked for again has rows of several others, none of its own."""
    rows = "abcdefghijklmnopqrst"
    right = paged(4, rows)

    def served(token: str | None) -> Answer:
        if times(server, token) == 1 or (token and not token[1:].isdigit()):
            return right(token)
        return page("dhlp" if token else "hlpt", "p4")

    serve(server, served)
    assert "NEXT008" not in rules_of(check(server.url))


def scroll(server: Server, rows: str, size: int) -> Served:
    """One id for all pages; the server keeps the position."""

    def served(token: str | None) -> Answer:
        if token not in (None, "scroll"):
            return UNKNOWN
        start = 0 if token is None else size * times(server, "scroll")
        return page(rows[start : start + size], "scroll")

    return served


@pytest.mark.parametrize("rows", ["abcdefgh", "abcd", "abc"])
def test_a_scroll_id_is_a_position_kept_by_the_server(server: Server, rows: str) -> None:
    serve(server, scroll(server, rows, 2))
    report = check(server.url)
    assert [rule for rule in rules_of(report) if rule[:4] == "NEXT"] == ["NEXT008"]
    assert report.crawl.ended_by == "stateful-cursor"
    assert not report.complete
    assert len(gets(server)) < 10


def test_a_page_that_names_itself_and_stays_the_same_is_a_loop(server: Server) -> None:
    pages = {None: page("ab", "2"), "2": page("cd", "2")}
    serve(server, lambda token: pages.get(token, UNKNOWN))
    report = check(server.url)
    assert rules_of(report) == ["NEXT003"]


def test_without_probes_a_token_that_comes_again_is_a_loop(server: Server) -> None:
    serve(server, scroll(server, "abcdefgh", 2))
    report = check(server.url, probes=False)
    assert rules_of(report) == ["NEXT003"]
    assert len(server.asked) == 2


# another method


def test_post_goes_to_the_address_that_get_reached(server: Server) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/recipients" and asked.method == "GET":
            return Answer(b"", 302, {"Location": "/moved?once=7"})
        return page("ab") if asked.method == "GET" else POST_REFUSED

    server.answer = answer
    assert "HTTP009" in rules_of(check(server.url))
    posts = [(asked.path, asked.query) for asked in server.asked if asked.method == "POST"]
    assert posts == [("/moved", {"once": ["7"]})]


POSTS = {
    "a page": (page("ab"), True),
    "another page": (page("xy", "t"), True),
    "201": (Answer(b"", 201), True),
    "202": (Answer(b"{}", 202), True),
    "400 with POST in Allow": (Answer(b"{}", 400, {"Allow": "GET, POST"}), True),
    "415 with POST in Allow": (Answer(b"", 415, {"Allow": "POST,OPTIONS"}), True),
    "422 with POST in Allow": (Answer(b"", 422, {"Allow": "GET, POST"}), True),
    "400 with GET in Allow": (Answer(b"{}", 400, {"Allow": "GET, HEAD"}), False),
    "400": (Answer(b"{}", 400), False),
    "403 with POST in Allow": (Answer(b"", 403, {"Allow": "GET, POST"}), False),
    "an error in JSON": (Answer(b'{"error": "only GET"}'), False),
    "a blank 200": (Answer(b""), False),
    "204": (Answer(status=204), False),
    "an HTML page": (Answer(b"<!DOCTYPE html><html></html>"), False),
    "a redirect": (Answer(b"", 303, {"Location": "/elsewhere"}), False),
}


@pytest.mark.parametrize("name", POSTS)
def test_what_counts_as_taking_post(server: Server, name: str) -> None:
    answered, taken = POSTS[name]
    server.answer = lambda asked: page("ab") if asked.method == "GET" else answered
    report = check(server.url)
    assert ("HTTP002" in rules_of(report)) == taken


@pytest.mark.parametrize("status", [200, 202, 403, 503])
def test_a_challenge_that_get_meets_too_is_not_the_endpoint(server: Server, status: int) -> None:
    challenge = Answer(b"<html><title>Just a moment...</title></html>", status)
    server.answer = lambda asked: challenge
    assert "HTTP002" not in rules_of(check(server.url, retries=0))


def test_another_envelope_than_the_contracts_is_what_get_gives(server: Server) -> None:
    server.answer = lambda asked: Answer(b'{"data": [{"uid": "a", "msg": "b"}], "total": 1}')
    assert {"HTTP002", "PAGE002"} <= set(rules_of(check(server.url)))
