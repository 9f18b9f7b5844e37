"""Every scenario answers as its description says; what a check makes of it is tested elsewhere."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import requests

from mockserver import Fault, MockConfig, MockError, MockServer, catalogue, create_app
from mockserver.recipients.data import GeneratedRows

COUNTS = {"NET": 9, "HTTP": 12, "JSON": 8, "PAGE": 10, "ROW": 19, "NEXT": 16, "PERF": 6, "SEC": 8}
RULES = {f"{family}{n:03}" for family, count in COUNTS.items() for n in range(1, count + 1)}


class Seen(NamedTuple):
    """One response, as a test needs it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def rows(self) -> list[Any]:
        return list(self.document["list"])


class Scenario:
    """Asks one scenario without a server, each time as a new run unless told otherwise."""

    def __init__(self, name: str) -> None:
        self.fault = catalogue()[name]
        # A new application each time: what one test makes a fault remember, no other sees.
        self._client = create_app().test_client(use_cookies=False)
        self._path = f"/faults/{name}/recipients"
        self._runs = 0

    def ask(self, token: Any = "", method: str = "GET", run: str = "", **headers: str) -> Seen:
        self._runs += 1
        headers["User-Agent"] = run or f"test {self._runs}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        query = {"next": token} if token else {}
        got = self._client.open(self._path, method=method, query_string=query, headers=named)
        return Seen(got.status_code, dict(got.headers), got.data)

    def page(self, number: int, run: str = "") -> Seen:
        """Follow the tokens to the page of this number."""
        seen = self.ask(run=run)
        for _ in range(number - 1):
            seen = self.ask(seen.document["next"], run=run)
        return seen


def is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def middle(name: str) -> Any:
    """The row in the middle of the second page, where row faults strike."""
    return Scenario(name).page(2).rows[2]


def test_every_rule_has_its_primary_fault() -> None:
    primaries = {name: fault for name, fault in catalogue().items() if name in RULES}
    assert set(primaries) == RULES
    assert {name: fault.rules for name, fault in primaries.items()} == {
        rule: (rule,) for rule in RULES
    }


def test_names_begin_with_the_rule_or_ok() -> None:
    for name, fault in catalogue().items():
        base = name.partition("-")[0]
        assert base == ("OK" if not fault.rules else fault.rules[0])
        assert set(fault.rules) <= RULES


def test_the_catalogue_is_sorted_and_tells_each_in_one_line() -> None:
    assert list(catalogue()) == sorted(catalogue())
    summaries = [fault.summary for fault in catalogue().values()]
    assert all(0 < len(summary) <= 80 and "\n" not in summary for summary in summaries)
    assert len(set(summaries)) == len(summaries)


def test_healthy_first_pages() -> None:
    """Faults of a later page leave the first one as it should be."""
    for name, fault in catalogue().items():
        if fault.page in {2, 3}:
            first = Scenario(name).ask()
            assert (first.status, len(first.rows)) == (200, 5), name


