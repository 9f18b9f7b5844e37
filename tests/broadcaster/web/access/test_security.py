"""What a hostile visitor tries, and what every answer carries."""

from typing import Any

import pytest
from answering import Server

from broadcaster.web.access.security import HEADERS
from mockserver import MockServer

PASSWORD = "correct horse battery"
PAGES = [
    "/",
    "/files",
    "/checks",
    "/nothing",
    "/report.css",
    "/static/window.css",
    "/checks/x/stop",
]

# The OWASP Secure Headers project's recommended values, as of its list of 2025; docs/web.md says
# where ours differ.
BASELINE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "same-origin",
}
TELL_TALES = ["Server", "X-Powered-By", "X-AspNet-Version", "Via"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_baseline(visitor: Any, path: str) -> None:
    answer = visitor.get(path)
    for name, value in BASELINE.items():
        assert answer.headers.get(name) == value, name
    assert not [name for name in TELL_TALES if name in answer.headers]
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Set-Cookie" not in answer.headers
    answer.close()


def test_the_policy_lets_nothing_inline_and_nothing_strange_in(visitor: Any) -> None:
    policy = visitor.get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "data:" not in policy
    for directive in ("base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in policy


@pytest.mark.parametrize("path", ["/", "/files", "/checks", "/checks/nothing"])
def test_pages_hold_no_inline_script_or_style(visitor: Any, path: str) -> None:
    page = visitor.get(path).text
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert " on" not in "".join(part.partition(">")[0] for part in page.split("<"))


def test_pages_are_kept_nowhere(visitor: Any) -> None:
    assert visitor.get("/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "[::2]", "x@127.0.0.1:1@e"]
)
def test_a_foreign_name_is_not_answered(visitor: Any, host: str) -> None:
    answer = visitor.get("/", headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert "Endpoint" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8322", "localhost", "LOCALHOST:1", "[::1]:8322"])
def test_our_own_names_are(visitor: Any, host: str) -> None:
    assert visitor.get("/", headers={"Host": host}).status_code == 200


def test_a_named_window_answers_to_its_name(open_window: Any) -> None:
    visitor = open_window(names=("window.example",), password=PASSWORD)
    assert visitor.get("/login", headers={"Host": "window.example"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost:9"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
def test_a_post_from_another_site_is_refused(visitor: Any, headers: Any, allowed: bool) -> None:
    answer = visitor.post("/checks", {"url": ""}, headers=headers)
    assert answer.status_code == (422 if allowed else 403)


def test_an_oversized_form_is_refused(visitor: Any) -> None:
    assert visitor.post("/checks", {"url": "x" * 300_000}).status_code == 413
    many = {"header-name": ["a"] * 2000}
    answer = visitor.post("/checks", many, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_our_own_mistake_is_one_sentence_without_the_error_s_text(
    visitor: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("Zq8-secret")

    monkeypatch.setattr(visitor.checks, "look", broken)
    answer = visitor.get("/checks/x")
    assert answer.status_code == 500
    assert "RuntimeError" in answer.text
    assert "Zq8" not in answer.text + caplog.text
    assert HEADERS.items() <= dict(answer.headers).items()


def test_nothing_is_shown_before_the_password(open_window: Any, mock: MockServer) -> None:
    visitor = open_window(password=PASSWORD)
    for path in (
        "/",
        "/files",
        "/checks",
        "/checks/x",
        "/checks/x/events",
        "/checks/x/report.json",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/login?next=")
    for path in ("/checks", "/files", "/checks/x/stop", "/logout"):
        assert visitor.post(path, {"url": mock.endpoint}).status_code == 401
    assert visitor.store.checks.newest(10) == []


def test_the_password_lets_in_and_leaving_locks(open_window: Any) -> None:
    visitor = open_window(password=PASSWORD)
    answer = visitor.post("/login", {"password": PASSWORD, "next": "/checks?page=1"})
    assert answer.headers["Location"] == "/checks?page=1"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert visitor.get("/").status_code == 200
    left = visitor.post("/logout")
    assert "cookies" in left.headers["Clear-Site-Data"]
    assert visitor.get("/").status_code == 303


def test_over_tls_the_cookie_is_bound_to_it(open_window: Any) -> None:
    visitor = open_window(password=PASSWORD)
    answer = visitor.post("/login", {"password": PASSWORD}, base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-window=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("cookie", ["in", "in.sig", "", "in.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
def test_a_made_up_cookie_lets_nobody_in(open_window: Any, cookie: str) -> None:
    visitor = open_window(password=PASSWORD)
    visitor.client.set_cookie("window", cookie)
    assert visitor.get("/").status_code == 303


def test_a_cookie_of_another_server_lets_nobody_in(open_window: Any) -> None:
    first, second = (open_window(password=PASSWORD) for _ in range(2))
    answer = first.post("/login", {"password": PASSWORD})
    cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    second.client.set_cookie("window", cookie)
    assert second.get("/").status_code == 303


def test_guessing_the_password_is_throttled_and_knowing_it_is_not(open_window: Any) -> None:
    visitor = open_window(password=PASSWORD)
    for _ in range(10):
        assert visitor.post("/login", {"password": PASSWORD}).status_code == 303
    for guess in range(5):
        answer = visitor.post("/login", {"password": f"guess {guess}"})
        assert answer.status_code == 401
        assert "Wrong password." in answer.text
    assert visitor.post("/login", {"password": "guess"}).status_code == 429
    other = {"REMOTE_ADDR": "198.51.100.7"}
    assert visitor.post("/login", {"password": PASSWORD}, environ_base=other).status_code == 303


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil", "evil", ""]
)
def test_after_the_login_nobody_is_led_elsewhere(open_window: Any, there: str) -> None:
    visitor = open_window(password=PASSWORD)
    answer = visitor.post("/login", {"password": PASSWORD, "next": there})
    assert answer.headers["Location"] == "/"


def test_a_hosted_window_connects_to_no_private_address(open_window: Any) -> None:
    visitor = open_window(names=("window.example",), password=PASSWORD)
    visitor.post("/login", {"password": PASSWORD})
    server = Server()
    try:
        page = visitor.check(server.url, retries="0")
        assert server.asked == []
        assert "resolves to a non-public address" in page
    finally:
        server.close()


def test_its_owner_may_allow_it(open_window: Any, mock: MockServer) -> None:
    visitor = open_window(names=("window.example",), password=PASSWORD, allow_private=True)
    visitor.post("/login", {"password": PASSWORD})
    assert "PASS" in visitor.check(mock.endpoint)
