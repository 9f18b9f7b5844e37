"""The webhook: what is sent, and what each answer means for a row."""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme
from channel_kit import UID, call_of, send_all, send_one
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import Request, ScriptedServer, reply
from standardwebhooks import Webhook

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Verdict
from broadcaster.channels.http_reply import retry_after_seconds
from broadcaster.errors import WrongCommand
from broadcaster.model import retry_key
from checker import visible
from mockserver.line_api import LineConfig, LineServer

KEY = str(retry_key("b", 0, 0))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def sent(server: ScriptedServer, answer: bytes | None, kind: str = "webhook") -> Answer:
    server.answer = lambda request: answer
    return send_one(f"{kind}:{server.url}/hook")


def test_a_row_is_a_post_of_json_with_its_key(scripted: ScriptedServer) -> None:
    answer = send_one(
        f"webhook:{scripted.url}/hook?a=b",
        {"BROADCAST_WEBHOOK_HEADERS": "\nAuthorization: Bearer x\n"},
        headers=[("X-Tenant", "7")],
    )
    [request] = scripted.asked
    assert answer == Answer(verdict=Verdict.ACCEPTED)
    assert (request.method, request.path) == ("POST", "/hook?a=b")
    assert json.loads(request.body) == {"key": KEY, "uid": UID, "msg": "Hello"}
    assert request.headers["idempotency-key"] == KEY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer x"
    assert request.headers["x-tenant"] == "7"
    assert request.headers["user-agent"].startswith("broadcast-conformance/")
    assert "webhook-id" not in request.headers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_the_library_of_standard_webhooks_verifies_the_signature(
    scripted: ScriptedServer, uid: str, msg: str
) -> None:
    scripted.asked.clear()
    environ = {"BROADCAST_WEBHOOK_SECRET": SECRET}
    channel = open_channel(f"webhook:{scripted.url}", environ=environ)
    send_all(channel, [call_of(channel, uid, msg)])
    [request] = scripted.asked
    content = Webhook(SECRET).verify(request.body, request.headers)
    assert content == {"key": KEY, "uid": uid, "msg": msg}
    assert request.headers["webhook-id"] == KEY


def test_the_stand_in_takes_a_signed_webhook_once_for_its_key() -> None:
    with LineServer(LineConfig(webhook_secret=SECRET)) as server:
        spec = f"webhook+idempotent:{server.webhook_url}"
        environ = {"BROADCAST_WEBHOOK_SECRET": SECRET}
        for _ in range(2):
            assert send_one(spec, environ).verdict is Verdict.ACCEPTED
        assert send_one(spec).verdict is Verdict.PAUSE
        assert server.effects("webhook") == {UID: ["Hello"]}