PAGES: dict[str, Callable[[Scenario], Any]] = {
    "HTTP001": lambda s: {s.ask(method=m).status for m in ("GET", "POST", "PUT")} == {405},
    "HTTP001-post-only": lambda s: [s.ask().status, s.ask(method="POST").status] == [405, 200],
    "HTTP002": lambda s: s.ask(method="POST") == s.ask(),
    "HTTP003": lambda s: s.ask(method="POST").status == 500,
    "HTTP004": lambda s: "Allow" not in s.ask(method="POST").headers,
    "HTTP005": lambda s: s.page(2).status == 404,
    "HTTP006": lambda s: s.ask(Authorization="Bearer any").status == 401,
    "HTTP007": lambda s: s.page(2).status == 500,
    "HTTP008": lambda s: (s.page(2).status, s.page(2).headers["Retry-After"]) == (429, "0"),
    "HTTP009": lambda s: s.ask().headers["Location"].endswith("/faults/HTTP009/recipients/"),
    "HTTP010": lambda s: s.ask().headers["Location"].startswith("http://127.0.0.1:80/"),
    "HTTP011": lambda s: s.ask("t").headers["Location"].endswith("HTTP011/recipients?next=t"),
    "HTTP011-chain": lambda s: s.ask().headers["Location"].endswith("?hop=1"),
    "HTTP012": lambda s: s.ask().headers["Content-Type"].startswith("text/html"),
    "HTTP012-missing": lambda s: "Content-Type" not in s.ask().headers,
    "JSON001": lambda s: b"<form" in s.page(2).body,
    "JSON001-trailing-comma": lambda s: b"},]" in s.page(2).body,
    "JSON001-single-quotes": lambda s: s.page(2).body.startswith(b"{'list': ["),
    "JSON001-cut-short": lambda s: s.page(2).body.decode().startswith('{"list":'),
    "JSON002": lambda s: "Café Müller".encode("latin-1") in s.page(2).body,
    "JSON003": lambda s: s.page(2).body.startswith(b"\xef\xbb\xbf{"),
    "JSON004": lambda s: json.loads(s.page(2).document)["list"],
    "JSON005": lambda s: s.page(2).body.count(b'"msg"') == 6,
    "JSON006": lambda s: b'"msg":NaN' in s.page(2).body,
    "JSON007": lambda s: "\ud83c" in s.page(2).rows[0]["msg"],
    "JSON008": lambda s: b"[" * 100 in s.page(2).body,
    "NET008": lambda s: s.page(2).headers["Content-Encoding"] == "gzip",
    "NET009": lambda s: [s.ask(run="a").status for _ in "123"] == [503, 200, 200],
    "NEXT001": lambda s: s.page(2).document["next"] is True,
    "NEXT002": lambda s: isinstance(s.page(2).document["next"], int) and len(s.page(3).rows) == 5,
    "NEXT002-false": lambda s: s.page(3).document["next"] is False,
    "NEXT003": lambda s: s.page(3).document["next"] == s.page(1).document["next"],
    "NEXT004": lambda s: s.page(1) == s.page(2) == s.ask("any"),
    "NEXT005": lambda s: s.page(3).rows == s.page(2).rows and s.page(3).document["next"],
    "NEXT006": lambda s: s.page(2).rows[0] == s.page(1).rows[-1],
    "NEXT007": lambda s: s.page(1, "a").rows == s.page(1, "a").rows[::-1],
    "NEXT009": lambda s: s.ask("never") == s.ask(),
    "NEXT010": lambda s: s.ask("never").status == 500,
    "NEXT012": lambda s: "%3D" in s.page(1).document["next"] and len(s.page(3).rows) == 5,
    "NEXT013": lambda s: s.ask().document["next"].startswith("http://localhost/faults/NEXT013/"),
    "NEXT014": lambda s: s.page(40).document["next"],
    "NEXT015": lambda s: len(s.page(1).document["next"]) > 2000 and len(s.page(3).rows) == 5,
    "PAGE001": lambda s: len(s.page(2).document) == 5,
    "PAGE002": lambda s: list(s.page(2).document) == ["next"],
    "PAGE003": lambda s: json.loads(s.page(2).document["list"]),
    "PAGE004": lambda s: len({r["uid"] for r in s.page(1).rows + s.page(2).rows}) == 505,
    "PAGE005": lambda s: list(s.page(2).document) == ["list"],
    "PAGE006": lambda s: s.ask().document == {"list": [], "next": ""},
    "PAGE007": lambda s: s.page(2).rows == [] and s.page(2).document["next"],
    "PAGE008": lambda s: s.page(2).document["total"] == 15,
    "PAGE009": lambda s: len(s.page(3).rows) == 5 and s.page(4).document == {},
    "PERF003": lambda s: len(s.page(12).rows) == 5,
    "PERF004": lambda s: len(s.ask(Accept_Encoding="gzip").body) > 16 * 1024,
    "ROW001": lambda s: isinstance(s.page(2).rows[2], str),
    "ROW012": lambda s: s.page(2).rows[0] == s.page(2).rows[-1],
    "ROW013": lambda s: s.page(2).rows[0]["uid"] == s.page(2).rows[-1]["uid"],
    "SEC001": lambda s: s.ask() == s.ask(Authorization="Bearer demo-token-1234"),
    "SEC003": lambda s: s.fault.endpoint("").endswith("?api_key=demo-key-123456"),
    "SEC004": lambda s: "public" in s.ask().headers["Cache-Control"],
    "SEC005": lambda s: s.ask("never").status == 400 and b"Traceback" in s.ask("never").body,
    "SEC006": lambda s: s.ask().headers["Access-Control-Allow-Origin"] == "*",
    "SEC007": lambda s: [s.ask().status, s.ask(Authorization="any").status] == [401, 200],
    "HTTP002-created": lambda s: s.ask(method="POST").status == 201,
    "HTTP002-invalid": lambda s: "POST" in s.ask(method="POST").headers["Allow"],
    "HTTP009-other-origin": lambda s: (
        s.ask().headers["Location"].startswith("http://127.0.0.1:80/")
    ),
    "JSON002-cut": lambda s: not is_utf_8(s.page(2).body),
    "NET009-date": lambda s: s.page(2).headers["Retry-After"].endswith("GMT"),
    "NEXT006-numbers": lambda s: s.page(2).rows[0] == s.page(1).rows[-1],
    "NEXT007-once": lambda s: [s.page(2, "a").status, s.page(2, "a").status] == [200, 410],
    "NEXT014-empty": lambda s: s.page(40).rows == [] and s.page(40).document["next"],
    "NEXT016": lambda s: [s.page(n).document["next"] for n in (1, 2, 3)] == ["2", "3", "4"],
    "NEXT016-offsets": lambda s: [s.page(n).document["next"] for n in (1, 2)] == ["5", "10"],
    "PAGE010": lambda s: (s.page(2).status, s.page(2).body) == (200, b""),
    "PAGE010-end": lambda s: (s.page(4).status, s.page(4).body) == (200, b" \n"),
    "PAGE010-once": lambda s: [s.page(2, "a").body, len(s.page(2, "a").rows)] == [b"", 5],
    "ROW015-question-marks": lambda s: all("?????" in row["msg"] for row in s.page(1).rows),
    "ROW019": lambda s: all("\\n" in row["msg"] for row in s.page(3).rows),
    "SEC002": lambda s: [s.ask().status, s.ask(Authorization="any").status] == [401, 401],
    "SEC008": lambda s: s.ask().status == 200,
    "OK-204": lambda s: (s.page(4).status, s.page(4).body) == (204, b""),
    "OK-empty-last-page": lambda s: s.page(4).document == {"list": [], "next": ""},
    "OK-null-next": lambda s: s.page(3).document["next"] is None,
    "OK-odd-tokens": lambda s: "+/=&" in s.page(1).document["next"] and s.page(3).rows,
    "OK-growing-keys": lambda s: int(s.page(1).document["next"]) + 30 and len(s.page(3).rows) == 5,
    "OK-rows-arrive": lambda s: len(s.page(3, "a").rows) + 1 == len(s.page(3, "a").rows),
    "OK-post-501": lambda s: s.ask(method="POST").status == 501,
}


