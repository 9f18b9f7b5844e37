"""Bodies that lie about their encoding, bodies that are traps for parsers, and bodies that weigh."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

PAGE = b'{"list":[{"uid":"a","msg":"b"}],"next":""}'
MEBIBYTE = 1024 * 1024
MEMORY_ALLOWED_BYTES = 256 * MEBIBYTE
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
        "71 levels deep",
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
        "names a member twice",
    ),
    "comments of HTML": ("<!---->" * 500 + "x", {"JSON001"}, ""),
    "blanks and a letter": (" " * 500_000 + "x", {"JSON001"}, ""),
    "commas": ("[" + "," * 500_000, {"JSON001"}, ""),
    "a lone surrogate": (one_row("\\ud800"), {"JSON007"}, "surrogate"),
    "surrogates in names": (page("[]", extra=',"\\udfff":1'), {"JSON007"}, "surrogate"),
    "NUL and its friends": (one_row("\\u0000\\u001b[31m\\u0085"), set(), "control"),
    "a raw NUL": (one_row("\0"), {"JSON001"}, "control character"),
    "invalid UTF-8": (PAGE.replace(b"b", b"\xff\xfe\x80"), {"JSON002"}, "no UTF-8"),
    "half a character": (PAGE.replace(b'"b"', b'"\xe2\x82"'), {"JSON002"}, "no UTF-8"),
    "an overlong slash": (PAGE.replace(b'"b"', b'"\xc0\xaf"'), {"JSON002"}, "no UTF-8"),
    "5 MB in no encoding": (b'["' + b"\xe9" * 5_000_000, {"JSON001", "JSON002"}, "no UTF-8"),
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

HEAVY: dict[str, tuple[Callable[[], bytes | str], set[str]]] = {
    "one msg of 50 MB": (lambda: one_row("x" * 50_000_000), {"NET007"}),
    "one msg of 15 MB": (lambda: one_row("x" * 15 * MEBIBYTE), set()),
    "one msg of 15 MB and an emoji": (lambda: one_row("x" * 15 * MEBIBYTE + "😀"), set()),
    "the same beside a fraction": (
        lambda: one_row("x" * 15 * MEBIBYTE + "😀", extra=',"x":0.50'),
        set(),
    ),
    "the same and a comma": (lambda: one_row("x" * 15 * MEBIBYTE + "😀", extra=","), {"JSON001"}),
    "the same within a string": (
        lambda: json.dumps(one_row("x" * 14 * MEBIBYTE + "😀"), ensure_ascii=False),
        {"JSON004"},
    ),
    "a million short rows": (
        lambda: page("[" + ",".join(['{"uid":"1"}'] * 1_000_000) + "]"),
        {"PAGE004", "ROW005"},
    ),
    "a million longer rows": (
        lambda: page("[" + ",".join(['{"uid":"1","msg":"hello"}'] * 1_000_000) + "]"),
        {"NET007"},
    ),
    "5.5 million empty rows": (
        lambda: page("[" + ",".join(["{}"] * 5_500_000) + "]"),
        {"PAGE004", "ROW002", "ROW005"},
    ),
    "49,000 rows with an emoji each": (
        lambda: page(
            "["
            + ",".join(f'{{"uid":"{n}","msg":"{"m" * 290}😀"}}' for n in range(49_000))
            + "]"
        ),
        {"PAGE004"},
    ),
    "49,000 rows with two faults each": (
        lambda: page("[" + ",".join(['{"uid":1}'] * 49_000) + "]"),
        {"PAGE004", "ROW003", "ROW005"},
    ),
    "95,000 numbers for rows": (
        lambda: page("[" + ",".join(["1"] * 95_000) + "]"),
        {"PAGE004", "ROW001"},
    ),
    "95,000 members": (
        lambda: page("[]", extra="," + ",".join(f'"m{n}":1' for n in range(95_000))),
        set(),
    ),
    "a name of 15 MB": (lambda: page("[]", extra=f',"{"n" * 15 * MEBIBYTE}":1'), set()),
    "15 MB that look like Latin-1": (
        lambda: b'["' + b"\xe9" * 15 * MEBIBYTE,
        {"JSON001", "JSON002"},
    ),
    "15 MB of blanks": (lambda: " " * 15 * MEBIBYTE, set()),
    "15 MB of escaped surrogates": (lambda: one_row("\\ud800" * 2_500_000), {"JSON007"}),
}

BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: gzip.compress(b'{"list":[],"next":"' + b" " * 300_000_000, 1)),
    "gzip, gzip": (
        "gzip, gzip",
        lambda: gzip.compress(gzip.compress(b" " * 300_000_000, 9)),
    ),
    "gzip, gzip, gzip": (
        "gzip, gzip, gzip",
        lambda: gzip.compress(gzip.compress(gzip.compress(b" " * 300_000_000, 9))),
    ),
    "deflate": ("deflate", lambda: zlib.compress(b"[" * 300_000_000, 1)),
}


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
    outcome = examine(server, timeout=10)
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
    outcome = examine(serve(lambda line: line.reply(body)), timeout=10)
    assert outcome.errors - {"PAGE002", "PAGE005"} == errors
    assert words in outcome.says
    assert len(outcome.json) < 100_000


@pytest.mark.parametrize("bait", BAITS)
def test_no_text_makes_a_pattern_search_without_end(serve: Any, examine: Any, bait: str) -> None:
    text = bait * (400_000 // len(bait))
    server = serve(lambda line: line.reply(json.dumps({"list": [{"uid": "a", "msg": text}], "next": ""})))
    assert examine(server, timeout=10, headers={"X-Key": f"{bait!a}" * 4}).errors == set()


@pytest.mark.parametrize("bait", [*BAITS, "goroutine 1 [", ".rb:1:in `", "Server Error in '"])
def test_no_error_page_makes_a_pattern_search_without_end(
    serve: Any, examine: Any, bait: str
) -> None:
    text = bait * (200_000 // len(bait))
    server = serve(lambda line: line.reply(text, status="500 Oops", kind="text/html"))
    assert examine(server, timeout=10, headers={"X-Key": f"{bait!a}" * 4}).errors == {"HTTP007"}


@pytest.mark.parametrize("unit", ["\\", "%25", "&amp;", "%", "&#0", "\\u{0", "kkkk", "\\\\u006b"])
def test_no_text_makes_the_search_for_secrets_long(serve: Any, examine: Any, unit: str) -> None:
    text = unit * (15_000 // len(unit))
    body = json.dumps({"list": [{"uid": text, "msg": 1, text: text}], "next": f"{text}%20"})
    server = serve(lambda line: line.reply(body, status="200 " + text))
    outcome = examine(server, headers={"X-Key": "k" * 100 + "&\\\\%25"}, max_pages=1)
    assert "ROW006" in outcome.errors


def test_a_token_of_15_mb_makes_no_report_of_15_mb(serve: Any, examine: Any) -> None:
    def script(line: Any) -> None:
        if line.target == "/recipients":
            line.page(then="t" * 15_000_000)
        else:
            line.reply("", status="414 URI Too Long")
            line.close()

    outcome = examine(serve(script), timeout=30)
    assert outcome.errors == {"HTTP005"} or outcome.errors <= {"NET002", "NET005"}
    assert "NEXT015" in outcome.rules
    assert len(outcome.json) + len(outcome.text) < 100_000


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_page_is_judged_in_little_memory(
    serve: Any, peak_memory: Any, healthy_peak: int, name: str
) -> None:
    make, errors = HEAVY[name]
    body = make()
    done, peak = peak_memory(serve(lambda line: line.reply(body)), "--no-probes")
    assert done.errors == errors
    assert peak - healthy_peak < MEMORY_ALLOWED_BYTES
    assert len(done.out) < 100_000


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(
    serve: Any, peak_memory: Any, healthy_peak: int, name: str
) -> None:
    encoding, make = BOMBS[name]
    body = make()
    server = serve(lambda line: line.reply(body, f"Content-Encoding: {encoding}"))
    done, peak = peak_memory(server, "--no-probes")
    assert done.errors == {"NET007"}
    assert peak - healthy_peak < MEMORY_ALLOWED_BYTES


def test_a_crawl_of_heavy_pages_keeps_none_of_them(
    serve: Any, peak_memory: Any, healthy_peak: int
) -> None:
    def script(line: Any) -> None:
        number = int(line.target.partition("next=")[2] or 1)
        line.reply(one_row(f"{number}" + "x" * 15_000_000, f'"{number + 1}"' if number < 8 else '""'))

    done, peak = peak_memory(serve(script), "--no-probes")
    assert done.errors == set()
    assert json.loads(done.out)["crawl"]["rows"] == 8
    assert peak - healthy_peak < MEMORY_ALLOWED_BYTES


def test_the_probes_of_a_heavy_page_take_little_memory(
    serve: Any, peak_memory: Any, healthy_peak: int
) -> None:
    body = one_row("x" * 15 * MEBIBYTE + "😀", extra=',"x":0.50')

    def script(line: Any) -> None:
        line.reply(body, status="200 OK" if line.method == "GET" else "405 No")

    done, peak = peak_memory(serve(script))
    assert done.errors == set()
    assert peak - healthy_peak < MEMORY_ALLOWED_BYTES


def test_chunks_of_two_bytes_take_no_more_memory_than_their_sum(
    serve: Any, peak_memory: Any, healthy_peak: int
) -> None:
    body = one_row("x" * 400_000).encode()
    chunks = b"".join(b"2\r\n%s\r\n" % body[n : n + 2] for n in range(0, len(body) - 1, 2))
    rest = b"%x\r\n%s\r\n" % (len(body) % 2, body[-1:]) if len(body) % 2 else b""
    done, peak = peak_memory(serve(lambda line: line.chunks(chunks, rest, b"0\r\n\r\n")))
    assert done.errors <= {"HTTP002"}
    assert peak - healthy_peak < 16 * MEBIBYTE


def test_cookies_by_the_kilobyte_are_never_sent_back_and_fill_nothing(
    serve: Any, peak_memory: Any, healthy_peak: int
) -> None:
    def script(line: Any) -> None:
        number = int(line.target.partition("next=")[2] or 1)
        cookies = [f"Set-Cookie: c{n}=v{number}-{n}-{'x' * 900}" for n in range(60)]
        extra = f',"session":"v{number}-7-{"x" * 900}"'
        row = f'[{{"uid":"u{number}","msg":"m"{extra}}}]'
        line.reply(page(row, f'"{number + 1}"' if number < 60 else '""', extra), *cookies)

    server = serve(script)
    done, peak = peak_memory(server, "--no-probes", "--show-data")
    assert done.errors == set()
    assert json.loads(done.out)["crawl"]["pages"] == 60
    assert [line.header("Cookie") for line in server.requests] == [None] * 60
    assert "xxxx" not in done.out
    assert peak - healthy_peak < 64 * MEBIBYTE
