"""Bodies that lie about their encoding, and bodies that are traps for parsers."""

import base64
import gzip
import json
import zlib
from typing import Any

import pytest

PAGE = b'{"list":[{"uid":"a","msg":"b"}],"next":""}'
BROTLI = base64.b64decode("iwGAeyJ4IjoxfQM=")


def raw_deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(content) + stream.flush()


def page(rows: str, then: str = '""', extra: str = "") -> str:
    return f'{{"list":{rows},"next":{then}{extra}}}'


def one_row(msg: str, then: str = '""', extra: str = "") -> str:
    return page(f'[{{"uid":"a","msg":"{msg}"}}]', then, extra)


DECODED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "GZIP": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    " deflate ": raw_deflate(PAGE),
    "identity": PAGE,
    "gzip, gzip": gzip.compress(gzip.compress(PAGE)),
    "deflate, gzip": gzip.compress(zlib.compress(PAGE)),
    "gzip, identity, deflate": zlib.compress(gzip.compress(PAGE)),
    "gzip,": gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:]),
}

UNDECODABLE: dict[str, tuple[str, bytes, str]] = {
    "plain text called gzip": ("gzip", PAGE, "incorrect header check"),
    "gzip called deflate": ("deflate", gzip.compress(PAGE), "is not deflate"),
    "gzip cut short": ("gzip", gzip.compress(PAGE)[:-9], "ends in the middle"),
    "gzip without its trailer": ("gzip", gzip.compress(PAGE)[:-8], "ends in the middle"),
    "gzip cut in its header": ("gzip", gzip.compress(PAGE)[:5], "ends in the middle"),
    "a wrong checksum": (
        "gzip",
        gzip.compress(PAGE)[:-8] + b"\0\0\0\0" + gzip.compress(PAGE)[-4:],
        "incorrect data check",
    ),
    "words after the gzip": ("gzip", gzip.compress(PAGE) + b"<!-- 3 ms -->", "header check"),
    "a line feed after the gzip": ("gzip", gzip.compress(PAGE) + b"\n", "ends in the middle"),
    "deflate cut short": ("deflate", zlib.compress(PAGE)[:-5], "ends in the middle"),
    "br": ("br", BROTLI, "'br', though only gzip was accepted"),
    "br within gzip": ("br, gzip", gzip.compress(BROTLI), "'br'"),
    "a chain in the wrong order": ("gzip, deflate", gzip.compress(zlib.compress(PAGE)), "deflate"),
    "one layer too few": ("gzip, gzip", gzip.compress(PAGE), "is not gzip"),
    "a chain without end": (", ".join(["gzip"] * 999), gzip.compress(PAGE), "999 times over"),
    "a made-up encoding": ("rot13\x1b[31m", PAGE, "only gzip was accepted"),
    "empty pieces without end": ("gzip", gzip.compress(b"") * 700_000, "more than 200 pieces"),
}

TRAPS: dict[str, tuple[str | bytes, set[str], str]] = {
    "200 KB of brackets": ("[" * 200_000, {"JSON008"}, "levels"),
    "200 KB of objects": ('{"a":' * 40_000, {"JSON008"}, "levels"),
    "brackets that close": ("[" * 100_000 + "]" * 100_000, {"JSON008"}, "levels"),
    "8 MB of brackets": ("[" * 8_000_000, {"JSON008"}, "levels"),
    "depth in a row that is not looked at": (
        one_row("b", extra=',"x":' + "[" * 70 + "]" * 70),
        {"JSON008"},
        "71 levels; the limit",
    ),
    "a number of 5,000 digits": (page("[]", "9" * 5_000), {"JSON006"}, "5000 characters"),
    "a number of 5 million digits": (page("[]", "9" * 5_000_000), {"JSON006"}, "characters"),
    "1e999": (page("[]", "1e999"), {"JSON006"}, "Infinity"),
    "-1e999 in a row": (one_row("b", extra=',"x":-1e999'), {"JSON006"}, "Infinity"),
    "NaN": (page("[]", "NaN"), {"JSON006"}, "NaN"),
    "a number of 300 digits": (one_row("b", extra=f',"x":{"9" * 300}'), set(), ""),
    "a long fraction": (one_row("b", extra=f',"x":0.{"1" * 100_000}'), set(), ""),
    "quotes, each behind a backslash": ('["' + '\\"' * 500_000 + "\\", {"JSON001"}, "ends"),
    "a string without end": ('{"list":[{"uid":"' + "a" * 500_000, {"JSON001"}, "ends"),
    "a name twice among 40,000": (
        "{" + ",".join(f'"m{n}":1' for n in range(40_000)) + ',"m39999":2,"list":[],"next":""}',
        {"JSON005"},
        "two members of one name",
    ),
    "comments of HTML": ("<!---->" * 500 + "x", {"JSON001"}, ""),
    "blanks and a letter": (" " * 500_000 + "x", {"JSON001"}, ""),
    "commas": ("[" + "," * 500_000, {"JSON001"}, ""),
    "a lone surrogate": (one_row("\\ud800"), {"JSON007"}, "surrogate"),
    "surrogates in names": (page("[]", extra=',"\\udfff":1'), {"JSON007"}, "surrogate"),
    "NUL and its friends": (one_row("\\u0000\\u001b[31m\\u0085"), set(), "control"),
    "a raw NUL": (one_row("\0"), {"JSON001"}, "control character"),
    "invalid UTF-8": (PAGE.replace(b"b", b"\xff\xfe\x80"), {"JSON002"}, "not valid UTF-8"),
    "half a character": (PAGE.replace(b'"b"', b'"\xe2\x82"'), {"JSON002"}, "not valid UTF-8"),
    "an overlong slash": (PAGE.replace(b'"b"', b'"\xc0\xaf"'), {"JSON002"}, "not valid UTF-8"),
    "5 MB in no encoding": (
        b'["' + b"\xe9" * 5_000_000,
        {"JSON001", "JSON002"},
        "not valid UTF-8",
    ),
    "JSON in JSON in JSON": (json.dumps(json.dumps(PAGE.decode())), {"JSON004"}, ""),
    "JSON in too many JSONs": (
        json.dumps(json.dumps(json.dumps(json.dumps(json.dumps([]))))),
        {"JSON004", "PAGE001"},
        "",
    ),
    "a string of quotes": ('"' + '\\"' * 100_000 + '"', {"PAGE001"}, ""),
    "names of the language": (
        '{"__class__":1,"constructor":2,"__proto__":{"x":1},"list":[],"next":""}',
        set(),
        "",
    ),
    "next within rows": (page('[{"next":"x","list":[],"uid":"a","msg":"b"}]'), set(), ""),
}

