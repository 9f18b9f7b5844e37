"""A server that sends back what it heard: no secret, in no encoding, from no place, reaches anyone.

And whatever else it sends, no terminal obeys it.
"""

import base64
import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from checker import Report, UsageError, check
from checker.core.config import parse_header
from checker.reports import FORMATS, Style, render
from checker.text.display import UNSEEN

BEARER = "eyJhbGciOi.J9s/Kq+7Zw==.x_y-Zt8&Q<1>\"'w"
USER, PASSWORD = "conformance-user", "pa55:w0rd/%41+x=y"
API_KEY = "7f3c9a1e-Kd02~!$"
IN_URL = "Zq8+/%3d-uRl=key"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
HEADERS = {
    "Authorization": f"Bearer {BEARER}",
    "X-Login": f"Basic {BASIC}",
    "X-Api-Key": API_KEY,
}
SECRETS = {"bearer": BEARER, "basic": BASIC, "user": USER, "password": PASSWORD, "key": API_KEY}
SECRETS["parameter"] = IN_URL
SHORTEST_PIECE = 12


def shifted_base64(offset: int) -> Callable[[str], str]:
    return lambda secret: base64.b64encode(b"\0" * offset + secret.encode() + b"\0\0").decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "upper case": str.upper,
    "URL": lambda secret: quote(secret, safe=""),
    "URL twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "base64": shifted_base64(0),
    "base64, second byte": shifted_base64(1),
    "base64, third byte": shifted_base64(2),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON escapes": lambda secret: "".join(f"\\u{ord(char):04x}" for char in secret),
    "HTML": html.escape,
    "HTML numbers": lambda secret: "".join(f"&#{ord(char)};" for char in secret),
}


def with_members(members: dict[str, object]) -> str:
    return json.dumps({"list": [{"uid": "a", "msg": "b"}], "next": "", **members})


def with_row(row: dict[str, object], then: object = "") -> str:
    return json.dumps({"list": [row], "next": then})


Reply = tuple[str, tuple[str, ...], str]
PLACES: dict[str, Callable[[str], Reply]] = {
    "uid": lambda echo: (with_row({"uid": f" {echo}", "msg": "{{name}}"}), (), "200 OK"),
    "msg": lambda echo: (with_row({"uid": "a", "msg": f"{{{{x}}}} <b>{echo}</b>"}), (), "200 OK"),
    "msg alone": lambda echo: (with_row({"uid": 1, "msg": f"\x00{echo}"}), (), "200 OK"),
    "next": lambda echo: (with_row({"uid": "a", "msg": "b"}, f"{echo}%20"), (), "200 OK"),
    "next as URL": lambda echo: (
        with_row({"uid": "a", "msg": "b"}, f"https://x/?next={echo}"),
        (),
        "200 OK",
    ),
    "next of a wrong type": lambda echo: (with_row({}, [echo, {echo: 1}]), (), "200 OK"),
    "a member": lambda echo: (with_members({echo: echo}), (), "200 OK"),
    "a row's member": lambda echo: (with_row({"uid": "a", "msg": "b", echo: echo}), (), "200 OK"),
    "a row of a wrong type": lambda echo: (
        json.dumps({"list": [echo, [echo], {"uid": [echo], "msg": {echo: echo}}], "next": ""}),
        (),
        "200 OK",
    ),
    "the root": lambda echo: (json.dumps(echo), (), "200 OK"),
    "a member named twice": lambda echo: (
        with_members({})[:-1] + f", {json.dumps(echo)}: 1, {json.dumps(echo)}: 2}}",
        (),
        "200 OK",
    ),
    "what is not JSON": lambda echo: (f"{{'list': ['{echo}']}}", (), "200 OK"),
    "an HTML page": lambda echo: (f"<html><h1>{echo}</h1> log in {echo}", (), "200 OK"),
    "an error page": lambda echo: (
        f"Traceback (most recent call last): {echo}\n{echo}",
        ("Allow: GET",),
        f"500 {echo}",
    ),
    "a status": lambda echo: ("", (), f"418 {echo}"),
    "a 405": lambda echo: (echo, (f"Allow: {echo}",), f"405 {echo}"),
    "Location": lambda echo: ("", (f"Location: https://{echo}/{echo}?{echo}",), "302 Found"),
    "Location within": lambda echo: (
        "",
        (f"Location: /{quote(echo, safe='%')}",),
        "302 Found",
    ),
    "Content-Type": lambda echo: (with_members({}), (f"Content-Type: text/{echo}",), "200 OK"),
    "Content-Encoding": lambda echo: (
        with_members({}),
        (f"Content-Encoding: {echo.replace(',', '')}",),
        "200 OK",
    ),
    "Cache-Control": lambda echo: (
        with_members({}),
        (f"Cache-Control: public, max-age={echo}",),
        "200 OK",
    ),
    "a header": lambda echo: (with_row({}), (f"X-Echo: {echo}", f"Set-Cookie: a={echo}"), "200 OK"),
    "a header's name": lambda echo: (
        with_row({}),
        (f"{re.sub('[^!-9;-~]', '-', echo)}: {echo}",),
        "200 OK",
    ),
}


