"""Encodings of text that is not UTF-8, told by the bytes. Pure."""

import codecs
import re
import zlib
from typing import NamedTuple

__all__ = ["CutCharacters", "compression_of", "cut_characters", "encoding_that_it_looks_like"]


_KANA, _HANGUL, _HAN, _THAI = "\u3041-\u30ff", "\uac00-\ud7a3", "\u4e00-\u9fff", "\u0e01-\u0e5b"


_FAR_EASTERN = (
    ("Shift-JIS", "shift_jis", _KANA, 0.2),
    ("EUC-JP", "euc_jp", _KANA, 0.2),
    ("EUC-KR", "euc_kr", _HANGUL, 0.8),
    ("TIS-620 (Thai)", "tis_620", _THAI, 1.0),
    ("GBK", "gbk", _HAN, 0.8),
    ("Big5", "big5", _HAN, 0.8),
)
"""Name, Python's name, and which characters make up what share of the letters beyond ASCII."""


_STRAY_THAI_MARK = re.compile(
    "(?<![\u0e01-\u0e2e\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"
)


def encoding_that_it_looks_like(body: bytes, offset: int) -> tuple[str, str]:
    """The encoding's name for people, and for Python, of text that is not UTF-8 at `offset`.

    Runs of high bytes speak for an encoding of more than one byte a character, or of an alphabet
    of its own; single ones between ASCII letters for Latin-1 and its Windows form.
    """
    window = body[max(0, offset - 512) : offset + 2048]
    runs = re.findall(rb"[\x80-\xff]+", window)
    if runs and max(map(len, runs)) >= 4:
        sample = _sample(body, offset)
        for name, python_name, script, share in _FAR_EASTERN:
            if _reads_as(sample, python_name, script, share):
                return name, python_name
    if any(0x80 <= byte <= 0x9F for byte in window):
        return "Windows-1252", "cp1252"
    return "Latin-1 (ISO 8859-1)", "latin-1"


def _sample(body: bytes, offset: int) -> bytes:
    """Enough of the body to know its encoding by, from the beginning of a run of high bytes."""
    start = min(offset, len(body))
    while start > max(0, offset - 512) and body[start - 1] >= 0x80:
        start -= 1
    return body[start : start + 65536]


def _reads_as(sample: bytes, python_name: str, script: str, share: float) -> bool:
    try:
        text = codecs.getincrementaldecoder(python_name)().decode(sample)
    except UnicodeDecodeError:
        return False
    letters = "".join(char for char in text if not char.isascii() and char.isalpha())
    likely = len(re.findall(f"[{script}]", letters))
    return likely > 0 and likely >= share * len(letters) and not _STRAY_THAI_MARK.search(text)


_COMPRESSED = ((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_ZLIB_STARTS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def compression_of(body: bytes) -> str | None:
    """The name of the compression that a body still has: gzip, zstd or deflate; else None.

    By the first bytes (RFC 1952, 8878, 1950); Brotli has no mark by which to know it.
    """
    for start, name in _COMPRESSED:
        if body.startswith(start):
            return name
    if body.startswith(_ZLIB_STARTS):
        try:
            zlib.decompressobj().decompress(body[:4096], 64)
        except zlib.error:
            return None
        return "deflate"
    return None


class CutCharacters(NamedTuple):
    """UTF-8 with a few characters that are cut in two: how many, and how many are whole."""

    broken: int
    whole: int


_BROKEN_LIMIT = 100
_WHOLE_PER_BROKEN = 3
_AT_AN_END = re.compile(
    rb"[\xc2-\xf4][\x80-\xbf]{0,2}(?:\"|\\n|\.\.\.|\xe2\x80\xa6|\s)|[\"\s][\x80-\xbf]{1,3}"
)


def cut_characters(body: bytes) -> CutCharacters | None:
    """Whether a body is UTF-8 with characters that a substring by bytes cut in two.

    Text in another encoding has no whole UTF-8 characters, or hardly any, between its broken ones,
    and its letters stand anywhere, not at the ends of strings.
    """
    view, position, broken, whole = memoryview(body), 0, 0, 0
    while position < len(body):
        try:
            text = str(view[position:], "utf-8")
        except UnicodeDecodeError as error:
            text = str(view[position : position + error.start], "utf-8")
            broken += 1
            position += error.end
            if broken > _BROKEN_LIMIT:
                return None
        else:
            position = len(body)
        whole += len(text) - len(text.encode("ascii", "ignore"))
    if not broken or whole < _WHOLE_PER_BROKEN * broken or not _AT_AN_END.search(body):
        return None
    return CutCharacters(broken, whole)
