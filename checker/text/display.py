"""Remote text made safe and short for showing. Pure; knows nothing of secrets.

What comes from a server may hold terminal escapes, characters that turn the line around, or none
that can be seen at all.
"""

import re

__all__ = ["UNSEEN", "cut", "plural", "visible"]

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
"""Controls (C0, C1), bidi and zero-width characters, line separators, halves of surrogate pairs."""

_KEPT_JOINERS = "\u200c\u200d\ufe0f"


def visible(text: str) -> str:
    """The text with whatever a terminal or a reader could be fooled by written as an escape.

    The joiners of emoji and of Indic and Arabic scripts stay, since without them honest text
    would look broken.
    """
    return UNSEEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _KEPT_JOINERS:
        return char
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if short:
        return short
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def cut(text: str, length: int) -> str:
    """At most that many characters, the last one an ellipsis when some are left out."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 page`, `2 pages`, `1,200 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
