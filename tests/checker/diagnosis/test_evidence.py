"""What a finding shows as evidence: the server's own words, and what faulty rows have in common."""

import json
import time
from typing import Any

import pytest
from answering import Answer, Server
from cause_kit import JSON, Behaviour, answer, document, get_only, paged, rows, text

from checker import Finding, check
from checker.reports import FORMATS, Style, render

SECRET = "tell-no-one-0123456789"

CUSTOMERS = ("bobmiller", "Dear Bob", "bob@example", "15550123456")


def found(server: Server, behaviour: Behaviour, rule: str, **options: Any) -> Finding:
    server.answer = behaviour
    report = check(server.url, retries=0, **options)
    assert report.crashes == ()
    return next(finding for finding in report.findings if finding.rule == rule)


def evidence(server: Server, behaviour: Behaviour, rule: str, **options: Any) -> str:
    return "\n".join(found(server, behaviour, rule, **options).evidence)


@pytest.mark.parametrize(
    ("behaviour", "rule", "words"),
    [
        (document({"error": "invalid cursor"}, 400), "HTTP005", "error: invalid cursor"),
        (document({"message": "quota", "code": 17}, 500), "HTTP007", "message: quota, code: 17"),
        (document({"error": {"message": "no such key"}}, 401), "HTTP006", "no such key"),
        (document({"errors": [{"detail": "too old"}]}, 400), "HTTP005", "too old"),
        (text("<html><title>Gone</title><p>Moved to the new shop", 404), "HTTP005", "Gone: Moved"),
        (text("Database is down"), "JSON001", "Database is down"),
        (document({"status": "error", "message": "no access"}), "PAGE002", "no access"),
        (text(b"\x89PNG\r\n\x1a\n\x00\x00"), "JSON001", "89 50 4e 47"),
        (document({}, 405, Allow="POST"), "HTTP001", "Allow: POST"),
        (document([], 429, Retry_After="77"), "HTTP008", "Retry-After: 77"),
    ],
)
def test_the_servers_own_words_are_shown(
    server: Server, behaviour: Behaviour, rule: str, words: str
) -> None:
    assert words in evidence(server, behaviour, rule)


@pytest.mark.parametrize(
    "behaviour",
    [
        document({"error": f"the key {SECRET} is unknown"}, 401),
        text(f"<html><title>{SECRET}</title>{SECRET}", 500),
        text(f"{'x' * 3000}{SECRET}{'y' * 190}{SECRET}" * 5),
        get_only(
            lambda asked: Answer(b"", 302, {"Location": f"https://other.test/{SECRET}?{SECRET}"})
        ),
    ],
)
def test_no_word_holds_a_secret(server: Server, behaviour: Behaviour) -> None:
    server.answer = behaviour
    report = check(server.url, retries=0, headers={"X-Api-Key": SECRET})
    for form in FORMATS:
        assert SECRET[:12] not in render(report, form, Style(color=False, width=80))


@pytest.mark.parametrize(
    ("behaviour", "rule"),
    [
        (text('{"list": [{"uid": "Ubobmiller", "msg": "Dear Bob"}], "next": ""}}'), "JSON001"),
        (text("uid,msg\nUbobmiller,Dear Bob\nUanne,Dear Anne\n"), "JSON001"),
        (text("<xml><list><uid>Ubobmiller</uid><msg>Dear Bob</msg></list></xml>"), "JSON001"),
        (document({"error": "no message for bob@example.test, 15550123456"}, 500), "HTTP007"),
    ],
)
def test_no_word_is_a_customers(server: Server, behaviour: Behaviour, rule: str) -> None:
    shown = evidence(server, behaviour, rule)
    assert [word for word in CUSTOMERS if word in shown] == []


def test_words_are_cut_and_escaped(server: Server) -> None:
    finding = found(server, document({"error": "\x1b[31m" + "no " * 5_000}, 500), "HTTP007")
    assert all(len(line) <= 400 for line in finding.evidence)
    report = check(server.url, retries=0)
    for form in FORMATS:
        assert "\x1b[31m" not in render(report, form, Style(color=False, width=80))


def with_rows(faulty: Any, pages: int = 3) -> Behaviour:
    """Pages whose rows lose their msg where `faulty` says so, by page and index."""

    def change(number: int, page: dict[str, Any]) -> object:
        for index, row in enumerate(page["list"]):
            if faulty(number, index):
                row["msg"] = ""
        return page

    return paged(change, pages=pages)


@pytest.mark.parametrize(
    ("faulty", "pattern"),
    [
        (lambda page, index: index == 19, "each the last of its page"),
        (lambda page, index: index == 0, "each the first of its page"),
        (lambda page, index: page > 1, "all rows from page 2 on; the pages before are fine"),
        (lambda page, index: page == 3, "all rows of page 3"),
        (lambda page, index: ((page - 1) * 20 + index) % 15 == 4, "exactly one row in every 15"),
        (lambda page, index: True, "All 60 rows have it."),
        (lambda page, index: (page, index) in {(1, 3), (2, 11), (3, 2)}, "the other 57 are fine"),
    ],
)
def test_what_faulty_rows_have_in_common_is_said(server: Server, faulty: Any, pattern: str) -> None:
    assert pattern in evidence(server, with_rows(faulty), "ROW007")


def test_a_trait_of_the_texts_is_found(server: Server) -> None:
    people = rows(0, 20)
    for row in (people[index] for index in (1, 2, 7, 12)):
        row["msg"] = "Your parcel \U0001f4e6 is there\x07"
    for row in people[15:]:
        row["msg"] = "Grüße from us"
    shown = evidence(server, document({"list": people, "next": ""}), "ROW010")
    assert "exactly those with an emoji" in shown


def test_each_hop_of_a_redirect_is_shown(server: Server) -> None:
    steps = {"/recipients": "/a", "/a": "/b"}

    def behaviour(asked: Any) -> Answer:
        if asked.path in steps:
            return Answer(b"", 302, {"Location": steps[asked.path]})
        return answer({"list": rows(0, 3), "next": ""})

    shown = evidence(server, get_only(behaviour), "HTTP009")
    assert "/recipients redirects to" in shown
    assert "/a redirects to" in shown


@pytest.mark.parametrize(
    "body",
    [
        b"<a" * 2_000_000,
        b"<title" * 500_000,
        b"Page Not Found " * 200_000,
        b"<!--" * 500_000,
        b"Notice: " * 500_000,
        b"a , " * 500_000,
        "é".encode("latin-1") * 3_000_000,
        ("ก" * 3_000_000).encode() + b'\xe0"',
        json.dumps({"error": "x" * 5_000_000}).encode(),
    ],
    ids=lambda body: repr(body[:10]),
)
def test_no_body_takes_long_to_explain(server: Server, body: bytes) -> None:
    server.answer = get_only(lambda asked: Answer(body, 200, JSON))
    begun = time.monotonic()
    report = check(server.url, retries=0, probes=False)
    assert time.monotonic() - begun < 10
    assert report.crashes == ()
