"""The likely cause behind a symptom, in the words of the customer's world."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.parsing.json_body import decode
from checker.signatures.debug_output import debug_output
from checker.signatures.encodings import encoding_that_it_looks_like
from checker.signatures.web_pages import kind_of_page

pytestmark = pytest.mark.pure

GOOD = '{"list": [], "next": ""}'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><h1>Hello</h1></html>", "an HTML page"),
        ('<form><input type="password"></form>', "a login page"),
        ("<form><input type=password></form>", "a login page"),
        ("<h1>Please log in</h1>", "a login page"),
        ("<a>Sign in</a>", "a login page"),
        ("<h1>Login</h1>", "a login page"),
        ("<title>Just a moment...</title>", "a block page of a firewall or CDN (a WAF)"),
        ("<h1>Access Denied</h1> Reference #18.2", "a block page of a firewall or CDN (a WAF)"),
        ("Attention Required! | Cloudflare, sign in", "a block page of a firewall or CDN (a WAF)"),
        ("<h1>Our blog in English</h1>", "an HTML page"),
        ("<h1>Designing assignments</h1>", "an HTML page"),
    ],
)
def test_an_html_page_is_called_what_it_is(text: str, kind: str) -> None:
    assert kind_of_page(text) == kind


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("<!DOCTYPE html><html>", "an HTML page in place of JSON (line 1, column 1)"),
        ("\n<!-- x -->\n<html>Sign in</html>", "a login page in place of JSON (line 2, column 1)"),
        ("<html>captcha</html>", "a block page of a firewall or CDN (a WAF) in place of JSON"),
        ("<br />\n<b>Warning</b>:  in x.php" + GOOD, "a PHP warning is printed before the JSON"),
        ("PHP Notice:  foo" + GOOD, "a PHP notice is printed before the JSON"),
        ("Fatal error: foo", "a PHP fatal error is printed before the JSON"),
        (GOOD + "<br />\n<b>Deprecated</b>: foo", "a PHP deprecated is printed after the JSON"),
        (GOOD + "\nNotice: foo", "a PHP notice is printed after the JSON"),
        (")]}'\n" + GOOD, "an anti-hijacking prefix comes before the JSON"),
        ("while(1);" + GOOD, "an anti-hijacking prefix"),
        ("for(;;);" + GOOD, "an anti-hijacking prefix"),
        ("callback(" + GOOD + ")", "JSONP: the JSON is wrapped in a function call"),
        ("/**/ jQuery.cb_1({});", "JSONP"),
        ('<?xml version="1.0"?><list/>', "XML in place of JSON"),
        ("<recipients></recipients>", "XML in place of JSON"),
        ("debug: here\n" + GOOD, "output before the JSON"),
        ("Internal error", "plain text, not JSON"),
        ("OK", "plain text, not JSON"),
        (GOOD + GOOD, "several JSON documents in one body (line 1, column 25)"),
        (GOOD + "\n" + GOOD, "several JSON documents in one body (line 2, column 1)"),
        (GOOD + "\n[]", "several JSON documents in one body"),
        (GOOD + "\n-- end", "output after the JSON"),
        ('{"list": [1,], "next": ""}', "a trailing comma"),
        ('{"list": [], "next": "",}', "a trailing comma"),
        ('{"list": [],\n "next": "" , }', "a trailing comma (line 2,"),
        ("{'list': [], 'next': ''}", "single quotes where JSON wants double ones"),
        ("['a']", "single quotes where JSON wants double ones"),
        ('{"list": [], "next": None}', "Python's True, False or None"),
        ('{"a": True}', "Python's True, False or None"),
        ('{"a": undefined}', "undefined is not a JSON value"),
        ('{"a": undefined, "b": 1}', "undefined is not a JSON value"),
        ('{"a": nan}', "nan is not a JSON value"),
        ('{"a": inf}', "inf is not a JSON value"),
        ('{"a": 1, // one\n "b": 2}', "a comment, which JSON does not have"),
        ('{"a": /* one */ 1}', "a comment, which JSON does not have"),
        ('{"a": "x\ny"}', "a raw line break or control character inside a string"),
        ('{"a": "x\x01y"}', "a raw line break or control character inside a string"),
        ('{"list": [', "it ends in the middle (line 1, column 11)"),
        ('{"list": [{"uid": "u', "it ends in the middle (line 1, column 21)"),
        ('{"list":\n[{"uid": "u', "it ends in the middle (line 2, column 12)"),
        ('{"list": []', "it ends in the middle"),
        ('{"list": [] "next": ""}', "expecting ',' delimiter at line 1, column 13"),
        ("{list: []}", "expecting property name enclosed in double quotes at line 1, column 2"),
    ],
)
def test_the_cause_of_a_syntax_error_is_named(body: str, cause: str) -> None:
    [defect] = decode(body.encode()).defects
    assert defect.rule == "JSON001"
    assert defect.note.startswith(cause)


@given(st.text())
def test_any_text_that_is_no_json_has_a_cause(text: str) -> None:
    for defect in decode(text.encode()).defects:
        assert defect.note


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Café", "latin-1", "Latin-1 (ISO 8859-1)"),
        ("“Café” – naïve", "cp1252", "Windows-1252"),
        ("5 €", "cp1252", "Windows-1252"),
        ("こんにちは、お元気ですか", "shift_jis", "Shift-JIS"),
        ("こんにちは、お元気ですか", "euc_jp", "EUC-JP"),
        ("안녕하세요 반갑습니다", "euc_kr", "EUC-KR"),
        ("您好，您的订单已经发货，预计三天内送达。感谢您的支持！", "gbk", "GBK"),
        ("สวัสดีครับ คุณสมหญิง สินค้าของคุณจัดส่งแล้ว", "tis_620", "TIS-620 (Thai)"),
        ("ขอบคุณที่ใช้บริการ", "cp874", "TIS-620 (Thai)"),
        ("คุณสมชาย ยอดค้างชำระ", "tis_620", "TIS-620 (Thai)"),
        ("お客様、ご注文の商品を発送しました。", "shift_jis", "Shift-JIS"),
    ],
)
def test_an_encoding_is_guessed(text: str, encoding: str, name: str) -> None:
    body = json.dumps({"msg": text}, ensure_ascii=False).encode(encoding)
    offset = next(at for at, byte in enumerate(body) if byte >= 0x80)
    found, python_name = encoding_that_it_looks_like(body, offset)
    assert found == name
    assert body.decode(python_name) == body.decode(encoding)
    assert "looks like " + found in decode(body).defects[0].note


@given(st.binary(), st.integers(0, 100))
def test_any_bytes_look_like_something(body: bytes, offset: int) -> None:
    name, python_name = encoding_that_it_looks_like(body, offset)
    assert name
    body.decode(python_name, errors="replace")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('Traceback (most recent call last):\n  File "app.py"', "a Python traceback"),
        ("<title>KeyError // Werkzeug Debugger</title>", "Werkzeug's debugger"),
        ("seen because you have <code>DEBUG = True</code> in", "Django's debug page"),
        ("Illuminate\\Database\\QueryException", "Laravel's debug page"),
        ("PHP Fatal error: x\nStack trace:\n#0 {main}", "a PHP stack trace"),
        ("<b>Fatal error</b>: Uncaught in /a.php on line 3", "a PHP stack trace"),
        ("Error: x\n    at handler (/srv/app.js:10:5)", "a Node stack trace"),
        ("Error: x\\n    at async run (node:internal/x:10:5)", "a Node stack trace"),
        ("at com.example.Main.run(Main.java:10)", "a Java stack trace"),
        ("at App.Page.Get(Int32 id) in C:\\src\\Page.cs:line 10", "a .NET stack trace"),
        ("goroutine 1 [running]:\nmain.main()", "a Go stack trace"),
        ("app/models/a.rb:10:in `find'", "a Ruby stack trace"),
        ("SQLSTATE[42S02]: Base table not found", "a database error"),
        ("ORA-00942: table or view does not exist", "a database error"),
        ('{"trace": "at run (/srv/app.js:1:2)"}', "a Node stack trace"),
        ('{"trace": "at run (\\/srv\\/app.js:1:2)"}', "a Node stack trace"),
        ("File &#x27;x&#x27; .rb:10:in &#39;find&#39;", "a Ruby stack trace"),
    ],
)
def test_the_inside_of_a_server_is_seen(body: str, shown: str) -> None:
    assert debug_output(body.encode()) == shown


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Not found",
        '{"error": "unauthorized"}',
        "<h1>404</h1>",
        "at noon (sharp)",
        "look at the file (10:30)",
        "Stack trace: none",
        "Debugging is fun",
        "line 10 of it",
        "Method Not Allowed",
        "A fatal error occurred",
        "goroutine",
        "at Example.com (since 1999)",
    ],
)
def test_a_plain_error_shows_no_inside(body: str) -> None:
    assert debug_output(body.encode()) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_through(body: bytes) -> None:
    debug_output(body)