@pytest.mark.parametrize("name", PAGES)
def test_it_answers_as_described(name: str) -> None:
    assert PAGES[name](Scenario(name))


@pytest.mark.parametrize(
    ("name", "judge"),
    [
        ("ROW002", lambda row: list(row) == ["msg"]),
        ("ROW003", lambda row: isinstance(row["uid"], int)),
        ("ROW004", lambda row: row["uid"] == ""),
        ("ROW005", lambda row: list(row) == ["uid"]),
        ("ROW006", lambda row: isinstance(row["msg"], dict)),
        ("ROW007", lambda row: row["msg"] == ""),
        ("ROW008", lambda row: row["uid"] == "zoe.m"),
        ("ROW009", lambda row: len(row["msg"]) == 5001),
        ("ROW009-emoji", lambda row: len(row["msg"].encode("utf-16-le")) == 2 * 5002),
        ("ROW010", lambda row: "\0" in row["msg"]),
        ("ROW011", lambda row: row["uid"].endswith(" ")),
        ("ROW014", lambda row: set(row) == {"uid", "msg", "name"}),
        ("ROW015", lambda row: "CafÃ©" in row["msg"]),
        ("ROW016", lambda row: "{{name}}" in row["msg"]),
        ("ROW016-merge-tag", lambda row: "*|FNAME|*" in row["msg"]),
        ("ROW018", lambda row: row["uid"] == "6.68E+10"),
        ("ROW017", lambda row: "<b>" in row["msg"]),
    ],
)
def test_a_row_is_wrong_as_described(name: str, judge: Callable[[Any], bool]) -> None:
    assert judge(middle(name))


def test_a_stateful_cursor_goes_on_where_the_crawl_was_and_only_there() -> None:
    scenario = Scenario("NEXT008")
    first = scenario.ask(run="a")
    second = scenario.ask(first.document["next"], run="a")
    assert scenario.ask(run="a").rows not in (first.rows, second.rows)
    assert scenario.ask(run="b") == first
    third = scenario.ask(second.document["next"], run="a")
    assert third.document["next"] == ""


def test_a_page_that_is_asked_for_again_gives_what_follows() -> None:
    scenario = Scenario("NEXT008-any-page")
    token = scenario.page(1, "a").document["next"]
    second = scenario.ask(token, run="a")
    assert scenario.ask(token, run="a").rows == scenario.page(3, "b").rows
    assert scenario.ask(token, run="a").rows == []
    assert scenario.page(2, "c") == second
    assert scenario.ask(run="a") == scenario.ask(run="b")


