"""`checker.check` as a library: what sections 2 to 5 of the contract say, against a real server."""

import json
import threading
from typing import Any

import pytest
from answering import Answer, Asked, Server

import checker
from checker import Report, UsageError, check
from checker.core.events import Event, PageRead, Waiting
from checker.rules import all_rules

UNENDING = 10_000


def page(*names: str, following: Any = "", **members: Any) -> Answer:
    rows = [{"uid": name, "msg": f"Hello {name}"} for name in names]
    return Answer(json.dumps({"list": rows, "next": following, **members}).encode())


def pages(*answers: Answer) -> Any:
    """Answers to GET by token "1", "2", … for the second page on; the rest as a good API does."""

    def answer(asked: Asked) -> Answer:
        if asked.method != "GET":
            return Answer(status=405, headers={"Allow": "GET"})
        number = 0 if asked.token is None else int(asked.token) if asked.token.isdigit() else -1
        return answers[number] if 0 <= number < len(answers) else Answer(status=400)

    return answer


def rules_of(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def test_the_public_names_are_few_and_sorted() -> None:
    assert sorted(checker.__all__) == checker.__all__
    assert all(hasattr(checker, name) for name in checker.__all__)


def test_a_small_endpoint(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    server.answer = pages(page("a", "b", following="1"), page("c"))
    report = check(server.url)
    assert (report.verdict, report.complete, rules_of(report)) == ("pass", True, [])
    assert (report.crawl.pages, report.crawl.rows) == (2, 3)
    assert report.crawl.ended_by == "empty-next"
    assert report.crawl.requests == len(server.asked)
    assert capfd.readouterr() == ("", ""), "a library prints nothing"


def test_what_a_request_looks_like(server: Server) -> None:
    server.answer = lambda asked: page("b") if asked.token == "1" else page("a", following="1")
    report = check(server.url + "?tenant=7&next=old", headers={"X-Api-Key": "k-123456"})
    first, second = server.asked[0], server.asked[1]
    assert first.query == {"tenant": ["7"], "next": ["old"]}
    assert second.query == {"tenant": ["7"], "next": ["1"]}, "replaced, and the rest kept"
    assert first.headers["Accept"] == "application/json"
    assert first.headers["Accept-Encoding"] == "gzip"
    assert first.headers["X-Api-Key"] == "k-123456"
    assert first.headers["User-Agent"].startswith("broadcast-check/")
    assert all(asked.headers["User-Agent"].endswith(report.run) for asked in server.asked)
    assert not any("Cookie" in asked.headers for asked in server.asked)


def test_the_token_parameter_can_have_another_name(server: Server) -> None:
    server.answer = lambda asked: (
        page("b") if "cursor" in asked.query else page("a", following="x/y+z=&é")
    )
    check(server.url, token_param="cursor", probes=False)
    assert server.asked[1].query == {"cursor": ["x/y+z=&é"]}


@pytest.mark.parametrize(
    ("last", "ended_by", "rules"),
    [
        (page("b", following=""), "empty-next", []),
        (page("b", following=None), "empty-next", []),
        (page("b", following=False), "empty-next", ["NEXT002"]),
        (page("b", following=0), "empty-next", ["NEXT002"]),
        (page("b", following=[]), "empty-next", ["NEXT002"]),
        (page("b", following={}), "empty-next", ["NEXT002"]),
        (page(), "empty-next", []),
        (Answer(status=204), "empty-response", []),
        (Answer(b""), "empty-response", ["PAGE010"]),
        (Answer(b" \r\n\t"), "empty-response", ["PAGE010"]),
        (Answer(b"{}"), "empty-response", ["PAGE009"]),
        (Answer(b"[]"), "empty-response", ["PAGE009"]),
        (Answer(b"null"), "empty-response", ["PAGE009"]),
        (page("b", following=True), "invalid-next", ["NEXT001"]),
        (page("b", following=1.5), "invalid-next", ["NEXT001"]),
        (page("b", following=[1]), "invalid-next", ["NEXT001"]),
        (page("b", following={"page": 2}), "invalid-next", ["NEXT001"]),
        (page("b", following="  "), "invalid-next", ["NEXT001"]),
        (page("b", following="https://x.example/?page=2"), "next-is-url", ["NEXT013"]),
        (page("b", following="?page=2"), "next-is-url", ["NEXT013"]),
        (Answer(b'{"list": []}'), "next-missing", ["PAGE005"]),
        (Answer(b'"text"'), "root-not-object", ["PAGE001"]),
        (Answer(b"12"), "root-not-object", ["PAGE001"]),
        (Answer(b"oops"), "not-json", ["JSON001"]),
        (Answer(status=404), "unexpected-status", ["HTTP005"]),
        (Answer(status=304), "unexpected-status", ["HTTP005"]),
        (Answer(status=403), "auth-rejected", ["HTTP006"]),
        (Answer(status=500), "server-error", ["HTTP007"]),
        (Answer(status=429), "rate-limited", ["HTTP008"]),
        (Answer(status=405, headers={"Allow": "POST"}), "get-not-supported", ["HTTP001"]),
        (Answer(status=404, headers={"Allow": "POST"}), "get-not-supported", ["HTTP001"]),
    ],
)
def test_how_a_crawl_ends(server: Server, last: Answer, ended_by: str, rules: list[str]) -> None:
    server.answer = pages(page("a", following="1"), last)
    report = check(server.url, retries=0)
    assert report.crawl.ended_by == ended_by
    assert rules_of(report) == rules
    assert report.complete == ended_by.startswith("empty-")
    unread = rules and rules[0].startswith(("JSON", "HTTP"))
    assert report.crawl.pages == (1 if unread else 2), "a blank page was read, an error was not"


def test_an_integer_token_is_followed_as_its_text(server: Server) -> None:
    server.answer = pages(page("a", following=1), page("b"))
    report = check(server.url)
    assert server.asked[1].token == "1"
    assert rules_of(report) == ["NEXT002"]
    assert report.complete


def test_an_empty_list_with_a_token_is_not_the_end(server: Server) -> None:
    server.answer = pages(page("a", following="1"), page(following="2"), page("b"))
    report = check(server.url)
    assert (report.crawl.rows, rules_of(report)) == (2, ["PAGE007"])


def test_nothing_to_broadcast(server: Server) -> None:
    server.answer = pages(page())
    report = check(server.url)
    assert rules_of(report) == ["PAGE006"]
    assert report.verdict == "pass"


@pytest.mark.parametrize(("rows", "rules"), [(499, []), (500, ["PAGE004"])])
def test_499_rows_pass_and_500_fail(server: Server, rows: int, rules: list[str]) -> None:
    server.answer = pages(page(*(f"u{number}" for number in range(rows))))
    report = check(server.url, select=["PAGE"])
    assert rules_of(report) == rules
    assert report.crawl.rows == rows


def test_faulty_rows_do_not_stop_the_crawl(server: Server) -> None:
    broken = Answer(b'{"list": [1, {"uid": 2}, {"msg": " "}], "next": "1"}')
    server.answer = pages(broken, page("b"))
    report = check(server.url)
    assert set(rules_of(report)) == {"ROW001", "ROW003", "ROW005", "ROW002", "ROW007"}
    assert (report.crawl.rows, report.complete) == (4, True)


def test_findings_are_bounded_and_counted(server: Server) -> None:
    rows = [{"uid": f"u{number}", "msg": ""} for number in range(400)]
    server.answer = pages(Answer(json.dumps({"list": rows, "next": ""}).encode()))
    report = check(server.url)
    finding = report.findings[0]
    assert (finding.rule, finding.count) == ("ROW007", 400)
    assert len(finding.examples) <= 5
    assert finding.examples[0].pointer == "/list/0/msg"
    assert "400 rows" in finding.message


def test_a_loop_is_told_with_its_pages(server: Server) -> None:
    server.answer = pages(
        page("a", following="1"), page("b", following="2"), page("c", following="1")
    )
    report = check(server.url)
    assert rules_of(report) == ["NEXT003"]
    assert "a loop of 2 pages (2 → 3 → 2)" in report.findings[0].message
    assert report.crawl.pages == 3


def test_an_ignored_token_is_one_finding(server: Server) -> None:
    server.answer = lambda asked: (
        page("a", "b", following="1")
        if asked.method == "GET"
        else Answer(status=405, headers={"Allow": "GET"})
    )
    report = check(server.url)
    assert rules_of(report) == ["NEXT004"]
    because = next(item for item in report.not_judged if "NEXT004" in item.why)
    assert {"NEXT003", "NEXT005", "NEXT006", "NEXT009"} <= set(because.rules)


def test_a_post_only_endpoint_reads_as_such(server: Server) -> None:
    server.answer = lambda asked: (
        page("a") if asked.method == "POST" else Answer(status=405, headers={"Allow": "POST"})
    )
    report = check(server.url)
    assert rules_of(report) == ["HTTP001", "HTTP002"]


def test_both_places_of_a_repeated_row(server: Server) -> None:
    server.answer = pages(page("a", "b", following="1"), page("c", "a", following="2"), page("d"))
    report = check(server.url)
    assert rules_of(report) == ["NEXT006"]
    message = report.findings[0].message
    assert "page 2 (/list/1)" in message
    assert "page 1, /list/0" in message


def test_the_page_budget(server: Server) -> None:
    server.answer = pages(page("a", following="1"), page("b", following="2"), page("c"))
    assert check(server.url, max_pages=3).complete, "it ends on its last allowed page"
    report = check(server.url, max_pages=2)
    assert rules_of(report) == ["NEXT014"]
    assert not report.complete


def test_a_failure_is_retried_and_told(server: Server) -> None:
    events: list[Event] = []
    good = pages(page("a", following="1"), page("b"))
    failed: list[str | None] = []

    def flaky(asked: Asked) -> Answer:
        if asked.token == "1" and not failed:
            failed.append(asked.token)
            return Answer(status=503, headers={"Retry-After": "0"})
        return good(asked)

    server.answer = flaky
    report = check(server.url, listener=events.append)
    assert rules_of(report) == ["NET009"]
    assert report.verdict == "pass"
    waits = [event for event in events if isinstance(event, Waiting)]
    assert [wait.seconds for wait in waits] == [0.0]
    assert [e.page.number for e in events if isinstance(e, PageRead)] == [1, 2]


def test_a_500_is_not_retried(server: Server) -> None:
    server.answer = lambda asked: Answer(status=500)
    report = check(server.url)
    assert rules_of(report) == ["HTTP007"]
    assert [asked.method for asked in server.asked].count("GET") == 2, "the page, and one probe"


def test_probes_are_few_and_named(server: Server) -> None:
    server.answer = pages(page("a", following="1"), page("b", following="2"), page("c"))
    check(server.url, headers={"Authorization": "Bearer abcdef123"}, probe_methods=["PUT"])
    plain = [asked for asked in server.asked if asked.method == "GET"]
    assert [asked.token for asked in plain[:4]] == [None, "1", None, "2"], "replayed after page 2"
    assert [a.method for a in server.asked if a.method != "GET"] == ["POST", "PUT"]
    without = [asked for asked in plain if "Authorization" not in asked.headers]
    altered = [a for a in plain if a.headers.get("Authorization") not in (None, "Bearer abcdef123")]
    assert len(without) == len(altered) == 1
    assert altered[0].headers["Authorization"].startswith("Bearer ")
    words = [a.token for a in plain if a.token and a.token.isalpha()]
    assert len(words) == 1, "one token that was never issued"
    assert len(server.asked) == 3 + 2 + 1 + 2 + 2


def test_cookies_are_never_kept_but_the_need_for_them_is_told(server: Server) -> None:
    def session_bound(asked: Asked) -> Answer:
        if asked.method != "GET":
            return Answer(status=405, headers={"Allow": "GET"})
        if asked.token is None:
            first = page("a", following="1")
            first.headers["Set-Cookie"] = "sid=s3cr3t-session-id; Path=/"
            return first
        return page("b") if "sid=" in asked.headers.get("Cookie", "") else page("a", following="1")

    server.answer = session_bound
    report = check(server.url)
    assert rules_of(report) == ["NEXT011"]
    assert report.crawl.ended_by == "cookie-dependent"
    assert sum("Cookie" in asked.headers for asked in server.asked) == 1
    assert "s3cr3t" not in repr(report)


def test_an_unsafe_redirect_gets_no_headers(server: Server) -> None:
    other = Server()
    try:
        other.answer = pages(page("a"))
        server.answer = lambda asked: Answer(status=302, headers={"Location": other.url})
        report = check(server.url, headers={"X-Api-Key": "very-secret-1"})
        assert rules_of(report) == ["HTTP010"]
        assert other.asked == []
    finally:
        other.close()


def test_page_2_goes_to_the_url_that_was_given(server: Server) -> None:
    good = pages(page("a", following="1"), page("b"))

    def moved(asked: Asked) -> Answer:
        if asked.path != "/recipients":
            return good(asked)
        query = f"?next={asked.token}" if asked.token else ""
        return Answer(status=301, headers={"Location": f"/v2{query}"})

    server.answer = moved
    report = check(server.url, probes=False)
    assert rules_of(report) == ["HTTP009"]
    assert report.findings[0].count == 2
    assert [asked.path for asked in server.asked] == ["/recipients", "/v2"] * 2


def test_a_rule_that_crashes_is_our_failure(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(all_rules()["ROW012"], "on_page", broken)
    server.answer = pages(page("a", following="1"), page("b"))
    report = check(server.url)
    assert report.crashes == ("ROW012 (ZeroDivisionError)",)
    assert report.complete, "the run goes on"
    assert report.verdict == "fail", "never kinder than what was judged"
    assert any("ROW012" in i.rules and "itself failed" in i.why for i in report.not_judged)


def test_the_whole_run_without_a_second_page(server: Server) -> None:
    server.answer = pages(page("a"))
    report = check(server.url)
    why = {rule: item.why for item in report.not_judged for rule in item.rules}
    assert why["NEXT004"] == "there was only one page"
    assert why["SEC001"] == "no header that looks like a credential was given"
    assert why["ROW008"] == "judged only with --channel"


@pytest.mark.parametrize(
    "arguments",
    [
        {"headers": {"Bad Name": "x"}},
        {"headers": [("A", "1"), ("a", "2")]},
        {"timeout": -1},
        {"channel": "pigeon"},
        {"select": ["NOPE001"]},
        {"max_pages": 0},
    ],
)
def test_wrong_arguments_send_nothing(server: Server, arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        check(server.url, **arguments)
    assert str(caught.value).endswith(".")
    assert server.asked == []


def test_checks_can_run_side_by_side(server: Server) -> None:
    server.answer = pages(page("a", following="1"), page("b"))
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(check(server.url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.verdict for report in reports] == ["pass"] * 4
    assert len({report.run for report in reports}) == 4
