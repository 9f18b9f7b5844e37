"""Causes of answers that are no HTTP, of TLS, redirects and blank pages; the stack."""

import gzip
import json
import socket
from collections.abc import Iterator

import pytest
from answering import Answer, Asked, Server
from cause_kit import JSON, answer, cause_name, get_only, paged, rows
from scripted import ScriptedServer

from checker import check
from checker.core.model import Exchange, Purpose
from checker.stacks.recognition import recognized
from mockserver import MockServer

PAGE = json.dumps({"list": rows(0, 5), "next": ""}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS = b"Content-Length: 20000000\r\n\r\n" + PAGE * (20_000_000 // len(PAGE) + 1)


def whole(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(line + b"\r\n" for line in headers)
    return HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


CASES: list[tuple[str, str, bytes | None, bytes]] = [
    ("listener-drops-connections", "NET002", None, whole(b"{")),
    ("tls-port", "NET005", b"\x15\x03\x01\x00\x02\x02\x46", b"\x00\x01\x02\x03 no HTTP"),
    ("not-http", "NET006", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"Hello\r\n\r\n"),
    ("body-without-head", "NET006", PAGE + b"\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    (
        "content-length-too-large",
        "NET005",
        HEAD + b"Content-Length: 999\r\n\r\n" + PAGE[:50],
        HEAD[:30],
    ),
    (
        "content-encoding-is-charset",
        "NET008",
        whole(PAGE, b"Content-Encoding: utf-8"),
        whole(PAGE, b"Content-Encoding: gzip"),
    ),
    (
        "declared-but-not-compressed",
        "NET008",
        whole(PAGE, b"Content-Encoding: gzip"),
        whole(gzip.compress(PAGE)[:40], b"Content-Encoding: gzip"),
    ),
    (
        "compression-cut",
        "NET008",
        whole(gzip.compress(PAGE)[:40], b"Content-Encoding: gzip"),
        whole(PAGE, b"Content-Encoding: gzip"),
    ),
    (
        "encoding-not-accepted",
        "NET008",
        whole(PAGE, b"Content-Encoding: br"),
        whole(PAGE, b"Content-Encoding: gzip"),
    ),
    ("endless-repetition", "NET007", HEAD + ENDLESS, HEAD + b"Content-Length: 20000000\r\n\r\n"),
    (
        "content-length-in-characters",
        "JSON001",
        HEAD
        + b"Content-Length: 40\r\n\r\n"
        + json.dumps({"list": [{"uid": "ก", "msg": "ขคงจฉช"}]}, ensure_ascii=False).encode()[:40],
        whole(b'{"list": ["abc'),
    ),
]


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    running = ScriptedServer()
    running.close_after = True
    yield running
    running.close()


def causes(scripted: ScriptedServer, reply: bytes | None) -> dict[str, str | None]:
    refusal = b"HTTP/1.1 405 No\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n"
    scripted.answer = lambda request: refusal if reply and request.method != "GET" else reply
    report = check(scripted.url, retries=0, timeout=5)
    assert report.crashes == ()
    return {finding.rule: cause_name(finding) for finding in report.findings}


IDS = [cause for cause, *_ in CASES]


@pytest.mark.parametrize(("cause", "rule", "wrong", "_right"), CASES, ids=IDS)
def test_the_mistake_is_named(
    scripted: ScriptedServer, cause: str, rule: str, wrong: bytes | None, _right: bytes
) -> None:
    assert causes(scripted, wrong).get(rule, "not reported") == cause


@pytest.mark.parametrize(("cause", "_rule", "_wrong", "right"), CASES, ids=IDS)
def test_what_only_looks_so_is_not_named_so(
    scripted: ScriptedServer, cause: str, _rule: str, _wrong: bytes | None, right: bytes
) -> None:
    assert cause not in causes(scripted, right).values()


@pytest.mark.parametrize(
    ("scenario", "cause"),
    [
        ("NET003-expired", "certificate-expired"),
        ("NET003-wrong-host", "certificate-other-host"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_named(scenario: str, cause: str) -> None:
    with MockServer() as mock:
        url = mock.fault_endpoint(scenario)
        report = check(url, ca_bundle=str(mock.authority_of(scenario)), retries=0)
        assert [cause_name(finding) for finding in report.findings] == [cause]


def test_an_unknown_authority_is_named() -> None:
    with MockServer() as mock:
        report = check(mock.secure_endpoint, retries=0)
        names = {cause_name(finding) for finding in report.findings}
        assert names <= {"certificate-chain", "certificate-self-signed"}
        assert names


def test_a_port_without_a_listener_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    report = check(f"http://127.0.0.1:{port}/", retries=0)
    assert [cause_name(finding) for finding in report.findings] == ["nothing-listens"]


def test_https_on_a_plain_port_is_named(server: Server) -> None:
    report = check(server.url.replace("http:", "https:"), retries=0, timeout=5)
    assert {item.rule: cause_name(item) for item in report.findings} == {
        "NET003": "plain-http-port"
    }


def test_a_worker_that_dies_is_told_from_a_listener_that_drops(scripted: ScriptedServer) -> None:
    page = json.dumps({"list": rows(0, 5), "next": "p2"}).encode()
    scripted.answer = lambda request: None if "next=" in request.path else whole(page)
    report = check(scripted.url, retries=0)
    found = {finding.rule: cause_name(finding) for finding in report.findings}
    assert found["NET002"] == "worker-dies"


def test_a_credential_that_works_on_the_first_page_only_is_named(server: Server) -> None:
    server.answer = paged(lambda n, page: Answer(b"{}", 403, JSON) if n == 2 else page)
    report = check(server.url, retries=0, headers={"X-Key": "secret-of-a-test"})
    found = {finding.rule: cause_name(finding) for finding in report.findings}
    assert found["HTTP006"] == "refused-on-later-page"


def redirecting(to: str, then: Answer | None = None, status: int = 302) -> object:
    def behaviour(asked: Asked) -> Answer:
        here = to.partition("?")[0].removeprefix("http://127.0.0.1")
        if asked.path == here:
            return then or answer({"list": rows(0, 5), "next": ""})
        return Answer(b"", status, {"Location": to})

    return get_only(behaviour)


@pytest.mark.parametrize(
    ("cause", "rule", "target", "other"),
    [
        ("apps-script-redirect", "HTTP009", "/macros/echo?user_content_key=x", "/elsewhere?key=x"),
        ("redirect-to-sign-in", "HTTP009", "/users/sign_in", "/users/all"),
        ("redirect-slash", "HTTP009", "/recipients/", "/recipients-2"),
        (
            "apps-script-headers",
            "HTTP010",
            "https://x.test/macros/echo?user_content_key=x",
            "https://x.test/",
        ),
    ],
)
def test_a_redirect_is_explained(
    server: Server, cause: str, rule: str, target: str, other: str
) -> None:
    headers = {"X-Key": "secret-of-a-test"} if rule == "HTTP010" else None
    found = {}
    for where in (target, other):
        server.answer = redirecting(where)  # type: ignore[assignment]
        report = check(server.url, retries=0, headers=headers)
        found[where] = {item.rule: cause_name(item) for item in report.findings}
    assert found[target][rule] == cause
    assert cause not in found[other].values()


def test_http_to_https_is_explained() -> None:
    from checker.core.config import Config
    from checker.core.endpoint import Endpoint
    from checker.core.model import CrawlEnd, Location
    from checker.diagnosis.diagnose import cause_of
    from checker.diagnosis.facts import Facts

    for final, expected in (("https://a.test/", "redirect-to-https"), ("http://a.test/b", None)):
        exchange = Exchange(
            purpose=Purpose.PAGE,
            method="GET",
            url="http://a.test/",
            page=1,
            status=200,
            redirects=("http://a.test/",),
            final_url=final,
        )
        facts = Facts(
            config=Config(endpoint=Endpoint.parse("http://a.test/")),
            end=CrawlEnd(ended_by="empty-next"),
            mask=str,
            places={"HTTP009": (Location(exchange=exchange),)},
        )
        told = cause_of("HTTP009", facts)
        assert (told[0].name if told else None) == expected


def test_a_blank_page_that_has_rows_when_asked_again_is_a_crash(server: Server) -> None:
    asked_before = list[str | None]()

    def change(number: int, page: dict[str, object]) -> object:
        first = number == 2 and asked_before.count("2") == 0
        asked_before.append(str(number))
        return Answer(b"", 200, JSON) if first else page

    server.answer = paged(change)
    report = check(server.url, retries=0)
    found = {finding.rule: cause_name(finding) for finding in report.findings}
    assert found["PAGE010"] == "blank-once"


def test_question_marks_are_told_from_questions(server: Server) -> None:
    marks = [{"uid": f"u{i}", "msg": f"?????? ??? order {i} ?????"} for i in range(40)]
    questions = [{"uid": f"u{i}", "msg": "Really?? Come in!"} for i in range(2)] + rows(0, 40)
    found = []
    for people in (marks, questions):
        page = {"list": people, "next": ""}
        server.answer = get_only(lambda asked, page=page: answer(page))  # type: ignore[misc]
        report = check(server.url, retries=0)
        found.append([cause_name(item) for item in report.findings if item.rule == "ROW015"])
    assert found in ([["question-marks"], []], [[], []])


@pytest.mark.parametrize(
    ("headers", "body", "stack"),
    [
        ({"X-Powered-By": "PHP/8.2.1"}, "", {"language": "PHP 8.2.1"}),
        ({"X-Powered-By": "Express"}, "", {"language": "Node.js", "framework": "Express"}),
        (
            {"Set-Cookie": "laravel_session=x; path=/"},
            "",
            {"language": "PHP", "framework": "Laravel"},
        ),
        ({"Server": "gunicorn/20.1.0"}, "", {"language": "Python", "server": "gunicorn 20.1.0"}),
        (
            {"Server": "cloudflare", "CF-Ray": "1", "X-Powered-By": "PHP/8.1"},
            "",
            {"language": "PHP 8.1", "in_front": "Cloudflare"},
        ),
        ({"Server": "nginx"}, "", {"server": "nginx"}),
        ({}, "<h1>Whitelabel Error Page</h1>", {"language": "Java", "framework": "Spring"}),
        ({"Server": "my own"}, "<h1>Error</h1>", {}),
        ({"X-Note": "we moved from PHP/5 to Laravel"}, "", {}),
    ],
)
def test_the_stack_is_recognized(headers: dict[str, str], body: str, stack: dict[str, str]) -> None:
    exchange = Exchange(
        purpose=Purpose.PAGE,
        method="GET",
        url="http://a.test/",
        status=500,
        headers=tuple(headers.items()),
        body=body.encode(),
    )
    assert recognized([exchange]).known() == stack
