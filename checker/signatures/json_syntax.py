"""The likely cause behind a symptom, in the words of the customer's world. Pure.

Guesses only: they are worded as such, and no rule depends on them.
"""

import re

from checker.signatures.web_pages import _HTML, kind_of_page

__all__ = ["cause_of_syntax_error"]

_XML = re.compile(r"\s*<(?:\?xml|[a-z][\w:-]*[\s>])", re.IGNORECASE)
_PHP_NOTICE = re.compile(
    r"\s*(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(Notice|Warning|Deprecated|Fatal error|Parse error)"
    r"(?:</b>)?:",
    re.IGNORECASE,
)
_JSONP = re.compile(r"\s*(?:/\*\*/)?\s*[A-Za-z_$][\w$.]*\s*\(\s*[{\[]")
_GUARDS = (")]}'", "while(1);", "while (1);", "for(;;);", "for (;;);", "{}&&", "throw 1;")
_VALUE_START = re.compile(
    r"[{\[\"'\d-]|(?:true|false|null|True|False|None|NaN|nan|Infinity|inf|undefined)\b"
)
_TRAILING_COMMA = re.compile(r",\s*[}\]]")


def cause_of_syntax_error(text: str, position: int, reason: str, *, at_content_length: bool) -> str:
    """Why a text is not JSON: the likeliest cause, and where the parser stopped.

    `at_content_length` says that the body is exactly as long as its Content-Length.
    """
    if reason.startswith("Unterminated string"):
        position = len(text)  # the parser tells where the string begins
    cause = _cause_at_start(text) or _cause_at(text, position, reason)
    if cause is None and position >= len(text.rstrip()):
        cause = "it ends in the middle"
        if at_content_length and not text.isascii():
            cause += " at exactly its Content-Length, which seems to count characters, not bytes"
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    where = f"line {line}, column {column}"
    return f"{cause} ({where})" if cause else f"{_lowered(reason)} at {where}"


def _cause_at_start(text: str) -> str | None:
    head = text[:4096]
    start = head.lstrip("\ufeff \t\r\n")
    if notice := _PHP_NOTICE.match(head):
        return f"a PHP {notice.group(1).lower()} is printed before the JSON"
    if _HTML.match(head):
        return f"{kind_of_page(text[:65536])} in place of JSON"
    if start.startswith(_GUARDS):
        return "an anti-hijacking prefix comes before the JSON"
    if _JSONP.match(head):
        return "JSONP: the JSON is wrapped in a function call"
    if _XML.match(head):
        return "XML in place of JSON"
    if start and not _VALUE_START.match(start):
        return "output before the JSON" if re.search(r"[{\[]", text) else "plain text, not JSON"
    return None


def _cause_at(text: str, position: int, reason: str) -> str | None:
    rest = text[position : position + 200].lstrip()
    if reason.startswith("Extra data"):
        return _cause_of_extra(text[position : position + 4096].lstrip())
    before = text[max(0, position - 4096) : position].rstrip()[-1:]
    if rest[:1] in ("}", "]") and before == ",":
        return "a trailing comma"
    if _TRAILING_COMMA.match(text, max(text.rfind(",", 0, position + 1), 0)) and reason.startswith(
        ("Illegal trailing comma", "Expecting")
    ):
        return "a trailing comma"
    if rest.startswith("'"):
        return "single quotes where JSON wants double ones (a printed dict, not JSON)"
    if rest.startswith(("True", "False", "None")):
        return "Python's True, False or None (a printed dict, not JSON)"
    if rest.startswith(("undefined", "nan", "inf")):
        return f"{rest[:9].split(',')[0].split('}')[0]} is not a JSON value"
    if rest.startswith(("//", "/*")):
        return "a comment, which JSON does not have"
    if reason.startswith("Invalid control character"):
        return "a raw line break or control character inside a string"
    return None


def _cause_of_extra(rest: str) -> str:
    if rest[:1] in ("{", "["):
        return "several JSON documents in one body"
    if notice := _PHP_NOTICE.match(rest):
        return f"a PHP {notice.group(1).lower()} is printed after the JSON"
    return "output after the JSON"


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
