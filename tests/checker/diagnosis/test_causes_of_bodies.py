"""Causes that a body tells of: an endpoint with the mistake, and one that only looks so."""

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from answering import Answer, Server
from cause_kit import (
    HTML,
    JSON,
    Behaviour,
    cause_name,
    causes_of,
    document,
    get_only,
    paged,
    recorded_and_replayed,
    rows,
    text,
)

from checker import check

PAGE = {"list": rows(0, 5), "next": ""}
BODY = json.dumps(PAGE).encode()


def page_of(**members: object) -> Behaviour:
    return document(members)


def list_of(value: object) -> Behaviour:
    return document({"list": value, "next": ""})


LOGIN = "<html><title>Sign in</title><form><input type=password></form></html>"
NGINX = (
    "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center>"
    "<hr><center>nginx/1.24.0</center></body></html>"
)
ARTICLE = "<html><h1>Our blog</h1><p>Passwords and how to sign documents</p></html>"

# the cause, its rule, an endpoint with the mistake, an endpoint that must not get the cause
CASES: list[tuple[str, str, Behaviour, Behaviour]] = [
    ("sign-in-page", "JSON001", text(LOGIN), text(ARTICLE)),
    (
        "apps-script-sign-in",
        "JSON001",
        get_only(
            lambda asked: (
                Answer(b"", 302, {"Location": "/macros/echo?user_content_key=a"})
                if "echo" not in asked.path
                else Answer(b"<html><title>Sign in - Google Accounts</title>", 200, HTML)
            )
        ),
        text(LOGIN),
    ),
    (
        "ngrok-interstitial",
        "JSON001",
        text(
            "<html>You are about to visit x.ngrok-free.app (ERR_NGROK_6024)",
            ngrok_error_code="ERR_NGROK_6024",
        ),
        text("<html>We use ngrok to test</html>"),
    ),
    (
        "ngrok-offline",
        "HTTP005",
        text("<html>offline", 404, ngrok_error_code="ERR_NGROK_3200"),
        text("<html>offline", 404),
    ),
    (
        "ngrok-upstream",
        "HTTP007",
        text("<html>ERR_NGROK_8012", 500, ngrok_error_code="ERR_NGROK_8012"),
        text("<html>ERR", 500),
    ),
    (
        "localtunnel-interstitial",
        "JSON001",
        text("<html>set and send a bypass-tunnel-reminder header"),
        text(ARTICLE),
    ),
    (
        "cloudflare-tunnel-down",
        "HTTP007",
        text("<html>Argo Tunnel error | error code: 1033", 530),
        text("<html>no", 404),
    ),
    (
        "host-javascript-challenge",
        "JSON001",
        text('<html><script src="/aes.js"></script><script>slowAES.decrypt(c,2,a,b)'),
        text(ARTICLE),
    ),
    (
        "firewall-challenge",
        "HTTP006",
        text("<html><title>Just a moment...</title>", 403),
        text("<html>just a moment please", 403),
    ),
    (
        "firewall-block",
        "HTTP006",
        text("<html><title>Attention Required! | Cloudflare</title>", 403),
        text("<html>Attention: closed", 403),
    ),
    (
        "vercel-protection",
        "HTTP006",
        text("<html>Authentication Required <a href=https://vercel.com/sso-api>", 401),
        text("<html>Authentication Required", 401),
    ),
    (
        "api-gateway-path",
        "HTTP006",
        text('{"message":"Missing Authentication Token"}', 403),
        text('{"message":"Forbidden"}', 403),
    ),
    (
        "api-gateway-lambda",
        "HTTP007",
        text('{"message": "Internal server error"}', 502),
        text('{"message": "Internal server error"}', 500),
    ),
    (
        "cloudflare-cannot-reach-origin",
        "HTTP007",
        text("<html>Web server is down", 521),
        text("<html>down", 500),
    ),
    (
        "proxy-no-upstream",
        "HTTP007",
        text(NGINX.format("502 Bad Gateway"), 502),
        text('{"error": "backend"}', 502),
    ),
    (
        "web-server-refuses",
        "HTTP006",
        text(NGINX.format("403 Forbidden"), 403),
        text('{"error": "key"}', 403),
    ),
    (
        "web-server-no-route",
        "HTTP005",
        text(NGINX.format("404 Not Found"), 404),
        text('{"error": "nobody"}', 404),
    ),
    (
        "host-knows-no-site",
        "HTTP005",
        text("<html>DEPLOYMENT_NOT_FOUND", 404),
        text("<html>nothing found", 404),
    ),
    (
        "framework-knows-no-route",
        "HTTP005",
        text('{"detail":"Not Found"}', 404),
        text('{"detail":"No such customer"}', 404),
    ),
    (
        "body-is-base64",
        "JSON001",
        text(base64.b64encode(BODY)),
        text(base64.b64encode(b"not a page at all, just text")),
    ),
    (
        "undeclared-compression",
        "JSON001",
        text(gzip.compress(BODY)),
        text(b"\x00\x01\x02\x03 nothing known"),
    ),
    ("undeclared-compression", "JSON001", text(zlib.compress(BODY)), text("xyz is not compressed")),
    (
        "compressed-twice",
        "JSON001",
        text(gzip.compress(gzip.compress(BODY)), Content_Encoding="gzip"),
        text(gzip.compress(b"no page"), Content_Encoding="gzip"),
    ),
    (
        "php-notice",
        "JSON001",
        text(
            b"<br />\n<b>Warning</b>:  Undefined variable $x in <b>/srv/api.php</b> on line"
            b" <b>12</b><br />\n" + BODY
        ),
        text("Warning: the shop is closed"),
    ),
    (
        "php-notice",
        "JSON001",
        text(BODY + b"\nPHP Deprecated: strlen(): Passing null in /srv/api.php on line 7"),
        text(BODY + b"\nNotice: closed"),
    ),
    ("php-not-run", "JSON001", text("<?php echo json_encode($page);"), text(ARTICLE)),
    (
        "printed-php-array",
        "JSON001",
        text("Array\n(\n    [list] => Array\n"),
        text("Array of people"),
    ),
    (
        "google-visualization",
        "JSON001",
        text('/*O_o*/\ngoogle.visualization.Query.setResponse({"a":1});'),
        text("/*O_o*/ {"),
    ),
    ("jsonp", "JSON001", text(b"callback(" + BODY + b");"), text("callback of the shop")),
    ("anti-hijacking-prefix", "JSON001", text(b")]}',\n" + BODY), text(")" + BODY.decode())),
    (
        "cache-plugin-comment",
        "JSON001",
        text(BODY + b"\n<!-- Cached by WP-Optimize -->"),
        text(BODY + b"\nbye"),
    ),
    ("wordpress-zero", "JSON001", text(BODY + b"0"), text(BODY + b"00")),
    ("page-template-behind", "JSON001", text(BODY + b"<html><footer>"), text(BODY + b" end")),
    (
        "unrendered-template",
        "JSON001",
        text("{% for row in rows %}{{ row }}{% endfor %}"),
        text("100 % for row in rows"),
    ),
    ("python-repr", "JSON001", text(str(PAGE)), text("it's {'fine'}")),
    ("xml", "JSON001", text("<?xml version='1.0'?><page><list/></page>"), text(ARTICLE)),
    (
        "yaml",
        "JSON001",
        text("list:\n  - uid: a\n    msg: b\nnext: ''\n"),
        text("list: none today"),
    ),
    ("csv", "JSON001", text("uid,msg\na,Hello\nb,Hello\n"), text("Hello, people\nno table here\n")),
    (
        "trailing-comma",
        "JSON001",
        text('{"list": [{"uid": "a", "msg": "b"},], "next": ""}'),
        text('{"list": [,], "next": ""'),
    ),
    (
        "lambda-proxy-off",
        "PAGE002",
        page_of(statusCode=200, headers={}, body=json.dumps(PAGE)),
        page_of(statusCode=200, rows=[]),
    ),
    ("wrapped-page", "PAGE002", page_of(data=PAGE), page_of(data={"rows": []})),
    (
        "envelope-drf",
        "PAGE002",
        page_of(count=1, next="", previous=None, results=[]),
        page_of(results=[], next=""),
    ),
    (
        "envelope-laravel-paginator",
        "PAGE002",
        page_of(data=[], next_page_url=None, path="x"),
        page_of(data=[], next=""),
    ),
    (
        "envelope-laravel-resource",
        "PAGE002",
        page_of(data=[], links={}, meta={}),
        page_of(data=[], meta={}),
    ),
    (
        "envelope-json-api",
        "PAGE002",
        page_of(data=[], jsonapi={"version": "1.0"}),
        page_of(data=[], version="1"),
    ),
    (
        "envelope-strapi",
        "PAGE002",
        page_of(data=[], meta={"pagination": {}}),
        page_of(data=[], meta={"page": {}}),
    ),
    (
        "envelope-directus",
        "PAGE002",
        page_of(data=[], meta={"filter_count": 3}),
        page_of(data=[], meta={"count": 3}),
    ),
    (
        "envelope-spring-data",
        "PAGE002",
        page_of(content=[], pageable={}, last=True),
        page_of(content=[], next=""),
    ),
    ("envelope-elasticsearch", "PAGE002", page_of(took=1, hits={"hits": []}), page_of(hits=3)),
    (
        "envelope-graphql",
        "PAGE002",
        page_of(data={"edges": [], "pageInfo": {}}, pageInfo={}),
        page_of(edges=3),
    ),
    (
        "envelope-odata",
        "PAGE002",
        page_of(**{"@odata.context": "x", "value": []}),
        page_of(value=[], next=""),
    ),
    ("envelope-dynamodb", "PAGE002", page_of(Items=[], Count=0), page_of(Items=[])),
    (
        "envelope-hydra",
        "PAGE002",
        page_of(**{"@context": "/c", "hydra:member": []}),
        page_of(member=[]),
    ),
    ("envelope-airtable", "PAGE002", page_of(records=[], offset="itr"), page_of(recordings=[])),
    (
        "error-as-200",
        "PAGE002",
        page_of(status="error", message="invalid api key"),
        page_of(status="fine", rows=[]),
    ),
    ("other-case", "PAGE002", page_of(List=[], Next=""), page_of(Listing=[], next="")),
    (
        "other-name",
        "PAGE002",
        page_of(recipients=[], next=""),
        page_of(recipients=[], groups=[], next=""),
    ),
    (
        "next-dropped-at-end",
        "PAGE005",
        paged(lambda n, page: {"list": page["list"][:7]} if n == 3 else page),
        paged(lambda n, page: {"list": page["list"]} if n == 2 else page),
    ),
    (
        "error-beside-rows",
        "PAGE008",
        paged(
            lambda n, page: {"list": [], "next": "", "error": "quota exceeded"} if n == 3 else page
        ),
        paged(lambda n, page: {**page, "error": None}),
    ),
    (
        "dotnet-preserved-references",
        "PAGE003",
        list_of({"$id": "1", "$values": rows(0, 3)}),
        list_of({"values": rows(0, 3)}),
    ),
    (
        "php-array-keys",
        "PAGE003",
        list_of({str(i): row for i, row in enumerate(rows(0, 9)) if i != 4}),
        list_of({f"a{i}": row for i, row in enumerate(rows(0, 3))}),
    ),
    ("single-element", "PAGE003", list_of(rows(0, 1)[0]), list_of({"name": "x"})),
    ("list-encoded-twice", "PAGE003", list_of(json.dumps(rows(0, 3))), list_of("none")),
    ("element-wrapper", "PAGE003", list_of({"row": rows(0, 3)}), list_of({"row": 1})),
    (
        "map-by-key",
        "PAGE003",
        list_of({"ann": "Hello", "bob": "Hello"}),
        list_of({"total": 3, "more": False}),
    ),
    ("null-list", "PAGE003", list_of(None), list_of(False)),
    (
        "blank-always",
        "PAGE010",
        paged(lambda n, page: Answer(b"", 200, JSON) if n == 2 else page),
        paged(lambda n, page: Answer(b"", 204, JSON) if n == 3 else page),
    ),
    (
        "character-cut-in-two",
        "JSON002",
        get_only(
            lambda asked: Answer(
                json.dumps(
                    {
                        "list": [
                            {"uid": "a", "msg": "สวัสดีคุณลูกค้า" * 5},
                            {"uid": "b", "msg": "สวัสดีค~"},
                        ],
                        "next": "",
                    },
                    ensure_ascii=False,
                )
                .encode()
                .replace("ค~".encode(), b"\xe0\xb8"),
                200,
                JSON,
            )
        ),
        get_only(
            lambda asked: Answer(
                json.dumps(
                    {"list": [{"uid": "a", "msg": "Café olé"}], "next": ""}, ensure_ascii=False
                ).encode("latin-1"),
                200,
                JSON,
            )
        ),
    ),
    (
        "replacement-characters",
        "ROW015",
        list_of([{"uid": f"a{i}", "msg": "Caf\ufffd olé"} for i in range(5)]),
        list_of([{"uid": "a", "msg": "CafÃ© olÃ©"}]),
    ),
    (
        "decoded-as-latin1",
        "ROW015",
        list_of([{"uid": f"a{i}", "msg": "CafÃ© olÃ©"} for i in range(5)]),
        list_of([{"uid": "a", "msg": "Caf\ufffd"}]),
    ),
    (
        "typed-values",
        "ROW003",
        list_of([{"uid": {"S": "a"}, "msg": "b"}]),
        list_of([{"uid": {"id": "a"}, "msg": "b"}]),
    ),
    (
        "row-other-case",
        "ROW002",
        list_of([{"UID": "a", "msg": "b"}]),
        list_of([{"uuid": "a", "msg": "b"}]),
    ),
    (
        "row-other-name",
        "ROW002",
        list_of([{"line_user_id": "a", "msg": "b"}]),
        list_of([{"paid": "a", "msg": "b"}]),
    ),
    (
        "row-nested",
        "ROW002",
        list_of([{"user": {"uid": "a"}, "msg": "b"}]),
        list_of([{"user": {"name": "a"}, "msg": "b"}]),
    ),
    (
        "pdo-fetch-both",
        "ROW014",
        list_of([{"uid": "a", "0": "a", "msg": "b", "1": "b"}]),
        list_of([{"uid": "a", "msg": "b", "2": 1}]),
    ),
    ("rows-as-arrays", "ROW001", list_of([["a", "b"]]), list_of([7])),
    ("rows-as-text", "ROW001", list_of(['{"uid": "a", "msg": "b"}']), list_of(["a"])),
    ("null-rows", "ROW001", list_of([*rows(0, 3), None]), list_of([*rows(0, 3), False])),
    (
        "integer-column",
        "ROW003",
        list_of([{"uid": 7, "msg": "b"}, {"uid": 8, "msg": "b"}]),
        list_of([{"uid": 7.5, "msg": "b"}]),
    ),
    (
        "null-values",
        "ROW003",
        list_of([*rows(0, 3), {"uid": None, "msg": "b"}]),
        list_of([*rows(0, 3), {"uid": [], "msg": "b"}]),
    ),
    ("member-left-out", "ROW005", list_of([*rows(0, 3), {"uid": "a"}]), list_of([{"uid": "a"}])),
    (
        "credential-not-given",
        "HTTP006",
        document({"error": "no"}, 401, WWW_Authenticate="Basic realm=x"),
        document({"error": "no"}, 403),
    ),
    (
        "handler-answers-404",
        "HTTP005",
        document({"error": "nobody"}, 404),
        lambda asked: Answer(b"{}", 404, JSON),
    ),
    (
        "query-refused",
        "HTTP006",
        paged(lambda n, page: Answer(b"{}", 403, JSON) if n == 2 else page),
        document({"error": "no"}, 403),
    ),
    (
        "error-as-200",
        "PAGE002",
        page_of(success=False, error={"code": 17, "message": "quota used up"}),
        page_of(status="success", message="OK", entries={"a": 1}),
    ),
    (
        "error-as-200",
        "PAGE002",
        page_of(data=None, errors=[{"message": "Not authorized"}]),
        page_of(message="3 people", data=[], meta={}),
    ),
    (
        "body-is-base64",
        "PAGE001",
        document(base64.b64encode(BODY).decode()),
        document("no page at all, just text"),
    ),
    (
        "api-gateway-timeout",
        "HTTP007",
        text('{"message": "Endpoint request timed out"}', 504),
        text('{"message": "timed out"}', 504),
    ),
    (
        "serverless-function-failed",
        "HTTP007",
        text("A server error has occurred\n\nFUNCTION_INVOCATION_FAILED", 500),
        text("A server error has occurred", 500),
    ),
    (
        "other-next-name",
        "PAGE005",
        page_of(list=rows(0, 3), next_cursor="abc"),
        page_of(list=rows(0, 3), previous="abc"),
    ),
    ("bare-array", "PAGE001", document(rows(0, 3)), document([1, 2])),
    ("wordpress-no-action", "PAGE001", text("0"), text("7")),
    ("answered-twice", "JSON001", text(BODY + BODY), text(BODY + b" bye")),
    ("output-behind-json", "JSON001", text(BODY + b" bye"), text(BODY + BODY)),
    (
        "mixed-types",
        "ROW003",
        list_of([*rows(0, 5), {"uid": 7, "msg": "b"}]),
        list_of([{"uid": 7, "msg": "b"}, {"uid": 8, "msg": "b"}]),
    ),
    (
        "rate-limit",
        "HTTP008",
        document({"error": "slow down"}, 429),
        document({"error": "slow down"}, 503),
    ),
    (
        "database-error",
        "HTTP007",
        document({"error": "SQLSTATE[HY000] [2002] Connection refused"}, 500),
        document({"error": "no"}, 500),
    ),
    (
        "later-page-fails",
        "HTTP007",
        paged(lambda n, page: Answer(b"", 500, JSON) if n == 2 else page),
        document({}, 500),
    ),
    (
        "get-not-registered",
        "HTTP001",
        lambda asked: Answer(b"", 405, {"Allow": "POST"}),
        lambda asked: Answer(b"", 501, {}),
    ),
]