def test_a_scroll_id_gives_new_rows_each_time() -> None:
    scenario = Scenario("NEXT008-scroll")
    first, other = scenario.ask(), scenario.ask()
    scroll = first.document["next"]
    assert first.rows == other.rows
    assert scroll != other.document["next"]
    pages = [scenario.ask(scroll) for _ in range(4)]
    assert [page.document["next"] for page in pages] == [scroll] * 4
    assert [len(page.rows) for page in pages] == [5, 5, 0, 0]
    assert scenario.ask("scroll-1").status == 400


@pytest.mark.parametrize("name", ["NEXT011", "NEXT011-refused"])
def test_pages_that_need_the_cookie(name: str) -> None:
    scenario = Scenario(name)
    first = scenario.ask()
    token, cookie = first.document["next"], first.headers["Set-Cookie"].partition(";")[0]
    assert scenario.ask(token, Cookie=cookie).rows != first.rows
    without = scenario.ask(token)
    assert without.status == 403 or without.rows == first.rows
    assert scenario.ask("never").status == 400


def test_a_redirect_to_the_slash_keeps_the_query(mock: MockServer, http: requests.Session) -> None:
    first = http.get(mock.fault_endpoint("HTTP009"))
    second = http.get(mock.fault_endpoint("HTTP009"), params={"next": first.json()["next"]})
    assert [len(first.history), len(second.history)] == [1, 1]
    assert first.json()["list"] != second.json()["list"]
    assert http.post(mock.fault_endpoint("HTTP009")).status_code == 405


def test_bad_tokens_are_refused_unless_the_fault_is_about_them() -> None:
    about_them = {
        "NEXT004",
        "NEXT009",
        "NEXT010",
        "NEXT010-dropped",
        "SEC002",
        "SEC005",
        "SEC005-php",
        "SEC007",
    }
    for name, fault in catalogue().items():
        if (
            name in about_them
            or fault.certificate
            or name.startswith(("HTTP001", "HTTP01", "PERF005"))
        ):
            continue
        assert Scenario(name).ask("never").status in {400, 301, 302}, name


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_every_scenario_gives_an_answer_of_its_own(name: str) -> None:
    """The mock never fails by accident, and other methods are refused unless that's the fault."""
    scenario = Scenario(name)
    if not name.startswith("PERF001"):
        assert b"the mock itself failed" not in scenario.ask().body
    assert scenario.ask(method="POST").status in {405, 500, 501, 200, 201, 202, 400, 415, 422, 421}
    if not name.startswith(("HTTP00", "OK-post", "PERF005", "NET003")):
        assert scenario.ask(method="POST").status == 405


@pytest.mark.parametrize(
    ("faults", "sizes"),
    [
        (("PAGE004@2",), [50, 500, 20]),
        (("PAGE007@1", "PAGE007@3"), [0, 50, 0]),
        (("PAGE004@1", "PAGE008"), [500, 50, 20]),
    ],
)
def test_faults_are_placed_on_the_endpoint(faults: tuple[str, ...], sizes: list[int]) -> None:
    config = MockConfig(rows=GeneratedRows(120), page_size=50, faults=faults)
    client = create_app(config).test_client()
    pages = [client.get("/recipients").json]
    while pages[-1]["next"]:
        pages.append(client.get("/recipients", query_string={"next": pages[-1]["next"]}).json)
    assert [len(page["list"]) for page in pages] == sizes


@pytest.mark.parametrize(
    "spec", ["NONE", "PAGE002@0", "PAGE002@-1", "NEXT004@1", "SEC003", "NET001"]
)
def test_a_fault_that_cannot_be_played(spec: str) -> None:
    with pytest.raises(MockError):
        create_app(MockConfig(faults=(spec,)))


def test_required_headers_hold_for_the_scenarios_too() -> None:
    config = MockConfig(required_headers={"X-Key": "k"})
    client = create_app(config).test_client()
    statuses = {
        name: client.get(f"/faults/{name}/recipients").status_code
        for name in ("PAGE004", "SEC001", "SEC007")
    }
    assert statuses == {"PAGE004": 401, "SEC001": 200, "SEC007": 401}


def test_commands_can_be_pasted_into_a_shell() -> None:
    fault: Fault = catalogue()["SEC001"]
    assert fault.command("http://h/x") == (
        "broadcast-check http://h/x -H 'Authorization: Bearer demo-token-1234'"
    )


def test_fault_endpoints(mock: MockServer) -> None:
    port = mock.url.rpartition(":")[2]
    assert mock.fault_endpoint("PAGE004") == f"{mock.url}/faults/PAGE004/recipients"
    assert mock.fault_endpoint("NET001").startswith(f"http://no-such-host.invalid:{port}/")
    assert mock.fault_endpoint("SEC002").startswith(f"http://plain-http.example.test:{port}/")
    with pytest.raises(MockError):
        mock.fault_endpoint("NONE")
