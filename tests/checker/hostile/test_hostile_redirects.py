"""Redirects that lead nowhere, away, or round and round; and no header ever goes to a stranger."""

from typing import Any

import pytest

from checker.core.protocols import Address
from checker.transport.resolver import PublicResolver, Resolver

SECRET = "k3y-that-is-nobodys-business"
HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET}


def redirect(location: str, status: str = "302 Found") -> Any:
    return lambda line: line.reply("", f"Location: {location}", status=status)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 T", "308 P"])
def test_another_origin_hears_nothing(serve: Any, examine: Any, status: str) -> None:
    stranger = serve(lambda line: line.page())
    server = serve(redirect(stranger.url, status))
    outcome = examine(server, headers=HEADERS, probes=True)
    assert outcome.errors == {"HTTP010"}
    assert stranger.connections == 0
    assert stranger.url in outcome.says


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 T", "308 P"])
def test_another_origin_is_followed_when_there_is_no_header_to_lose(
    serve: Any, examine: Any, status: str
) -> None:
    other = serve(lambda line: line.page())
    outcome = examine(serve(redirect(f"{other.url}?one-time=7", status)))
    assert outcome.errors == set()
    assert outcome.rules == {"HTTP009"}
    assert outcome.report.complete
    assert other.requests[0].target.endswith("?one-time=7")


def test_a_chain_across_ten_origins_is_left_after_five(serve: Any, examine: Any) -> None:
    servers = [serve(lambda line: line.page())]
    for _ in range(10):
        servers.append(serve(redirect(servers[-1].url)))
    outcome = examine(servers[-1])
    assert outcome.errors == {"HTTP011"}
    assert sum(len(server.requests) for server in servers) == 6
    assert servers[0].connections == 0


def test_a_chain_across_five_origins_is_followed(serve: Any, examine: Any) -> None:
    servers = [serve(lambda line: line.page())]
    for _ in range(5):
        servers.append(serve(redirect(servers[-1].url)))
    outcome = examine(servers[-1])
    assert outcome.rules == {"HTTP009"}
    assert outcome.report.complete


def test_two_origins_that_redirect_to_each_other_are_left(serve: Any, examine: Any) -> None:
    there: list[Any] = []
    here = serve(lambda line: redirect(there[0].url)(line))
    there.append(serve(redirect(here.url)))
    assert examine(here).errors == {"HTTP011"}
    assert len(here.requests) + len(there[0].requests) == 2


