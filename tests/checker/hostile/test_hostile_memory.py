"""Pages that weigh: each is judged, rightly, in little memory, by the command itself."""

import gzip
import json
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

MEBIBYTE = 1024 * 1024
MEMORY_ALLOWED_BYTES = 256 * MEBIBYTE


def page(rows: str, then: str = '""', extra: str = "") -> str:
    return f'{{"list":{rows},"next":{then}{extra}}}'


def one_row(msg: str, then: str = '""', extra: str = "") -> str:
    return page(f'[{{"uid":"a","msg":"{msg}"}}]', then, extra)


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
            "[" + ",".join(f'{{"uid":"{n}","msg":"{"m" * 290}😀"}}' for n in range(49_000)) + "]"
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


@cache
def gzipped(layers: int) -> bytes:
    """A string of 300 MB, in so many layers."""
    if layers == 1:
        return gzip.compress(b'{"list":[],"next":"' + b" " * 300_000_000, 1)
    return gzip.compress(gzipped(layers - 1))


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzipped(1),
    "gzip, gzip": lambda: gzipped(2),
    "gzip, gzip, gzip": lambda: gzipped(3),
    "deflate": lambda: zlib.compress(b"[" * 300_000_000, 1),
}


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
def test_a_bomb_does_not_go_off(serve: Any, peak_memory: Any, healthy_peak: int, name: str) -> None:
    body = BOMBS[name]()
    server = serve(lambda line: line.reply(body, f"Content-Encoding: {name}"))
    done, peak = peak_memory(server, "--no-probes")
    assert done.errors == {"NET007"}
    assert peak - healthy_peak < MEMORY_ALLOWED_BYTES


def test_a_crawl_of_heavy_pages_keeps_none_of_them(
    serve: Any, peak_memory: Any, healthy_peak: int
) -> None:
    def script(line: Any) -> None:
        number = int(line.target.partition("next=")[2] or 1)
        line.reply(
            one_row(f"{number}" + "x" * 15_000_000, f'"{number + 1}"' if number < 8 else '""')
        )

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
    body = one_row("x" * 200_000).encode()
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
