"""From the bytes of a body to a JSON value and what is odd about it. Pure; raises nothing.

The fast path is one pass of a strict parser. Only a body that it refuses, or that may name a
member twice, takes the slow path, which names the fault and reads on wherever that is safe, so
that one fault doesn't hide the next.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from checker.core.model import ABSENT, ParseDefect
from checker.parsing.columns import Columns, columns_of
from checker.parsing.streamed_body import is_dense, read_dense
from checker.signatures.encodings import (
    compression_of,
    cut_characters,
    encoding_that_it_looks_like,
)
from checker.signatures.json_syntax import cause_of_syntax_error

__all__ = [
    "DEPTH_LIMIT",
    "NO_NUMBER",
    "Decoded",
    "cut_inside_a_character",
    "decode",
]

DEPTH_LIMIT = 64
"""Levels of nesting that are read, the root being the first (contract, JSON008)."""

NO_NUMBER = float("0.5")
"""Stands, by its identity, for a number that JSON does not have."""

_UNWRAP_LIMIT = 3
_CUT = "unexpected end of data"  # Python's words
_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`value` is ABSENT when nothing could be read; `row_count` is set when rows were left out,
    `columns` when the rows were looked through anyway.
    """

    value: Any
    defects: tuple[ParseDefect, ...] = ()
    row_count: int | None = None
    columns: Columns | None = None


def decode(body: bytes, sent_bytes: int | None = None) -> Decoded:
    """The body's JSON value. `sent_bytes` is the Content-Length, which helps to explain a cut."""
    if is_dense(body):
        return _decode_dense(body)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = ABSENT
    if value is ABSENT:  # out of the handler: the error holds a copy of the body
        return _Slow(sent_bytes).decode(body)
    columns = columns_of(value.get("list")) if isinstance(value, dict) else None
    if columns is not None and _surely_plain(body, value, bare=columns.bare):
        return Decoded(value, columns=columns)
    del value, columns  # of a large body they would stand beside what is read anew
    return _Slow(sent_bytes, strictly_parsed=True).decode(body)


def _surely_plain(body: bytes, value: dict[str, Any], *, bare: bool) -> bool:
    """Whether a body that parsed surely has no member twice, and nothing deep or inexact in it.

    A second member of the same name needs quotes of its own. Where there are members that are none
    of ours the value is written out again: it is as long as its body only if nothing was dropped,
    no member, and neither blanks nor needless escapes.
    """
    if not _is_flat(value.values(), but="list", of=value):
        return False
    if bare and value.keys() == {"list", "next"} and _quotes_match(body, value):
        return True
    flat = bare or all(_is_flat(row.values()) for row in value["list"])
    return flat and len(orjson.dumps(value)) == len(body)


def _is_flat(members: Iterable[Any], but: str = "", of: dict[str, Any] | None = None) -> bool:
    """Whether all members, but one of that name, are of a kind with one spelling and no depth."""
    spared = of.get(but) if of is not None else ABSENT
    return all(
        member is spared or member is None or member.__class__ in (str, bool, int)
        for member in members
    )


def _quotes_match(body: bytes, value: dict[str, Any]) -> bool:
    """Whether the body has as many quotes as a page of only uid, msg, list and next needs."""
    expected = 8 * len(value["list"]) + (6 if isinstance(value.get("next"), str) else 4)
    quotes = body.count(ord('"'))
    if b"\\" in body:
        if rb"\\" in body:
            return False  # an escaped backslash would make the next count unsure
        quotes -= body.count(rb"\"")
    return quotes == expected


def _decode_dense(body: bytes) -> Decoded:
    dense, defects = read_dense(body, DEPTH_LIMIT), tuple[ParseDefect, ...]()
    if dense is None:
        text, defects = _Slow(None, dense=True).read_text(body)
        dense = read_dense(text.encode(), DEPTH_LIMIT) if defects else None
    if dense is None:
        return Decoded(ABSENT, (*defects, ParseDefect(rule="JSON001", note="the body is not JSON")))
    if dense.depth > DEPTH_LIMIT:
        return Decoded(ABSENT, (*defects, _too_deep(dense.depth)))
    return Decoded(dense.value, defects, row_count=dense.row_count)


def _too_deep(depth: int) -> ParseDefect:
    return ParseDefect(rule="JSON008", note=f"{depth} levels; the limit is {DEPTH_LIMIT}")