def pieces(secret: str, encode: Callable[[str], str]) -> list[str]:
    """What must not be found: the encoded secret; of a long one also its beginning and its end."""
    whole = encode(secret).strip("=")
    core = whole[4:-4] if encode.__qualname__.startswith("shifted") else whole
    return [core, *([core[:-4], core[4:]] if len(core) > 2 * SHORTEST_PIECE else [])]


def artefacts(report: Report) -> str:
    """Everything that can be written of a report, as it stands and without its line breaks."""
    style = Style(color=True, width=100)
    texts = [render(report, form, style) for form in FORMATS]
    quiet = Style(color=False, width=style.width, quiet=True)
    texts += [render(report, "text", quiet), repr(report)]
    found = "\n".join(texts)
    return "\n".join([found, re.sub(r"\s+", "", found), html.unescape(found)])


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("place", PLACES)
def test_an_echoed_secret_is_in_no_artefact(serve: Any, place: str, encoding: str) -> None:
    encode = ENCODINGS[encoding]
    echo = "~".join(encode(secret) for secret in SECRETS.values())
    body, headers, status = PLACES[place](echo)

    def script(line: Any) -> None:
        if "next=" in line.target:
            line.reply(with_row({"uid": "z", "msg": "z"}))
        else:
            line.reply(body, *headers, status=status, kind=None)

    server = serve(script)
    url = f"{server.url}?api_key={quote(IN_URL, safe='')}&page=1"
    told: list[object] = []
    for show_data in (False, True):
        report = check(
            url,
            headers=HEADERS,
            timeout=20,
            retries=0,
            max_pages=2,
            show_data=show_data,
            listener=told.append,
        )
        assert report.crashes == ()
        text = artefacts(report).lower()
        left = [
            name
            for name, secret in SECRETS.items()
            for form in {encode, str}
            for piece in pieces(secret, form)
            if piece.lower() in text
        ]
        assert left == [], show_data
    assert told


def test_an_echo_of_the_very_request_is_in_no_artefact(serve: Any) -> None:
    def script(line: Any) -> None:
        heard = line.request.decode("ascii")
        line.reply(json.dumps({"list": [{"uid": heard, "msg": heard, heard: 1}], "next": heard}))

    server = serve(script)
    url = f"{server.url}?api_key={quote(IN_URL, safe='')}"
    report = check(url, headers=HEADERS, timeout=20, retries=0, max_pages=2, show_data=True)
    text = artefacts(report)
    assert [name for name, secret in SECRETS.items() if secret in text] == []


def test_cookies_are_in_no_artefact(serve: Any) -> None:
    cookie = "s3ss10n-0f-50m3b0dy"

    def script(line: Any) -> None:
        row = {"uid": f" {cookie}", "msg": f"<b>{cookie}</b>", cookie: 1}
        line.reply(with_row(row, f"{cookie}%20"), f"Set-Cookie: sid={cookie}; Path=/; Secure")

    report = check(serve(script).url, timeout=20, retries=0, max_pages=2, show_data=True)
    assert cookie not in artefacts(report)


