"""A quick look at a whole body for all that the rules on texts look for. Pure.

An ordinary page has none of it, and should not pay for the search. The bytes beyond ASCII are
folded into control characters, one for all bytes that play the same part in the patterns, since no
control character but white space stands in JSON. What is left is ASCII, which the search engine
reads where it is.
"""

import re
from collections.abc import Iterable, Iterator

from checker.prose import FIRST_OF_BROKEN, NOTHINGS, SECOND_OF_BROKEN
from checker.text_scan import TextScan

__all__ = ["is_plain"]


def _by_lead(chars: Iterable[str]) -> dict[int, frozenset[int]]:
    """The second bytes of the characters' UTF-8, by their first."""
    found: dict[int, set[int]] = {}
    for first, second, *_ in (char.encode() for char in chars):
        found.setdefault(first, set()).add(second)
    return {first: frozenset(seconds) for first, seconds in found.items()}


_C1 = _by_lead(map(chr, range(0x80, 0xA0)))
_REPLACEMENT = _by_lead("\ufffd")
_FIRST = _by_lead(FIRST_OF_BROKEN)
_SECOND = _by_lead(re.findall(f"[{SECOND_OF_BROKEN}]", "".join(map(chr, range(0x80, 0xD800)))))
_PARTS = list(
    dict.fromkeys(
        part
        for by_lead in (_C1, _REPLACEMENT, _FIRST, _SECOND)
        for lead, seconds in by_lead.items()
        for part in (frozenset({lead}), seconds)
    )
)
"""The sets of bytes of which the patterns speak."""

_CODES = [code for code in range(0x20) if chr(code) not in "\t\n\r"]


def _codes_by_byte() -> Iterator[tuple[int, int]]:
    roles: dict[tuple[bool, ...], int] = {}
    for byte in range(0x80, 0x100):
        role = tuple(byte in part for part in _PARTS)
        yield byte, roles.setdefault(role, _CODES[len(roles)])


_CODE_OF = dict(_codes_by_byte())
_FOLDING = bytes(_CODE_OF.get(byte, byte) for byte in range(0x100))


def _one_of(part: frozenset[int]) -> str:
    codes = sorted({_CODE_OF[byte] for byte in part})
    return "[" + "".join(f"\\x{code:02x}" for code in codes) + "]"


def _pattern(by_lead: dict[int, frozenset[int]]) -> str:
    pairs = [_one_of(frozenset({lead})) + _one_of(part) for lead, part in by_lead.items()]
    return f"(?:{'|'.join(pairs)})"


_BEYOND_ASCII = "".join(f"\\x{code:02x}" for code in sorted({*_CODE_OF.values()}))
_HINTS = [
    # escapes whose character is not seen here, DEL and C1 (ROW010), and U+FFFD (ROW015)
    TextScan(rf"\\[bfu]|\x7f|{_pattern(_C1)}|{_pattern(_REPLACEMENT)}"),
    # UTF-8 read as Latin-1 (ROW015)
    TextScan(_pattern(_FIRST) + _pattern(_SECOND)),
    # of ROW017, tags and entities
    TextScan("<|&[#A-Za-z]"),
    # placeholders, and nothings before a mark, an escape or the end of the string (ROW016)
    TextScan(
        r"\{\{|\$\{|%\(|\[object"
        rf'|(?:{NOTHINGS})[ \t\r\n]*[,.!?:;)"\\{_BEYOND_ASCII}-]'
    ),
]


def is_plain(body: bytes) -> bool:
    """True only when no string of a valid body can break ROW010, ROW015, ROW016 or ROW017."""
    text = str(body if body.isascii() else body.translate(_FOLDING), "ascii")
    return not any(hint.hits(text) for hint in _HINTS)
