"""Messages that a program spoilt: placeholders never filled in, text decoded wrongly. Pure.

Written for silence on honest prose: braces, `null and void`, `Café`, «CAFÉ», `AMANHÃ` in quotes.
"""

import re
from collections.abc import Sequence

__all__ = ["broken_text", "may_be_unrendered", "unrendered"]

_PLACEHOLDER = re.compile(
    r"\{\{\s*[A-Za-z_][\w.\[\]-]*\s*(?:\|[^{}]*)?\}\}"
    r"|\$\{\s*[A-Za-z_][\w.]*\s*\}"
    r"|%\([A-Za-z_]\w*\)[sdifr]"
    r"|\[object Object\]"
)
_NOTHINGS = "undefined|null|None|NaN"
_ALONE = re.compile(rf"\s*(?:{_NOTHINGS})\s*[.,!?]?\s*\Z")
_GREETING = re.compile(
    r"\b(?:Hi(?: there)?|Hello|Hey|Dear(?: (?:Mr|Mrs|Ms|Dr)\.?)?|Welcome(?: back)?|Greetings"
    r"|Good (?:day|morning|afternoon|evening)|Thanks|Thank you|Congratulations|Happy birthday"
    r"|Hola|Buenos días|Bonjour|Bonsoir|Salut|Hallo|Guten (?:Tag|Morgen|Abend)|Liebe[r]?|Ciao"
    r"|Olá|Oi|Halo|Hai|Selamat (?:pagi|siang|sore|malam|datang)|Xin chào|Привет|Здравствуйте)"
    rf",? (?P<name>{_NOTHINGS})\s*(?:[,.!?:;)\n–—-]|\Z|[^\x00-\x7f])",
    re.IGNORECASE,
)
_LOOKED_AT = 40
"""Characters at a message's beginning in which a greeting is looked for."""

# how the second and later bytes of UTF-8 look when they are read as Latin-1 or Windows-1252,
# without the quotes, dashes and dots that honest text has after a letter
_ODD = "\x80-\x9f¡¢£¤¥¦§¨©ª¬\xad®¯°±²³´µ¶·¸¹º¼½¾¿ƒ€‚„†‡ˆ‰Š‹ŒŽ˜™š›œžŸ"
_ANY = _ODD + "\xa0«»…–—‘’“”•"
_BROKEN = re.compile(
    f"Ã[{_ODD}\xa0]"
    f"|(?<![A-ZÀ-Þ])Â[{_ODD}\xa0]"
    f"|â[€\x80‚\x82][{_ANY}]"
    f"|ð[Ÿ\x9f]"
    f"|ï¿½|ï»¿"
    f"|(?:[ÐÑ][{_ANY}]){{2,}}"
    f"|(?:à[¸¹][{_ANY}])"
    f"|(?:[ãäåæçèé][{_ODD}][{_ANY}]){{2,}}"
    f"|(?:[ØÙ][{_ODD}]){{3,}}"
)


def may_be_unrendered(text: str, messages: Sequence[str | None]) -> bool:
    """A quick look at a whole page's text: False only when `unrendered` finds nothing in it.

    Single characters are looked for first, since that is many times as fast.
    """
    if "{" in text and ("{{" in text or "${" in text):
        return True
    if ("%" in text and "%(" in text) or ("[" in text and "[object" in text):
        return True
    starts = " ".join([message[:_LOOKED_AT] for message in messages if message])
    return "null" in starts or "None" in starts or "NaN" in starts or "undefined" in starts


def unrendered(message: str) -> str | None:
    """The placeholder or the nothing that stands where a value should, or None."""
    if found := _PLACEHOLDER.search(message):
        return found.group()
    if _ALONE.match(message):
        return f"nothing but {message.strip()}"
    if found := _GREETING.search(message[:_LOOKED_AT]):
        name = found.group("name")
        return name if name in _NOTHINGS.split("|") else None
    return None


def broken_text(message: str) -> str | None:
    """What shows that a text was decoded with the wrong encoding, or None."""
    if "\ufffd" in message:
        return "U+FFFD, which stands for bytes that could not be read"
    if message.isascii():
        return None
    found = _BROKEN.search(message)
    return None if found is None else f"{found.group()[:12]!r}, UTF-8 read as Latin-1"
