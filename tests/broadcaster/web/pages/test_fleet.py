"""The fleet in the window: how its endpoints stand, what changed, each one's history."""

import csv
import io
import json
import re
import time
from typing import Any

import pytest
from fleet_kit import ended, enroll, keep

from broadcaster.web.pages.paging import ON_A_PAGE
from checker import check
from checker.api import as_document
from mockserver import MockServer

HOUR = 3600.0
NOW = time.time()
NEXT006 = {"NEXT006": "error"}
PERF001 = {"PERF001": "warning"}
EVIL = "<script>alert(1)</script>"
EVERY = "/fleet /fleet.json /fleet.csv /fleet/changes /fleet/changes.json /fleet/history?name=a"


@pytest.fixture
def window_address(store_address: str) -> str:
    """Of each kind of store."""
    return store_address


@pytest.fixture
def fleet(visitor: Any) -> Any:
    """A window over a fleet of five: of each outcome one, and one that was not checked yet."""
    enroll(visitor.store, ["acme", "brill", "corvid", "dune", "elm"])
    keep(
        visitor.store,
        [
            *(ended(name, NOW - 50 * HOUR) for name in ("acme", "brill", "corvid")),
            ended("corvid", NOW - 49 * HOUR, PERF001),
            ended("acme", NOW - HOUR, {**NEXT006, **PERF001}),
            ended("brill", NOW - HOUR),
            ended("corvid", NOW - HOUR),
            ended("dune", NOW - HOUR, reason="Its host name does not resolve."),
        ],
    )
    return visitor


def names(page: str) -> list[str]:
    return re.findall(r'<td><a href="/fleet/history\?name=[^"]*"><bdi>([^<]*)', page)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_it_is_in_the_menu_only_where_there_are_results(visitor: Any) -> None:
    link = '<li><a href="/fleet"'
    enroll(visitor.store, ["acme"])
    assert link not in visitor.get("/").text
    assert "acme" in visitor.get("/fleet").text
    keep(visitor.store, [ended("acme", NOW)])
    assert link in visitor.get("/").text


def test_each_endpoint_stands_as_its_newest_result_says(fleet: Any) -> None:
    page = fleet.get("/fleet").text
    assert names(page) == ["acme", "brill", "corvid", "dune", "elm"]
    figures = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page))
    assert figures == {
        "Endpoints": "5",
        "Passing": "2",
        "Failing": "1",
        "Without a report": "1",
        "Due to be checked": "0",
        "Being checked": "0",
    }
    assert "NEXT006 overlapping-pages (1)" in page
    assert "Its host name does not resolve." in page
    assert "not checked yet" in page
    assert "https://acme.example/r" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("outcome=failing", ["acme"]),
        ("outcome=passing", ["brill", "corvid"]),
        ("outcome=no-report", ["dune"]),
        ("outcome=unchecked", ["elm"]),
        ("outcome=nonsense", ["acme", "brill", "corvid", "dune", "elm"]),
        ("rule=NEXT006", ["acme"]),
        ("rule=NEXT006&outcome=passing", []),
        ("text=BRILL", ["brill"]),
        ("text=.example/r&outcome=passing", ["brill", "corvid"]),
    ],
)
def test_the_table_and_its_files_are_filtered_alike(
    fleet: Any, query: str, expected: list[str]
) -> None:
    assert names(fleet.get(f"/fleet?{query}").text) == expected
    document = json.loads(fleet.get(f"/fleet.json?{query}").text)
    assert [one["name"] for one in document["endpoints"]] == expected
    lines = csv.DictReader(io.StringIO(fleet.get(f"/fleet.csv?{query}").text))
    assert [one["name"] for one in lines] == expected


