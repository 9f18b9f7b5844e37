"""Content-Encoding: undone within the limit, or refused; never read as whole when cut."""

import contextlib
import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.transport.content_encoding import BadEncodingError, TooLargeError, decode_content

LIMIT = 10_000
TEXT = b'{"list": [], "next": ""}'


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # the same each time: pytest names the tests by it


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("body", "encoding", "plain"),
    [
        (TEXT, "", TEXT),
        (TEXT, "identity", TEXT),
        (TEXT, " , identity,", TEXT),
        (gzipped(TEXT), "gzip", TEXT),
        (gzipped(TEXT), " GZip ", TEXT),
        (gzipped(TEXT), "x-gzip", TEXT),
        (gzipped(TEXT) + gzipped(TEXT), "gzip", TEXT + TEXT),
        (gzipped(b""), "gzip", b""),
        (b"", "gzip", b""),
        (b"", "br", b""),
        (zlib.compress(TEXT), "deflate", TEXT),
        (raw_deflate(TEXT), "deflate", TEXT),
        (gzipped(zlib.compress(TEXT)), "deflate, gzip", TEXT),
        (gzipped(gzipped(gzipped(TEXT))), "gzip,gzip,gzip", TEXT),
        (gzipped(TEXT), "identity, gzip, identity, identity", TEXT),
    ],
)
def test_an_encoding_is_undone(body: bytes, encoding: str, plain: bytes) -> None:
    assert decode_content(body, encoding, LIMIT) == plain


@pytest.mark.parametrize(
    ("body", "encoding", "says"),
    [
        (TEXT, "gzip", "is not gzip: incorrect header check"),
        (TEXT, "deflate", "is not deflate"),
        (TEXT, "br", "is encoded as 'br', though only gzip was accepted"),
        (TEXT, "zstd", "'zstd'"),
        (TEXT, "gzip, br", "'br'"),
        (gzipped(TEXT), "gzip, gzip", "is not gzip"),
        (gzipped(TEXT)[:-1], "gzip", "is gzip that ends in the middle"),
        (gzipped(TEXT)[:-8], "gzip", "is gzip that ends in the middle"),
        (gzipped(TEXT)[:5], "gzip", "is gzip that ends in the middle"),
        (gzipped(TEXT) + b"tail", "gzip", "is not gzip"),
        (zlib.compress(TEXT)[:-1], "deflate", "is deflate that ends in the middle"),
        (gzipped(TEXT)[:-5] + b"xxxxx", "gzip", "is not gzip: incorrect data check"),
        (TEXT, "gzip,gzip,gzip,gzip", "is encoded 4 times over"),
    ],
)
def test_what_is_not_as_it_says_is_refused(body: bytes, encoding: str, says: str) -> None:
    with pytest.raises(BadEncodingError) as raised:
        decode_content(body, encoding, LIMIT)
    assert says in str(raised.value)


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
@pytest.mark.parametrize(("size", "fits"), [(LIMIT, True), (LIMIT + 1, False), (10**7, False)])
def test_the_limit_holds(encoding: str, size: int, fits: bool) -> None:
    plain = b"a" * size
    body = {"": plain, "gzip": gzip.compress(plain), "deflate": zlib.compress(plain)}[encoding]
    if fits:
        assert decode_content(body, encoding, LIMIT) == plain
    else:
        with pytest.raises(TooLargeError):
            decode_content(body, encoding, LIMIT)


def test_many_small_streams_are_one_body_within_the_limit() -> None:
    streams = gzip.compress(b"a" * 100)
    assert decode_content(streams * 100, "gzip", LIMIT) == b"a" * LIMIT
    with pytest.raises(TooLargeError):
        decode_content(streams * 101, "gzip", LIMIT)


def test_a_bomb_within_a_bomb_is_refused() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 10**7))
    with pytest.raises(TooLargeError):
        decode_content(bomb, "gzip, gzip", LIMIT)


@given(st.binary(), st.lists(st.sampled_from(["gzip", "deflate", "identity"]), max_size=3))
def test_any_bytes_encoded_come_back(plain: bytes, layers: list[str]) -> None:
    body = plain
    for layer in layers:
        body = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}[layer](body)
    assert decode_content(body, ", ".join(layers), LIMIT) == plain


@given(st.binary(min_size=1), st.data())
def test_a_gzip_stream_cut_anywhere_is_told(plain: bytes, data: st.DataObject) -> None:
    body = gzip.compress(plain)
    with pytest.raises(BadEncodingError):
        decode_content(body[: data.draw(st.integers(1, len(body) - 1))], "gzip", LIMIT)


@given(st.binary(), st.text(max_size=10) | st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_any_bytes_are_decoded_or_refused(body: bytes, encoding: str) -> None:
    with contextlib.suppress(BadEncodingError, TooLargeError):
        assert len(decode_content(body, encoding, LIMIT)) <= LIMIT


@given(st.binary(), st.randoms(use_true_random=False))
def test_raw_deflate_is_told_from_zlib(plain: bytes, chance: random.Random) -> None:
    packer = zlib.compressobj(chance.choice([0, 1, 6, 9]), wbits=-15)
    body = packer.compress(plain) + packer.flush()
    wrapped = body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0
    if not wrapped:
        assert decode_content(body, "deflate", LIMIT) == plain
