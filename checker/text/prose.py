"""Text of a server that is no page: its own words stay, customers' data loses its letters. Pure."""

import re

__all__ = ["without_customers"]

_CUSTOMERS = re.compile(r"list|uid|msg", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_OUR_WORDS = frozenset(
    ("list", "uid", "msg", "next", "true", "false", "null", "none", "nan", "infinity", "undefined")
)
_TELLING = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]+|(?<!\w)(?:[^\W\d]*+\d){4}\w*")
_ERROR_CODE = re.compile(r"[A-Z]{2,}(?:_[A-Z]{2,})+(?:_\d{1,5})?|[A-Z]{2,}_\d{1,5}")
"""`ERR_NGROK_6024`, `ORA_12541`: a code that names an error, and nobody."""


def without_customers(text: str, *, is_error: bool) -> str:
    """What cannot be read as JSON: an error page keeps its words, a broken page only its shape.

    Of an error page, too, only the shape is left from the first member of a page on, and of
    e-mail addresses and whatever has four digits.
    """
    found = _CUSTOMERS.search(text)
    page = is_error or text.lstrip().startswith("<")
    start = (found.start() if found else len(text)) if page else 0
    return _TELLING.sub(_shape, text[:start]) + _WORD.sub(_shape, text[start:])


def _shape(match: re.Match[str]) -> str:
    """A word's first character, and how long it is."""
    word = match.group()
    if word.lower() in _OUR_WORDS or len(word) == 1 or _ERROR_CODE.fullmatch(word):
        return word
    return word[0] + "".join(
        "0" if char.isdigit() else "x" if char.isalnum() else char for char in word[1:]
    )