@pytest.mark.parametrize(
    ("status", "verdict", "idempotent_verdict"),
    [
        (200, "accepted", "accepted"),
        (201, "accepted", "accepted"),
        (204, "accepted", "accepted"),
        (301, "doubtful", "doubtful"),
        (302, "doubtful", "doubtful"),
        (303, "doubtful", "doubtful"),
        (307, "doubtful", "doubtful"),
        (400, "refused", "refused"),
        (401, "pause", "pause"),
        (403, "pause", "pause"),
        (404, "refused", "refused"),
        (405, "refused", "refused"),
        (408, "unknown", "unknown"),
        (409, "refused", "unknown"),
        (410, "refused", "refused"),
        (415, "pause", "pause"),
        (422, "refused", "refused"),
        (425, "unknown", "unknown"),
        (429, "unknown", "unknown"),
        (499, "unknown", "unknown"),
        (500, "unknown", "unknown"),
        (501, "unknown", "unknown"),
        (502, "unknown", "unknown"),
        (503, "unknown", "unknown"),
        (511, "pause", "pause"),
        (599, "unknown", "unknown"),
    ],
)
def test_a_status_has_its_meaning(
    scripted: ScriptedServer, status: int, verdict: str, idempotent_verdict: str
) -> None:
    answer = reply(status, Location="/elsewhere")
    if status == 204:
        answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert sent(scripted, answer).verdict == verdict
    assert sent(scripted, answer, "webhook+idempotent").verdict == idempotent_verdict
    assert {request.path for request in scripted.asked} == {"/hook"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(404), "The webhook answered 404."),
        (reply(301), "otherwise give the address that it redirects to."),
        (reply(401), "401. Check the headers and the secret that are sent to it, then resume."),
        (reply(400, b'{"error": "no such user"}', Content_Type="application/json"), "no such user"),
        (
            reply(400, b'{"detail": "d", "title": "t"}', Content_Type="application/problem+json"),
            "400: d",
        ),
        (
            reply(400, b'{"error": {"message": "inner"}}', Content_Type="application/json"),
            "400: inner",
        ),
        (reply(422, b"not\n  today\x1b", Content_Type="text/plain"), "422: not today\\x1b"),
        (reply(422, b"<p>not today</p>", Content_Type="text/html"), "answered 422."),
        (reply(422, b"\xff", Content_Type="text/plain"), "answered 422."),
        (reply(422, b"{", Content_Type="application/json"), "answered 422."),
        (reply(422, b"[1]", Content_Type="application/json"), "answered 422."),
        (reply(422, b"x" * 1000, Content_Type="text/plain"), "x" * 199 + "…"),
        (reply(422, b"x" * 1001, Content_Type="text/plain"), "answered 422."),
        (reply(422, b"x" * 20_000, Content_Type="text/plain"), "answered 422."),
        (
            reply(422, f"{UID} said Hello {KEY}".encode(), Content_Type="text/plain"),
            "422: … said … …",
        ),
    ],
)
def test_a_reason_is_a_short_line(scripted: ScriptedServer, answer: bytes, reason: str) -> None:
    told = sent(scripted, answer).reason
    assert told.endswith(reason)
    assert len(told) < 300


def test_what_the_server_asks_to_wait_is_told(scripted: ScriptedServer) -> None:
    for text, least, most in [
        ("7", 7, 7),
        (formatdate(time.time() + 100, usegmt=True), 90, 100),
        (formatdate(time.time() - 100, usegmt=True), 0, 0),
        ("99999999999999999999", 86_400, 86_400),
        ("1" + "0" * 30, 86_400, 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400, 86_400),
        ("2.5", 2.5, 2.5),
    ]:
        answer = sent(scripted, reply(429, Retry_After=text))
        assert answer.slow_down
        assert answer.after_seconds is not None
        assert least <= answer.after_seconds <= most
    assert sent(scripted, reply(429, Retry_After="soon")).after_seconds is None
    assert sent(scripted, reply(503, Retry_After="7")).slow_down
    assert not sent(scripted, reply(503)).slow_down


@pytest.mark.parametrize(
    ("expression", "answer", "verdict"),
    [
        ("/ok=true", b'{"ok": true}', "accepted"),
        ("/ok=true", b'{"ok": false}', "refused"),
        ("/ok=true", b'{"ok": 1}', "refused"),
        ("/ok=true", b"", "refused"),
        ("/data/0/state=queued", b'{"data": [{"state": "queued"}]}', "accepted"),
        ("/data/1/state=queued", b'{"data": [{"state": "queued"}]}', "refused"),
        ("/id", b'{"id": null}', "accepted"),
        ("/id", b'{"error": "none"}', "refused"),
        ("/a~1b=1", b'{"a/b": 1}', "accepted"),
        ("302", b"", "accepted"),
    ],
)
def test_the_user_says_what_accepted_means(
    scripted: ScriptedServer, expression: str, answer: bytes, verdict: str
) -> None:
    status = int(expression) if expression.isdigit() else 200
    scripted.answer = lambda request: reply(status, answer, Content_Type="application/json")
    for options in (
        {"success": expression},
        {"environ": {"BROADCAST_WEBHOOK_SUCCESS": expression}},
    ):
        assert send_one(f"webhook:{scripted.url}", **options).verdict == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("expression", ["ok", "ok=true", "99", "600", "=", "2xx"])