def test_the_files_hold_what_the_table_shows(fleet: Any) -> None:
    answer = fleet.get("/fleet.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fleet.json"'
    document = json.loads(answer.text)
    acme = document["endpoints"][0]
    assert document["standing_version"] == 1
    assert acme["endpoint"] == "https://acme.example/r"
    assert (acme["outcome"], acme["rules"]) == ("failing", {**NEXT006, **PERF001})
    assert document["endpoints"][4]["ended_at"] is None
    first, *_ = csv.DictReader(io.StringIO(fleet.get("/fleet.csv").text))
    assert first["rules"] == "NEXT006 PERF001"
    assert first["ended_at"] == acme["ended_at"]


def test_changes_are_told_since_a_moment(fleet: Any) -> None:
    page = text_of(fleet.get("/fleet/changes?since=24h").text)
    assert "1 endpoint newly fails NEXT006 overlapping-pages acme" in page
    assert "1 endpoint newly shows PERF001 slow-pages acme" in page
    assert "1 endpoint no longer shows PERF001 slow-pages corvid" in page
    assert "1 endpoint was first checked since" in page
    document = json.loads(fleet.get("/fleet/changes.json?since=24h").text)
    assert [one["rule"] for one in document["newly"]] == ["NEXT006", "PERF001"]
    assert document["first_checked"] == ["dune"]
    assert "Nothing changed since" in fleet.get("/fleet/changes?since=30m").text


def test_one_that_can_no_longer_be_checked_is_told(fleet: Any) -> None:
    keep(fleet.store, [ended("brill", NOW - 60.0, reason="gone")])
    page = text_of(fleet.get("/fleet/changes?since=30m").text)
    assert "1 endpoint can no longer be checked brill" in page
    keep(fleet.store, [ended("dune", NOW - 30.0)])
    assert "1 endpoint can be checked again dune" in text_of(
        fleet.get("/fleet/changes?since=30m").text
    )


def test_of_many_endpoints_some_are_named_and_the_json_has_all(visitor: Any) -> None:
    every = [f"c{number:02}" for number in range(60)]
    enroll(visitor.store, every)
    keep(visitor.store, [ended(name, NOW - 9 * HOUR) for name in every])
    keep(visitor.store, [ended(name, NOW - HOUR, NEXT006) for name in every])
    page = visitor.get("/fleet/changes?since=5h").text
    assert "60 endpoints newly fail NEXT006" in text_of(page)
    assert page.count('<a href="/fleet/history') == 50
    assert "and 10 more" in page
    document = json.loads(visitor.get("/fleet/changes.json?since=5h").text)
    assert document["newly"][0]["endpoints"] == every


@pytest.mark.parametrize("since", ["soon", "2026-13-01", EVIL])
def test_what_is_no_moment_is_said_on_the_page(fleet: Any, since: str) -> None:
    answer = fleet.get("/fleet/changes", query_string={"since": since})
    assert answer.status_code == 422
    assert "Give a moment such as" in answer.text
    assert EVIL not in answer.text
    assert fleet.get("/fleet/changes.json", query_string={"since": since}).status_code == 400


def test_a_history_is_whole_and_pages(visitor: Any) -> None:
    enroll(visitor.store, ["acme", "brill"])
    count = 2 * ON_A_PAGE + 3
    keep(visitor.store, [ended("brill", NOW)])
    keep(visitor.store, [ended("acme", NOW - count + n) for n in range(count)])
    page = visitor.get("/fleet/history?name=acme").text
    seen, pages = re.findall(r'href="/fleet/results/(\d+)"', page), 1
    while found := re.search(r'href="([^"]*)" rel="next"', page):
        page = visitor.get(found[1].replace("&amp;", "&")).text
        seen += re.findall(r'href="/fleet/results/(\d+)"', page)
        pages += 1
    assert (pages, len(seen), len(set(seen))) == (3, count, count)
    assert list(map(int, seen)) == sorted(map(int, seen), reverse=True)


def test_a_result_is_shown_as_html_and_given_as_json(visitor: Any, mock: MockServer) -> None:
    report = as_document(check(mock.fault_endpoint("PAGE004")))
    enroll(visitor.store, ["acme"])
    keep(visitor.store, [ended("acme", NOW, {"PAGE004": "error"}, report=report)])
    page = visitor.get("/fleet/history?name=acme").text
    (number,) = re.findall(r'href="/fleet/results/(\d+)"', page)
    shown = visitor.get(f"/fleet/results/{number}").text
    assert 'id="PAGE004"' in shown
    assert "Fix:" in text_of(shown)
    assert json.loads(visitor.get(f"/fleet/results/{number}.json").text) == report


def test_without_a_report_the_reason_is_shown(fleet: Any) -> None:
    (number,) = re.findall(
        r'href="/fleet/results/(\d+)"', fleet.get("/fleet/history?name=dune").text
    )
    shown = fleet.get(f"/fleet/results/{number}").text
    assert "There is no report" in shown
    assert "Its host name does not resolve." in shown
    assert fleet.get(f"/fleet/results/{number}.json").status_code == 404


def test_one_that_left_the_fleet_keeps_its_history(fleet: Any) -> None:
    enroll(fleet.store, ["brill"])
    assert names(fleet.get("/fleet").text) == ["brill"]
    page = fleet.get("/fleet/history?name=acme").text
    assert "no longer in the fleet" in page
    assert page.count("/fleet/results/") == 2


@pytest.mark.parametrize(
    "path",
    [
        "/fleet/history",
        "/fleet/history?name=zed",
        "/fleet/results/0",
        f"/fleet/results/{10**30}",
        "/fleet/results/x",
    ],
)
def test_what_is_not_there_is_404(fleet: Any, path: str) -> None:
    assert fleet.get(path).status_code == 404


def test_what_others_wrote_is_shown_as_text(visitor: Any) -> None:
    enroll(visitor.store, [EVIL, "=1+1"], endpoint="https://x.example/" + EVIL)
    keep(visitor.store, [ended(EVIL, NOW, reason=EVIL), ended("=1+1", NOW - 9 * HOUR)])
    keep(visitor.store, [ended("=1+1", NOW - HOUR, {EVIL: "error"})])
    for path in ("/fleet", "/fleet/changes?since=5h", "/fleet/results/1"):
        assert EVIL not in visitor.get(path).text
    history = visitor.get("/fleet/history", query_string={"name": EVIL})
    assert history.status_code == 200
    assert EVIL not in history.text
    lines = list(csv.DictReader(io.StringIO(visitor.get("/fleet.csv").text)))
    assert {one["name"] for one in lines} == {EVIL, "'=1+1"}


def test_two_thousand_endpoints_come_a_hundred_at_a_time(visitor: Any) -> None:
    every = [f"customer-{number:04}" for number in range(2_000)]
    enroll(visitor.store, every)
    big = {"filler": "x" * 20_000}  # no page of the table may read it
    for age in (3, 2, 1):
        keep(
            visitor.store,
            [
                ended(name, NOW - age * HOUR, NEXT006 if n % 10 == 3 else None, report=big)
                for n, name in enumerate(every)
            ],
        )
    page = visitor.get("/fleet").text
    seen, sizes = names(page), [len(page)]
    while found := re.search(r'href="([^"]*)" rel="next"', page):
        page = visitor.get(found[1].replace("&amp;", "&")).text
        seen += names(page)
        sizes.append(len(page))
    assert seen == every
    assert len(sizes) == 20
    assert max(sizes) < 100_000
    assert "200 endpoints" in visitor.get("/fleet?outcome=failing").text


def test_nothing_of_it_is_shown_before_the_password(open_window: Any) -> None:
    visitor = open_window(password="correct horse battery")
    for path in EVERY.split():
        assert visitor.get(path).headers["Location"].startswith("/login?next=/fleet")
    assert visitor.get("/fleet/results/1").status_code == 303


def test_the_public_checker_has_none_of_it(open_window: Any) -> None:
    visitor = open_window(public_checker=True)
    enroll(visitor.store, ["a"])
    keep(visitor.store, [ended("a", NOW)])
    for path in [*EVERY.split(), "/fleet/results/1"]:
        assert visitor.get(path).status_code == 404
    assert "/fleet" not in visitor.get("/").text


@pytest.mark.parametrize("language", ["id", "th"])
def test_it_is_told_in_each_language(fleet: Any, language: str) -> None:
    for path in ("/fleet?x=1", "/fleet/changes?since=24h", "/fleet/history?name=acme"):
        page = fleet.get(f"{path}&lang={language}").text
        assert f'<html lang="{language}">' in page
        assert "endpoints" not in text_of(page)
        assert "%(" not in page
