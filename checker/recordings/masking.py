"""Masks customers' data in a body, on the level of its text, so that its faults stay. Pure.

Nothing is parsed and written anew: of a JSON text only the strings and numbers are replaced, each
in its place, with as many bytes and the same escapes. Duplicate members, trailing commas, a byte
order mark, a foreign encoding, double encoding and a cut stay what they are. `next` stays, and so
do the names of members unless they look like data. Of a body that is no JSON the words that tell
its kind stay (`prose_words.py`).
"""

import base64
import codecs
import gzip
import json
import re
import zlib
from collections.abc import Callable

from checker.parsing.json_body import cut_inside_a_character
from checker.recordings.error_page_words import TELLING_WORDS
from checker.recordings.pseudonyms import Pseudonyms
from checker.signatures.debug_output import debug_output
from checker.signatures.encodings import (
    compression_of,
    cut_characters,
    encoding_that_it_looks_like,
)
from checker.signatures.web_pages import block_page

__all__ = ["Masker"]

_TOKEN = re.compile(
    r'"(?P<string>[^"\\]*(?:\\.[^"\\]*)*\\?)(?:"|\Z)'
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?!\w)"
    r"|(?P<tag></?[A-Za-z][\w:-]*)"
    r"|(?P<word>NaN|-?Infinity|true|false|null|\w+)"
    r"|(?P<mark>[{}\[\]:,])",
    re.DOTALL,
)
_PROSE_TOKEN = re.compile(
    r'\\(?:u[0-9a-fA-F]{4}|.)|&#?\w+;|</?[A-Za-z][\w:-]*|"[A-Za-z_]\w{0,30}"(?=\s*:)|(?P<word>\w+)',
    re.DOTALL,
)
_PIECE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
_COLON = re.compile(r"\s*:")
_JSON_LIKE = re.compile(
    r'[\ufeff\s]*(?:["\[{\d-]|true|false|null|NaN|Infinity)|.*?[\[{]\s*["\'{\[\]}]', re.DOTALL
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = re.compile(r"[@$]?[A-Za-z_][A-Za-z_.:-]{0,30}\d{0,2}|\d{1,3}")
_CONTRACTS_NAMES = frozenset({"list", "next", "uid", "msg"})
_LITERALS = frozenset(
    {
        "true",
        "false",
        "null",
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "True",
        "False",
        "None",
        "nan",
        "inf",
    }
)
_BASE64 = re.compile(
    rb"(?P<before>\s*)(?P<quote>\"?)(?P<text>[A-Za-z0-9+/]{16,}={0,2})(?P=quote)\s*"
)
_EITHER_FORMAT = 47  # zlib's word for gzip or zlib, whichever it is
_UNPACKED_BYTES = 16 * 1024 * 1024
_LOOKED_AT = 65_536
_LONGEST_NUMBER = 40
_SHORT_NUMBER = 2
_LEVELS = 4
_LONGEST_CHARACTER = 4  # bytes in UTF-8: RFC 3629, section 3
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Masker:
    """Masks bodies: of secrets always, of customers' data unless there are no pseudonyms."""

    def __init__(self, pseudonyms: Pseudonyms | None, redact: Callable[[str], str]) -> None:
        self._pseudonyms = pseudonyms
        self._redact = redact

    def body(self, body: bytes, *, is_page: bool) -> bytes | None:
        """The body masked; None when it cannot be done without spoiling it. `is_page` tells a
        body that the rules read from one that only explains an error.
        """
        if not body.strip():
            return body
        packed = _unpacked(body)
        if packed is not None:
            inner = self.body(packed[0], is_page=is_page)
            return None if inner is None else packed[1](inner)
        encoding = _encoding_of(body)
        try:
            text = body.decode(encoding, "surrogateescape")
            masked = self._text(text, encoding, is_json=is_page and _looks_like_json(body, text))
            found = masked.encode(encoding, "surrogateescape")
        except UnicodeError:
            return None
        if encoding == "utf-8" or _encoding_of(found) != "utf-8":
            return found
        return _with_the_end_of(body, found)

    def _text(self, text: str, encoding: str, *, is_json: bool) -> str:
        if is_json:
            return _JsonText(self._pseudonyms, self._redact, encoding).mask(text, level=0)
        text = self._redact(text)
        if self._pseudonyms is None:
            return text
        masked = _mask_prose(text, self._pseudonyms, encoding, gently=False)
        return (
            masked
            if _tells_as_much(text, masked)
            else _mask_prose(text, self._pseudonyms, encoding, gently=True)
        )


def _unpacked(body: bytes) -> tuple[bytes, Callable[[bytes], bytes]] | None:
    """What a compressed body or one in base64 holds, and how to pack it again; else None."""
    packers = {"gzip": lambda text: gzip.compress(text, mtime=0), "deflate": zlib.compress}
    packer = packers.get(compression_of(body) or "")
    if packer is not None:
        try:
            inner = zlib.decompressobj(_EITHER_FORMAT).decompress(body, _UNPACKED_BYTES)
        except zlib.error:
            return None
        return (inner, packer) if inner else None
    if found := _BASE64.fullmatch(body):
        before, quote, text = found["before"], found["quote"], found["text"]
        try:
            inner = base64.b64decode(text, validate=True)
        except ValueError:
            return None

        def pack(masked: bytes) -> bytes:
            return before + quote + base64.b64encode(masked) + quote

        return (inner, pack) if inner.lstrip()[:1] in (b"{", b"[") else None
    return None


def _encoding_of(body: bytes) -> str:
    """As the decoder reads it (checker/parsing/json_body.py)."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return encoding
    wide = json.detect_encoding(body.removeprefix(codecs.BOM_UTF8))
    if wide.startswith(("utf-16", "utf-32")):
        return wide
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if cut_inside_a_character(body, error):
            return "utf-8"
        if cut_characters(body) is not None:
            return "utf-8"
        return encoding_that_it_looks_like(body, error.start)[1]
    return "utf-8"


def _with_the_end_of(body: bytes, found: bytes) -> bytes | None:
    """Other letters at the end may read as UTF-8 that is cut off, where the body's own did not."""
    end = min(_LONGEST_CHARACTER, len(body))
    found = found[:-end] + body[-end:]
    return None if _encoding_of(found) == "utf-8" else found


def _looks_like_json(body: bytes, text: str) -> bool:
    return block_page(body) is None and _JSON_LIKE.match(text[:_LOOKED_AT]) is not None


def _tells_as_much(text: str, masked: str) -> bool:
    before, after = (item.encode("utf-8", "replace") for item in (text, masked))
    return debug_output(before) == debug_output(after) and block_page(before) == block_page(after)


def _mask_prose(text: str, pseudonyms: Pseudonyms, encoding: str, *, gently: bool) -> str:
    """Text that is no JSON: the words that tell what it is stay, and so do tags. `gently` leaves
    all words without a digit.
    """

    def masked(match: re.Match[str]) -> str:
        word = match["word"]
        if word is None or (word.isdigit() and len(word) <= _SHORT_NUMBER):
            return match.group()
        telling = word.lower() in TELLING_WORDS or word.endswith(("Error", "Exception"))
        if telling or (gently and word.isalpha()):
            return match.group()
        return pseudonyms.text(word, encoding)

    return _PROSE_TOKEN.sub(masked, text)


class _JsonText:
    """One JSON text, or what should be one, masked token by token."""

    def __init__(
        self, pseudonyms: Pseudonyms | None, redact: Callable[[str], str], encoding: str
    ) -> None:
        self._pseudonyms = pseudonyms
        self._redact = redact
        self._encoding = encoding

    def mask(self, text: str, level: int, *, is_root: bool = True) -> str:
        """Each string and number replaced by another of its form; `level` counts encodings."""
        parts: list[str] = []
        names: list[str] = []  # the name that stands before each open container's next value
        redacts = self._redact(text) != text
        position = 0
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            parts.append(self._between(text[position:start], redacts=redacts))
            position = end
            kind, token = str(match.lastgroup), match.group()
            if kind in ("mark", "tag"):
                _follow(token, names)
                parts.append(token)
                continue
            if kind == "string" and names and _COLON.match(text, end):
                names[-1] = token.strip('"')
                parts.append(self._name(token, redacts=redacts))
                continue
            place = names[-1] if len(names) == 1 else ""
            if redacts:
                token = self._without_secrets(token, kind)
            if not (place == "next" and is_root):
                nested = level < _LEVELS and (not names or place == "list")
                token = self._value(token, kind, level if nested else _LEVELS, in_list=bool(names))
            parts.append(token)
        parts.append(self._between(text[position:], redacts=redacts))
        return "".join(parts)

    def _between(self, text: str, *, redacts: bool) -> str:
        return self._redact(text) if redacts else text

    def _without_secrets(self, token: str, kind: str) -> str:
        clean = self._redact(token)
        if clean == token or kind != "number":
            return clean
        return re.sub(r"\d", "0", token).replace("0", "1", 1)

    def _name(self, token: str, *, redacts: bool) -> str:
        name = token[1:-1]
        if name in _CONTRACTS_NAMES:
            return token
        if redacts:
            token = f'"{self._redact(name)}"'
        return token if _NAME.fullmatch(name) else self._string(token)

    def _value(self, token: str, kind: str, level: int, *, in_list: bool) -> str:
        if self._pseudonyms is None:
            return token
        if kind == "number":
            plain = len(token) <= _LONGEST_NUMBER and "e" not in token and "E" not in token
            return self._pseudonyms.number(token) if plain else token
        if kind == "word":
            known = token in _LITERALS or token.lower() in TELLING_WORDS
            return token if known else self._pseudonyms.text(token, self._encoding)
        if level < _LEVELS and token[1:].lstrip(" \\nrt")[:1] in ("{", "[", '"'):
            return self._respelt(
                token, lambda text: self.mask(text, level + 1, is_root=not in_list)
            )
        return self._string(token)

    def _string(self, token: str) -> str:
        pseudonyms = self._pseudonyms
        if pseudonyms is None:
            return token
        return self._respelt(
            token, lambda text: pseudonyms.text(_SURROGATE.sub("?", text), self._encoding)
        )

    def _respelt(self, token: str, mask: Callable[[str], str]) -> str:
        """The token with its text masked, each character spelt as the one that it replaces."""
        match = _TOKEN.match(token)
        if match is None or match.lastgroup != "string":
            return token  # a secret took one of its quotes
        inner = match["string"]
        tail = token[1 + len(inner) :]
        if "\\" not in inner and _SURROGATE.search(inner) is None:
            return f'"{mask(inner)}{tail}'
        pieces = _PIECE.findall(inner)
        chars = [_char_of(piece) for piece in pieces]
        masked = mask("".join(chars))
        spelt = [
            piece if now in (before, "?") else _spelt_like(piece, now)
            for piece, before, now in zip(pieces, chars, masked, strict=True)
        ]
        return f'"{"".join(spelt)}{tail}'


def _follow(mark: str, names: list[str]) -> None:
    """Keeps the stack of open containers."""
    if mark in "{[":
        names.append("")
    elif mark in "}]" and names:
        names.pop()
    elif mark == "," and names:
        names[-1] = ""


_SHORT_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _char_of(piece: str) -> str:
    if len(piece) == 1:
        return piece
    if piece[1] == "u" and len(piece) >= 6:
        units = [int(unit, 16) for unit in piece.split("\\u")[1:]]
        if len(units) == 2:
            return chr(0x10000 + ((units[0] & 0x3FF) << 10) + (units[1] & 0x3FF))
        return chr(units[0])
    return _SHORT_ESCAPES.get(piece[1], piece[1] if piece[1] in '"\\/' else "?")


def _spelt_like(piece: str, char: str) -> str:
    """The character as an escape where the piece is one, its hex digits in the same case."""
    if len(piece) == 1:
        return char
    form = "\\u{:04X}" if any(letter in piece for letter in "ABCDEF") else "\\u{:04x}"
    code = ord(char)
    if code < 0x10000:
        return form.format(code)
    code -= 0x10000
    return form.format(0xD800 + (code >> 10)) + form.format(0xDC00 + (code & 0x3FF))