def test_a_wrong_expression_is_one_sentence(expression: str) -> None:
    with pytest.raises(WrongCommand, match="--webhook-success must be"):
        open_channel("webhook:https://a.example", environ={}, success=expression)


@pytest.mark.parametrize(
    "body",
    [b'{"ok": true}', b'{"errcode": 0}', b'{"error": null}', b'{"error": ""}', b"ok", b"", b"[]"],
)
def test_a_body_without_an_error_is_accepted(scripted: ScriptedServer, body: bytes) -> None:
    assert sent(scripted, reply(200, body, Content_Type="application/json")).verdict == "accepted"


def test_an_error_in_the_body_is_shown(scripted: ScriptedServer) -> None:
    body = b'{"errcode": 93000, "errmsg": "invalid webhook url"}'
    answer = sent(scripted, reply(200, body, Content_Type="application/json"))
    assert answer.reason == (
        "The webhook answered 200 with an error in the body "
        '("errcode" is not 0): invalid webhook url'
    )


@given(st.one_of(st.text(), st.dates().map(str), st.from_regex(r"[A-Z][a-z]{2}, \d{1,4} .{0,40}")))
def test_any_wait_that_is_asked_for_is_none_or_within_a_day(text: str) -> None:
    seconds = retry_after_seconds({"Retry-After": text}, 0.0)
    assert seconds is None or 0 <= seconds <= 86_400


def test_a_message_of_any_size_arrives(scripted: ScriptedServer) -> None:
    channel = open_channel(f"webhook:{scripted.url}", environ={})
    msg = "x" * (3 << 20)
    [answer] = send_all(channel, [call_of(channel, msg=msg)])
    assert answer.verdict is Verdict.ACCEPTED
    assert json.loads(scripted.asked[0].body)["msg"] == msg


def test_the_request_id_is_the_reference(scripted: ScriptedServer) -> None:
    assert sent(scripted, reply(X_Request_Id="ab-1")).reference == "ab-1"
    assert sent(scripted, reply(X_Request_Id="<script>")).reference == ""


def test_reasons_are_of_few_kinds_whatever_the_server_says(scripted: ScriptedServer) -> None:
    numbers = iter(range(1000))
    scripted.answer = lambda request: reply(
        400, f"trace {next(numbers)}".encode(), Content_Type="text/plain"
    )
    channel = open_channel(f"webhook:{scripted.url}", environ={})
    answers = send_all(channel, [call_of(channel, row=row) for row in range(300)])
    assert len({answer.reason for answer in answers}) == 101


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "was lost before it answered"),
        (b"", "was lost before it answered"),
        (b"HTTP/1.1 200", "was lost before it answered"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "something that is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n", "something that is not HTTP"),
    ],
)
def test_without_an_answer_the_outcome_is_unknown(
    scripted: ScriptedServer, answer: bytes | None, words: str
) -> None:
    scripted.close_after = True
    told = sent(scripted, answer)
    assert told.verdict is Verdict.UNKNOWN
    assert words in told.reason
    assert len(scripted.asked) == 1  # never repeated behind our back


def test_an_answer_that_breaks_off_is_unknown_and_a_long_one_is_not(
    scripted: ScriptedServer,
) -> None:
    scripted.close_after = True
    cut = b"HTTP/1.1 %d OK\r\nContent-Length: 100\r\n\r\nhalf"
    for status in (200, 400, 401):
        answer = sent(scripted, cut % status)
        assert answer.verdict is Verdict.UNKNOWN
        assert "broke off" in answer.reason
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000
    assert sent(scripted, endless).verdict is Verdict.ACCEPTED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.one_of(st.binary(), st.binary().map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest)))