# each is a beginning that a careless pattern would follow to the text's end
BAITS = ["<a x=", '<a x="', "<a x='", "{{ a", "${ a", "%(a", "&#1", "at ", "Hi ", "Ã", "â€", "<!--"]


@pytest.mark.parametrize("encoding", DECODED)
def test_an_encoding_is_undone(serve: Any, examine: Any, encoding: str) -> None:
    body = DECODED[encoding]
    server = serve(lambda line: line.reply(body, f"Content-Encoding: {encoding}"))
    outcome = examine(server)
    assert outcome.rules == set()
    assert outcome.report.crawl.rows == 1
    assert outcome.report.crawl.bytes == len(body)


@pytest.mark.parametrize("name", UNDECODABLE)
def test_what_does_not_decode_is_told(serve: Any, examine: Any, name: str) -> None:
    encoding, body, words = UNDECODABLE[name]
    server = serve(lambda line: line.reply(body, f"Content-Encoding: {encoding}"))
    outcome = examine(server)
    assert outcome.errors == {"NET008"}
    assert words in outcome.says
    assert "\x1b" not in outcome.text + outcome.json


def test_an_empty_body_needs_no_decoding(serve: Any, examine: Any) -> None:
    outcome = examine(serve(lambda line: line.reply(b"", "Content-Encoding: gzip")))
    assert outcome.errors == set()
    assert outcome.report.crawl.ended_by == "empty-response"


def test_an_error_page_that_does_not_decode_is_the_error_that_it_is(
    serve: Any, examine: Any
) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    server = serve(lambda line: line.reply(bomb, "Content-Encoding: gzip", status="500 Oops"))
    assert examine(server).errors == {"HTTP007"}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_for_parsers_is_named(serve: Any, examine: Any, name: str) -> None:
    body, errors, words = TRAPS[name]
    outcome = examine(serve(lambda line: line.reply(body)))
    assert outcome.errors - {"PAGE002", "PAGE005"} == errors
    assert words in outcome.says
    assert len(outcome.json) < 100_000


@pytest.mark.parametrize("bait", BAITS)
def test_no_text_makes_a_pattern_search_without_end(serve: Any, examine: Any, bait: str) -> None:
    text = bait * (400_000 // len(bait))
    server = serve(
        lambda line: line.reply(json.dumps({"list": [{"uid": "a", "msg": text}], "next": ""}))
    )
    assert examine(server, headers={"X-Key": f"{bait!a}" * 4}).errors == set()


@pytest.mark.parametrize("bait", [*BAITS, "goroutine 1 [", ".rb:1:in `", "Server Error in '"])
def test_no_error_page_makes_a_pattern_search_without_end(
    serve: Any, examine: Any, bait: str
) -> None:
    text = bait * (200_000 // len(bait))
    server = serve(lambda line: line.reply(text, status="500 Oops", kind="text/html"))
    assert examine(server, headers={"X-Key": f"{bait!a}" * 4}).errors == {"HTTP007"}


@pytest.mark.parametrize("unit", ["\\", "%25", "&amp;", "%", "&#0", "\\u{0", "kkkk", "\\\\u006b"])
def test_no_text_makes_the_search_for_secrets_long(serve: Any, examine: Any, unit: str) -> None:
    text = unit * (15_000 // len(unit))
    body = json.dumps({"list": [{"uid": text, "msg": 1, text: text}], "next": f"{text}%20"})
    server = serve(lambda line: line.reply(body, status="200 " + text))
    outcome = examine(server, headers={"X-Key": "k" * 100 + "&\\\\%25"}, max_pages=1)
    assert "ROW006" in outcome.errors


def test_a_token_of_5_mb_makes_no_report_of_5_mb(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.target == "/recipients":
            line.page(then="t" * 5_000_000)
        else:
            line.reply("", status="414 URI Too Long")
            line.close()

    outcome = examine(serve(script), timeout=30)
    assert outcome.errors == {"HTTP005"} or outcome.errors <= {"NET002", "NET005"}
    assert "NEXT015" in outcome.rules
    assert len(outcome.json) + len(outcome.text) < 100_000