class PublicHere(PublicResolver):
    """Takes this machine for a public one, under one of its addresses."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._asked_port = 0

    def resolve(self, host: str, port: int, timeout_seconds: float) -> list[Address]:
        self._asked_port = port
        if port == self._port:
            return Resolver.resolve(self, host, port, timeout_seconds)
        return super().resolve(host, port, timeout_seconds)

    def refuse_peer(self, peer: str, own: str) -> None:
        if self._asked_port != self._port:
            super().refuse_peer(peer, own)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001"])
def test_a_hosted_checker_is_not_redirected_to_a_private_address(
    serve: Any, examine: Any, host: str
) -> None:
    private = serve(lambda line: line.page())
    server = serve(redirect(f"http://{host}:{private.port}/recipients"))
    outcome = examine(server, probes=True, resolver=PublicHere(server.port))
    assert outcome.errors & {"NET001", "NET002"}
    assert private.connections == 0
    assert len(server.requests) >= 1


def test_a_one_time_address_is_not_printed(serve: Any, examine: Any) -> None:
    other = serve(lambda line: line.page())
    server = serve(redirect(f"{other.url}?user_content_key=0ne-t1me-secret"))
    outcome = examine(server)
    assert outcome.rules == {"HTTP009"}
    assert "0ne-t1me" not in outcome.json + outcome.text


SIGN_IN = [
    "https://accounts.google.com/v3/signin/identifier?continue=x",
    "https://login.microsoftonline.com/common/oauth2/authorize?x=1",
    "https://acme.okta.com/app/x",
    "https://acme.cloudflareaccess.com/cdn-cgi/access/login/x",
    "https://sso.example.test/start",
    "http://elsewhere.example.test/users/sign_in",
    "http://elsewhere.example.test/wp-login",
    "http://elsewhere.example.test/auth?next=1",
]
NO_SIGN_IN = [
    "https://api.example.test/v2/recipients",
    "https://authors.example.test/authors",
    "https://blog.example.test/blogging/in",
    "https://design.example.test/signing",
    "https://ssoundtrack.example.test/",
]


@pytest.mark.parametrize("location", [*SIGN_IN, *NO_SIGN_IN])
def test_a_sign_in_page_is_recognized_by_its_address(
    serve: Any, examine: Any, location: str
) -> None:
    outcome = examine(serve(redirect(location)), headers=HEADERS)
    assert outcome.errors == {"HTTP010"}
    assert ("sign-in page" in outcome.says) == (location in SIGN_IN)


def test_a_made_up_credential_is_not_sent_to_another_origin(serve: Any, examine: Any) -> None:
    other = serve(lambda line: line.page())

    def script(line: Any) -> None:
        if line.header("X-Api-Key") == SECRET:
            line.page()
        else:
            line.reply("", f"Location: {other.url}", status="302 Found")

    examine(serve(script), headers={"X-Api-Key": SECRET}, probes=True)
    assert all(line.header("X-Api-Key") is None for line in other.requests)


def test_another_origin_on_the_second_page_hears_nothing(serve: Any, examine: Any) -> None:
    stranger = serve(lambda line: line.page(start=50))

    def script(line: Any) -> None:
        if "next=" in line.target:
            line.reply("", f"Location: {stranger.url}?next=2", status="307 Moved")
        else:
            line.page(then="2")

    outcome = examine(serve(script), headers=HEADERS)
    assert outcome.errors == {"HTTP010"}
    assert outcome.report.crawl.rows == 2
    assert stranger.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "data:application/json,{}",
        "//elsewhere.example.test/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:many/",
        "http://127.0.0.1:-1/",
        "http://[::1/",
        "http://[nonsense]/",
        "http://127.0.0.1.elsewhere.example.test/",
        "http://user:word@elsewhere.example.test/",
        "http://caf\xe9.example.test/",
        "http://" + "a" * 60_000,
    ],
)
def test_a_location_that_leads_away_is_not_followed(
    serve: Any, examine: Any, location: str
) -> None:
    server = serve(redirect(location))
    outcome = examine(server, headers=HEADERS)
    assert outcome.errors == {"HTTP010"}
    assert len(server.requests) == 1
    assert "word" not in outcome.json


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/caf\xe9?q=\xfc", "/caf%C3%A9?q=%C3%BC"),
        ("/with blank", "/with%20blank"),
        ("/a#fragment", "/a"),
        ("?page=1", "/recipients?page=1"),
        ("../up", "/up"),
        ("/%zz", "/%25zz"),
        ("\\\\elsewhere.example.test\\x", "/%5C%5Celsewhere.example.test%5Cx"),
    ],
)
def test_an_odd_location_of_the_same_origin_is_followed(
    serve: Any, examine: Any, location: str, target: str
) -> None:
    def script(line: Any) -> None:
        if line.target == target:
            line.page()
        else:
            line.reply("", f"Location: {location}", status="302 Found")

    server = serve(script)
    outcome = examine(server)
    assert [line.target for line in server.requests] == ["/recipients", target]
    assert outcome.rules == {"HTTP009"}


def test_credentials_in_a_location_are_left_out(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.target == "/final":
            line.page()
        else:
            place = f"http://somebody:passw0rd@{line.header('Host')}/final"
            line.reply("", f"Location: {place}", status="302 Found")

    server = serve(script)
    outcome = examine(server)
    assert outcome.rules == {"HTTP009"}
    assert server.requests[1].header("Authorization") is None
    assert "passw0rd" not in outcome.json + outcome.text


def test_the_users_headers_go_along_within_the_origin(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.target == "/final":
            line.page()
        else:
            line.reply("", "Location: /final", status="308 Permanent")

    server = serve(script)
    assert examine(server, headers=HEADERS).report.complete
    assert [line.header("X-Api-Key") for line in server.requests] == [SECRET, SECRET]


@pytest.mark.parametrize(
    "location", ["/recipients", "", "#top", "/a", "http:///", "/recipients/../recipients"]
)
def test_redirects_in_a_circle_end(serve: Any, examine: Any, location: str) -> None:
    server = serve(redirect(location))
    outcome = examine(server)
    assert outcome.errors == ({"HTTP011"} if location else {"HTTP005"})
    assert len(server.requests) <= 3


def test_redirects_that_always_lead_on_end(serve: Any, examine: Any) -> None:
    server = serve(lambda line: line.reply("", f"Location: {line.target}x", status="302 Found"))
    outcome = examine(server)
    assert outcome.errors == {"HTTP011"}
    assert "more than 5 redirects" in outcome.says
    assert len(server.requests) == 6


def test_a_redirect_with_an_endless_body_is_followed_at_once(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.target == "/final":
            line.page()
        else:
            line.send(b"HTTP/1.1 302 Found\r\nLocation: /final\r\n\r\n")
            line.forever(b"x" * 65_536)

    outcome = examine(serve(script))
    assert outcome.rules == {"HTTP009"}
    assert outcome.report.complete


def test_redirects_in_a_circle_with_endless_bodies_end(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        line.send(b"HTTP/1.1 302 Found\r\nLocation: /recipients\r\n\r\n")
        line.forever(b"x" * 65_536)

    assert examine(serve(script)).errors == {"HTTP011"}


@pytest.mark.parametrize("status", ["300 Choices", "304 Not Modified", "305 Proxy", "399 Odd"])
def test_other_statuses_are_no_redirects(serve: Any, examine: Any, status: str) -> None:
    server = serve(redirect("/final", status))
    assert examine(server).errors == {"HTTP005"}
    assert len(server.requests) == 1