def test_no_bytes_of_a_server_raise(scripted: ScriptedServer, answer: bytes) -> None:
    scripted.close_after = True
    reason = sent(scripted, answer).reason
    assert visible(reason) == reason


def test_a_server_that_is_not_there_was_surely_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = send_one(f"webhook:http://127.0.0.1:{port}/")
    assert answer == Answer(
        verdict=Verdict.LATER,
        reason="The webhook could not be reached (Connection refused); nothing was sent.",
    )


def test_a_name_that_does_not_resolve_was_surely_sent_nothing() -> None:
    answer = send_one("webhook:http://no-such-host.invalid/")
    assert (answer.verdict, answer.slow_down) == (Verdict.LATER, False)
    assert answer.reason == "The host name of the webhook does not resolve; nothing was sent."


def test_a_server_that_is_silent_leaves_the_outcome_unknown(scripted: ScriptedServer) -> None:
    gone = threading.Event()

    def hang(request: Request) -> None:
        gone.wait(30)

    scripted.answer = hang
    answer = send_one(f"webhook:{scripted.url}", timeout_seconds=0.2)
    gone.set()
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.reason == "The webhook did not answer within 0.2 s."


@pytest.fixture
def authority() -> trustme.CA:
    """A private authority."""
    return trustme.CA()


def tls_server(authority: trustme.CA, name: str) -> tuple[str, Callable[[], None]]:
    """A server over TLS that answers each connection once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65_536)
                    connection.sendall(reply())
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()

    def close() -> None:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()

    return f"https://127.0.0.1:{listening.getsockname()[1]}/", close


def test_the_authority_of_the_environment_is_trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    url, close = tls_server(authority, "127.0.0.1")
    try:
        assert send_one(f"webhook:{url}").verdict is Verdict.ACCEPTED
    finally:
        close()


def test_certificates_are_verified(authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    for name, options, verdict in [
        ("127.0.0.1", {"ca_bundle": str(bundle)}, Verdict.ACCEPTED),
        ("127.0.0.1", {}, Verdict.PAUSE),
        ("other.example", {"ca_bundle": str(bundle)}, Verdict.PAUSE),
    ]:
        url, close = tls_server(authority, name)
        try:
            answer = send_one(f"webhook:{url}", **options)
        finally:
            close()
        assert answer.verdict is verdict
    assert answer.reason == "The certificate of the webhook is not trusted; nothing was sent."


def test_a_plain_server_behind_https_was_surely_sent_nothing(scripted: ScriptedServer) -> None:
    answer = send_one(f"webhook:{scripted.url.replace('http:', 'https:')}")
    assert answer.verdict is Verdict.LATER
    assert scripted.asked == []


def test_what_is_no_tls_was_surely_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            with listening.accept()[0] as connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(65_536)

        thread = threading.Thread(target=refuse)
        thread.start()
        answer = send_one(f"webhook:https://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()
    assert answer.verdict is Verdict.LATER
    assert answer.reason == "No TLS connection with the webhook; nothing was sent."


def test_a_server_that_takes_no_connection_in_time_was_surely_sent_nothing() -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):  # more than its queue holds
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        answer = send_one(f"webhook:{url}", timeout_seconds=0.4)
    assert answer.verdict is Verdict.LATER
    assert answer.reason == "The webhook could not be reached in time; nothing was sent."


def test_a_bundle_that_is_none_is_a_wrong_command(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "none.pem"):
        with pytest.raises(WrongCommand, match="cannot be read: give a file of"):
            send_one("webhook:https://127.0.0.1:1/", ca_bundle=str(tmp_path / name))


def test_cookies_and_proxies_have_no_effect(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    scripted.answer = lambda request: reply(Set_Cookie="a=b")
    channel = open_channel(f"webhook:{scripted.url}", environ={})
    for row in range(2):
        [answer] = send_all(channel, [call_of(channel, row=row)])
        assert answer.verdict is Verdict.ACCEPTED
    assert not any("cookie" in request.headers for request in scripted.asked)