def test_short_values_are_left_alone(serve: Any) -> None:
    """Under four characters a value protects nobody, and masking it would spoil the report."""
    server = serve(lambda line: line.reply(with_members({"abc": 1})))
    report = check(server.url, headers={"X-Key": "abc"}, timeout=20, retries=0)
    assert "abc" in artefacts(report)


@pytest.mark.parametrize("options", [(), ("--show-data",), ("--quiet",), ("--format", "json")])
def test_the_command_prints_no_secret(serve: Any, command: Any, options: tuple[str, ...]) -> None:
    def script(line: Any) -> None:
        row = {"uid": f" {API_KEY}", "msg": API_KEY, API_KEY: API_KEY}
        line.reply(with_row(row, f"{API_KEY}%20"), status=f"200 {API_KEY}")

    done = command(serve(script), "-H", f"X-Api-Key: {API_KEY}", "--max-pages", "1", *options)
    assert API_KEY not in done.out + done.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Key", "s3cret\nvalue"), ("X-Key", "s3cret\x00"), ("Host", "s3cret"), ("b\xe9", "s3cret")],
)
def test_a_refused_header_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        check("http://127.0.0.1:9/", headers={name: value})
    assert "s3cret" not in str(caught.value)
    with pytest.raises(UsageError) as caught:
        parse_header("s3cret without a colon")
    assert "s3cret" not in str(caught.value)


UNPRINTABLE = {
    "escapes": "\x1b[31m\x1b]0;title\x07",
    "C0 and DEL": "\x00\x01\x08\x0b\x0c\x0e\x1f\x7f",
    "C1": "\x80\x84\x85\x9b31m\x9f",
    "line breaks": "\r\n\u2028\u2029",
    "bidi": "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "zero width": "\u200b\u2060\ufeff\u00ad\u180e",
    "tags": "\U000e0041\U000e007f",
    "joiners": "\u200c\u200d\ufe0f",
}
KEPT_IN_TEXT = "\n\u200c\u200d\ufe0f"  # without the joiners honest emoji and scripts would break


@pytest.mark.parametrize("show_data", [False, True])
@pytest.mark.parametrize("kind", UNPRINTABLE)
def test_nothing_that_a_terminal_obeys_is_printed(
    serve: Any, examine: Any, kind: str, show_data: bool
) -> None:
    bait = UNPRINTABLE[kind] + "x"
    row = {"uid": bait, "msg": "{{" + bait + "}}", bait: 1, "a" + bait: bait}
    body = json.dumps({"list": [row, bait, {"uid": [bait], "msg": {bait: bait}}], "next": bait})
    twice = body[:-1] + f", {json.dumps(bait)}: 1, {json.dumps(bait)}: 2}}"
    latin = bait.encode("latin-1", "replace").decode("latin-1")
    plain = re.sub("[\r\n\x00]", "", latin)

    def script(line: Any) -> None:
        if "next=" in line.target:
            line.reply(f"<{bait}>", status=f"418 {plain}")
        else:
            line.reply(twice, f"Cache-Control: public, {plain}", kind=f"text/{plain}")

    outcome = examine(serve(script), show_data=show_data, probes=True, channel="line")
    assert [char for char in UNSEEN.findall(outcome.text) if char not in KEPT_IN_TEXT] == []
    assert [char for char in UNSEEN.findall(outcome.json) if char != "\n"] == []


def test_a_location_that_a_terminal_obeys_is_not_printed(serve: Any, examine: Any) -> None:
    server = serve(
        lambda line: line.reply("", "Location: http://\x1b[31m\x9b.x/\x1b[2J\x85", status="302 F")
    )
    outcome = examine(server)
    assert outcome.errors == {"HTTP010"}
    assert UNSEEN.findall(outcome.text.replace("\n", "")) == []
    assert UNSEEN.findall(outcome.json.replace("\n", "")) == []


def test_the_command_prints_no_escape(serve: Any, command: Any) -> None:
    row = {"uid": "\x1b[31m", "msg": "\x9b31m\u202e", "\x1b]0;x\x07": 1}
    server = serve(lambda line: line.reply(with_row(row, "\x1b[2J%20")))
    done = command(server, "--show-data", "--max-pages", "1")
    assert UNSEEN.findall(done.out.replace("\n", "") + done.err) == []