IDS = [f"{cause}-{rule}" for cause, rule, *_ in CASES]


def named(server: Server, behaviour: Behaviour) -> dict[str, str | None]:
    """The causes that a report names, by rule."""
    server.answer = behaviour
    report = check(server.url, retries=0)
    assert report.crashes == ()
    return {finding.rule: cause_name(finding) for finding in report.findings}


@pytest.mark.parametrize(("cause", "rule", "wrong", "_right"), CASES, ids=IDS)
def test_the_mistake_is_named(
    server: Server, cause: str, rule: str, wrong: Behaviour, _right: Any
) -> None:
    assert named(server, wrong).get(rule, "not reported") == cause


@pytest.mark.parametrize(("cause", "_rule", "_wrong", "right"), CASES, ids=IDS)
def test_what_only_looks_so_is_not_named_so(
    server: Server, cause: str, _rule: str, _wrong: Any, right: Behaviour
) -> None:
    assert cause not in named(server, right).values()


@pytest.mark.parametrize(("cause", "rule", "wrong", "_right"), CASES, ids=IDS)
def test_a_recording_tells_the_same_cause(
    server: Server, tmp_path: Path, cause: str, rule: str, wrong: Behaviour, _right: Any
) -> None:
    server.answer = wrong
    report, replayed = recorded_and_replayed(server.url, tmp_path / "run.har")
    assert causes_of(report)[rule] == cause
    assert causes_of(replayed)[rule] == cause
