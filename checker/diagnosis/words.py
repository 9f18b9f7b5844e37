"""The server's own words: error bodies, first bytes of what is no page, headers. Pure.

They are evidence, not customers' data (contract, section 8): shown with secrets masked, cut short.
Text that may hold rows keeps only its shape from there on.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from checker.core.model import Exchange
from checker.diagnosis.facts import json_of
from checker.signatures.web_pages import is_html
from checker.text.display import cut
from checker.text.prose import without_customers

__all__ = [
    "Mask",
    "answered",
    "beginning",
    "error_members",
    "error_words",
    "header_line",
    "masked",
    "quoted",
    "server_words",
]

Mask = Callable[[str], str]
_CONSIDERED = 8 * 1024
_LONGEST_SECRET = 6 * 1024  # a cut may leave a part of one that nobody recognizes
_SHOWN = 200
_DATA_SHOWN = 60  # of what has lost its letters
_TAG = re.compile(
    r"<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|<!--.*?-->|<[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^<>]{0,300}>(.{1,300}?)</title\s*>", re.DOTALL | re.IGNORECASE)
_DATA = re.compile(r"\s*(?:[\[{\"'(]|<[a-z?]|[\w$.]+\s*\(|/\*|---|\w+[,;\t]\w+)")
_ERROR_MEMBERS = (
    "error",
    "errors",
    "err",
    "errmsg",
    "message",
    "detail",
    "title",
    "error_description",
    "error_message",
    "errorMessage",
    "exception",
    "reason",
    "description",
    "fault",
    "Error",
    "Message",
    "code",
    "status",
    "statusCode",
    "hint",
)
_WORDY = frozenset(_ERROR_MEMBERS) - {"code", "status", "statusCode"}


def masked(mask: Mask, text: str) -> str:
    """The beginning of remote text without secrets, not even a part of one that was cut."""
    shown = mask(text[:_CONSIDERED])
    return shown if len(text) <= _CONSIDERED else shown[: max(0, len(shown) - _LONGEST_SECRET)]


def quoted(mask: Mask, text: str, length: int = _SHOWN) -> str:
    """Remote text on one line: its secrets masked, then cut, in quotation marks."""
    return f'"{cut(" ".join(masked(mask, text).split()), length)}"'


def header_line(mask: Mask, exchange: Exchange, name: str) -> str | None:
    """`X-Cache: Hit from cloudfront`, or None without that header."""
    value = exchange.header(name)
    return None if value is None else f"{name}: {cut(masked(mask, value), _SHOWN)}"


def answered(mask: Mask, exchange: Exchange) -> str:
    """The status line, with the server's words where it gave some."""
    line = f"{exchange.status} {cut(masked(mask, exchange.reason), _SHOWN)}".strip()
    words = server_words(mask, exchange)
    return f"{line}, with the words {words}" if words else line


def server_words(mask: Mask, exchange: Exchange) -> str | None:
    """What an answer that is no page says, quoted; None where it says nothing."""
    if not exchange.body.strip():
        return None
    members = error_words(mask, exchange.body)
    if members is not None:
        return members
    is_error = exchange.status is not None and exchange.status >= 400
    return beginning(mask, exchange.body, is_error=is_error)


def error_words(mask: Mask, body: bytes) -> str | None:
    """The members by which a JSON object tells of an error, quoted; None where none does."""
    members = error_members(json_of(body)) if body.lstrip()[:1] == b"{" else []
    if not members:
        return None
    said = ", ".join(f"{name}: {value}" for name, value in members)
    return _shaped(mask, said, is_error=True)


def beginning(mask: Mask, body: bytes, *, is_error: bool = False) -> str | None:
    """The first words of a body that is not JSON: an HTML page's title and text, other text as it
    is, bytes that are no text in hexadecimal; None where nothing may be shown.
    """
    head = body[:_CONSIDERED]
    if not _is_text(head):
        return f"the bytes {head[:12].hex(' ')}"
    text = body[: _CONSIDERED + 1].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if is_html(text):
        return _shaped(mask, _page_words(masked(mask, text)), is_error=True)
    if not is_error and _DATA.match(text):
        return _shaped(mask, text, is_error=False, length=_DATA_SHOWN)
    return _shaped(mask, text, is_error=True)


def _shaped(mask: Mask, text: str, *, is_error: bool, length: int = _SHOWN) -> str | None:
    """Masked, then without customers' data, then cut, in quotation marks."""
    shown = without_customers(masked(mask, text), is_error=is_error)
    return f'"{cut(" ".join(shown.split()), length)}"' if shown.strip() else None


def error_members(document: Any) -> list[tuple[str, str]]:
    """Name and text of each member by which an object tells of an error; empty where none does."""
    if not isinstance(document, dict):
        return []
    found = [(name, text) for name, text in _members(document) if text]
    return found if any(name.rpartition(".")[2] in _WORDY for name, _ in found) else []


def _members(
    document: dict[str, Any], prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, str]]:
    for name in _ERROR_MEMBERS:
        value = document.get(name)
        if isinstance(value, list) and value and depth < 2:
            value = value[0]
        if isinstance(value, dict) and depth < 2:
            yield from _members(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, str) and value.strip():
            yield prefix + name, value
        elif isinstance(value, int) and not isinstance(value, bool) and name not in _WORDY:
            yield prefix + name, str(value)


def _page_words(text: str) -> str:
    title = _TITLE.search(text)
    visible = html.unescape(_TAG.sub(" ", text.replace(title.group(), " ") if title else text))
    named = html.unescape(title[1]).strip() if title else ""
    words = " ".join(visible.split())
    return f"{named}: {words}" if named and words else named or words


def _is_text(head: bytes) -> bool:
    """Whether hardly any byte is a control character or outside of UTF-8."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:64]:
        return False
    text = head.decode("utf-8", "replace")
    odd = sum(char == "\ufffd" or (char < " " and char not in "\t\r\n\f") for char in text[:400])
    return odd * 20 <= len(text[:400])