class _Slow:
    """One body, read step by step; each step notes what it had to forgive."""

    def __init__(
        self, sent_bytes: int | None, *, strictly_parsed: bool = False, dense: bool = False
    ) -> None:
        """A `dense` body must not be parsed as a whole, not even to see where it was cut."""
        self._sent_bytes = sent_bytes
        self._dense = dense
        self._may_hold_surrogates = not strictly_parsed
        self._defects: list[ParseDefect] = []
        self._seen: set[str] = set()

    def decode(self, body: bytes) -> Decoded:
        compression = compression_of(body)
        if compression is not None:
            note = f"the body is {compression} data, which no Content-Encoding header declares"
            return Decoded(ABSENT, (ParseDefect(rule="JSON001", note=note),))
        value: Any = self._parse(self._text(body), len(body))
        for _ in range(_UNWRAP_LIMIT):
            if not (isinstance(value, str) and value.strip()[:1] in ("{", "[", '"')):
                break
            inner = self._parse_inner(value)
            if inner is ABSENT:
                break
            self._note(
                ParseDefect(
                    rule="JSON004",
                    note="the JSON is inside a JSON string, as after calling json.dumps twice",
                )
            )
            self._may_hold_surrogates = True
            value = inner
        if self._may_hold_surrogates and value is not ABSENT:
            value = self._without_surrogates(value)
        return Decoded(value, tuple(self._defects))

    def read_text(self, body: bytes) -> tuple[str, tuple[ParseDefect, ...]]:
        """The body as text, and what is wrong with its encoding."""
        return self._text(body), tuple(self._defects)

    def _note(self, defect: ParseDefect) -> None:
        """One of each rule, for one body: the first place is enough to find the cause."""
        if defect.rule not in self._seen:
            self._seen.add(defect.rule)
            self._defects.append(defect)

    def _text(self, body: bytes) -> str:
        if body.startswith(_BOM):
            self._note(
                ParseDefect(
                    rule="JSON003",
                    note="a UTF-8 byte order mark (EF BB BF), which Windows editors write",
                )
            )
            body = body[len(_BOM) :]
        wide = json.detect_encoding(body)
        if wide.startswith(("utf-16", "utf-32")):
            return self._foreign_text(body, 0, wide.upper().removesuffix("-BE"), wide)
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError as error:
            cut = error.reason == _CUT if self._dense else cut_inside_a_character(body, error)
            if cut:
                return body[: error.start].decode("utf-8")
            if cut_characters(body) is not None:
                return self._without_broken_bytes(body, error.start)
            encoding, python_name = encoding_that_it_looks_like(body, error.start)
            return self._foreign_text(body, error.start, encoding, python_name)

    def _without_broken_bytes(self, body: bytes, offset: int) -> str:
        note = (
            f"byte {offset} (0x{body[offset]:02X}) is not valid UTF-8, and the text around it is: "
            "a character was cut in two"
        )
        self._note(ParseDefect(rule="JSON002", note=note))
        return body.decode("utf-8", errors="replace").replace("\ufffd", "?")

    def _foreign_text(self, body: bytes, offset: int, encoding: str, python_name: str) -> str:
        note = f"byte {offset} (0x{body[offset]:02X}) is not valid UTF-8; it looks like {encoding}"
        self._note(ParseDefect(rule="JSON002", note=note))
        text = body.decode(python_name, errors="replace").removeprefix("\ufeff")
        return text.replace("\ufffd", "?")

    def _parse(self, text: str, size: int) -> Any:
        depth = _depth(text)
        if depth > DEPTH_LIMIT:
            self._note(_too_deep(depth))
            return ABSENT
        try:
            return self._load(text)
        except json.JSONDecodeError as error:
            cut = self._sent_bytes == size
            cause = cause_of_syntax_error(text, error.pos, error.msg, at_content_length=cut)
            self._note(ParseDefect(rule="JSON001", note=cause, value=text))
            return ABSENT

    def _parse_inner(self, text: str) -> Any:
        if _depth(text) > DEPTH_LIMIT:
            return ABSENT
        try:
            return self._load(text)
        except json.JSONDecodeError:
            return ABSENT

    def _load(self, text: str) -> Any:
        return json.loads(
            text,
            object_pairs_hook=self._members,
            parse_constant=self._constant,
            parse_float=self._float,
            parse_int=self._int,
        )

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            names = Counter(name for name, _ in pairs)
            twice = next(name for name, count in names.items() if count > 1)
            self._note(ParseDefect(rule="JSON005", note=twice))
        return members

    def _constant(self, name: str) -> float:
        self._note(ParseDefect(rule="JSON006", note=name))
        return NO_NUMBER

    def _float(self, digits: str) -> float:
        number = float(digits)
        return self._overflow(digits) if math.isinf(number) else number

    def _int(self, digits: str) -> int | float:
        return self._overflow(digits) if math.isinf(float(digits)) else int(digits)

    def _overflow(self, digits: str) -> float:
        # RFC 8259, section 6: beyond the range of a double, parsers disagree or answer Infinity
        note = f"a number of {len(digits)} characters, which most parsers read as Infinity"
        self._note(ParseDefect(rule="JSON006", note=note))
        return NO_NUMBER

    def _without_surrogates(self, value: Any) -> Any:
        """The value with each half of a surrogate pair replaced, since no one can encode it."""
        if isinstance(value, str):
            if _SURROGATE.search(value) is None:
                return value
            note = "half of a surrogate pair"
            self._note(ParseDefect(rule="JSON007", note=note, value=value))
            return _SURROGATE.sub("?", value)
        if isinstance(value, list):
            return [self._without_surrogates(item) for item in value]
        if isinstance(value, dict):
            return {
                self._without_surrogates(name): self._without_surrogates(item)
                for name, item in value.items()
            }
        return value


def cut_inside_a_character(body: bytes, error: UnicodeDecodeError) -> bool:
    """Whether UTF-8 ends in the middle of a character, and so in the middle of its JSON: then the
    cut is the one cause, and the encoding is no fault.
    """
    return error.reason == _CUT and not _is_json(body[: error.start].decode("utf-8"))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def _depth(text: str) -> int:
    """The deepest level of nesting, strings left aside."""
    depth = deepest = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = text[match.start()]
        if first in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in "]}":
            depth -= 1
    return deepest
