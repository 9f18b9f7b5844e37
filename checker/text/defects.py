"""Messages that a program spoilt: placeholders never filled in, text decoded wrongly. Pure.

Written for silence on honest prose: braces, `null and void`, `Café`, «CAFÉ», `AMANHÃ` in quotes.
"""

import re

from checker.text.scan import TextScan

__all__ = [
    "bracketed_field",
    "broken_text",
    "lost_letters",
    "markup_in",
    "may_be_broken",
    "may_be_rewritten",
    "may_be_unrendered",
    "may_have_lost_letters",
    "may_hold_brackets",
    "may_hold_markup",
    "may_show_escapes",
    "rewritten_number",
    "shown_escape",
    "unrendered",
]

_PLACEHOLDER = re.compile(
    r"\{\{\s*[A-Za-z_][\w.\[\]-]*\s*(?:\|[^{}]*)?\}\}"
    r"|\$\{\s*[A-Za-z_][\w.]*\s*\}"
    r"|%\([A-Za-z_]\w*\)[sdifr]"
    r"|\*\|[A-Z][A-Z0-9_]*\|\*"
    r"|\[object Object\]"
    r"|(?<![^\s(\"'])#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)(?![\w/])"
)
_NOTHINGS = "undefined|null|None|NaN|Array"
_ALONE = re.compile(rf"\s*(?:{_NOTHINGS})\s*[.,!?]?\s*\Z")
_GREETING = re.compile(
    r"(?:\b(?:Hi(?: there)?|Hello|Hey|Dear(?: (?:Mr|Mrs|Ms|Dr)\.?)?|Welcome(?: back)?|Greetings"
    r"|Good (?:day|morning|afternoon|evening)|Thanks|Thank you|Congratulations|Happy birthday"
    r"|Hola|Buenos días|Bonjour|Bonsoir|Salut|Hallo|Guten (?:Tag|Morgen|Abend)|Liebe[r]?|Ciao"
    r"|Olá|Oi|Halo|Hai|Selamat (?:pagi|siang|sore|malam|datang)|Xin chào|Привет|Здравствуйте)"
    r",? |(?:คุณ|เรียน|尊敬的|[亲親][爱愛]的) ?|(?:สวัสดี|สวัสดีค่ะ|สวัสดีครับ|您好|你好|안녕하세요)[,，]? ?)"
    rf"(?P<name>{_NOTHINGS})\s*(?:[,.!?:;)\n–—]|-(?!\w)|\Z|[^\x00-\x7f])",
    re.IGNORECASE,
)
_TITLED = re.compile(rf"(?<![A-Za-z])(?P<name>{_NOTHINGS}) ?(?:様|さま|さん|님|先生|小姐|女士)")
_LOOKED_AT = 40
"""Characters at a message's beginning in which a greeting is looked for."""
_UNRENDERED_HINT = TextScan(
    r"\{\{|\$\{|%\(|\[object|\*\||#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)"
    rf"|(?:{_NOTHINGS})[\s\x00-\x1f]*(?:[,.!?:;)\n–—-]|$|[^\x00-\x7f])"
)
"""What `_PLACEHOLDER`, `_ALONE`, `_GREETING` and `_TITLED` need."""

# how the second and later bytes of UTF-8 look when they are read as Latin-1 or Windows-1252,
# without the quotes, dashes and dots that honest text has after a letter
_ODD_HIGH = "¡¢£¤¥¦§¨©ª¬\xad®¯°±²³´µ¶·¸¹º¼½¾¿"
_ODD_LOW = "\x80-\x9fƒ€‚„†‡ˆ‰Š‹ŒŽ˜™š›œžŸ"
_ODD = _ODD_LOW + _ODD_HIGH
_ANY = _ODD + "\xa0«»…–—‘’“”•"
_FAR_CAPITALS = "".join(c for c in map(chr, range(0x100, 0x1F00)) if c.isupper() and c not in _ODD)
_CAPITAL = f"[A-ZÀ-ÖØ-Þ{_FAR_CAPITALS}]"
# Text that was read wrongly has no letters such as Đ, and a small letter (`Ã®` is an `î`) stands
# behind no two capitals: ĐÃ, MÃ\xa0GIẢM and AMANHÃ° are as they should be, OÃ™ and CittÃ\xa0 not.
_BROKEN = re.compile(
    "|".join(
        [
            # the letters of western Europe: é, ü, à, É, Ö; and a no-break space, °, €
            rf"(?<!{_CAPITAL}{_CAPITAL})(?<![{_FAR_CAPITALS}])Ã(?:[«{_ODD_HIGH}]|\xa0(?!{_CAPITAL}|\d))",
            rf"(?<![{_FAR_CAPITALS}])Ã[{_ODD_LOW}]",
            rf"(?<![“‘«]|{_CAPITAL})Ã[…–—‘’“”•](?=[a-z])",
            rf"(?<!{_CAPITAL})Â[{_ODD}\xa0]",
            # those of eastern Europe and Turkey: ł, ş, İ, š, œ; and of Viet Nam
            rf"(?<=[a-z])[ÄÅ][{_ODD}]|(?<!{_CAPITAL})Ä°|Å[¡¼¾‚](?=[a-z])",
            r"[ÄÅ][\x80-\x9f]|(?<=[a-z])Å“(?=[a-z])",
            rf"á[º»][{_ODD_LOW}]",
            # punctuation, symbols and emoji; U+FFFD and the byte order mark
            rf"â[€‚„†ˆ˜™šœžŸ\x80-\x9f\xad][{_ANY}]|ð[Ÿ\x9f]|ï¿½|ï»¿",
            # other scripts: Greek, Cyrillic, Thai and Indian, East Asian, Hebrew and Arabic
            rf"(?:[ÎÏ][{_ANY}]){{2,}}|(?:[ÐÑ][{_ANY}]){{2,}}",
            rf"à¸[{_ANY}]|(?:à[¤-¹][{_ANY}]){{2,}}",
            rf"(?:[ã-í][{_ANY}][{_ANY}]){{2,}}",
            rf"(?:[×ØÙ][{_ANY}]){{3,}}",
        ]
    )
)
_FIRST_OF_BROKEN = "ÂÃÄÅÎÏÐÑ×ØÙàáâãäåæçèéêëìíïð"
_SECOND_OF_BROKEN = _ANY
"""The first two letters of whatever `_BROKEN` finds: a text, and the inside of a class."""

_BROKEN_HINT = TextScan(
    "\ufffd|" + "|".join(f"{first}[{_SECOND_OF_BROKEN}]" for first in _FIRST_OF_BROKEN)
)

_TAGS = (
    "a|abbr|article|b|blockquote|body|br|button|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]"
    "|head|header|hr|html|i|iframe|img|input|label|li|link|meta|ol|option|p|pre|s|script|section"
    "|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|thead|title|tr|u|ul|video"
)
# a whole tag, whose attributes must look like attributes: `a <b and c> d` is arithmetic; none holds
# a `<`, so that a text of many beginnings is not searched to its end from each
_MARKUP = re.compile(
    rf"<(?:/(?:{_TAGS})\s*|(?:{_TAGS})(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'|[^\s<>\"']+))*\s*/?)>"
    r"|<!--|<!doctype\b|&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|mdash|ndash|rsquo|lsquo"
    r"|rdquo|ldquo|bull|euro|[aeiouAEIOU](?:acute|grave|circ|uml|tilde)|ntilde|ccedil|szlig"
    r"|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_MARKUP_HINT = TextScan("<|&[#A-Za-z]")


def may_be_unrendered(text: str) -> bool:
    """A quick look at a whole page's text: False only when `unrendered` finds nothing in it."""
    return _UNRENDERED_HINT.hits(text)


def may_be_broken(text: str) -> bool:
    """A quick look at a text or many: False only when `broken_text` finds nothing in it."""
    return not text.isascii() and _BROKEN_HINT.hits(text)


def unrendered(message: str) -> str | None:
    """The placeholder or the nothing that stands where a value should, or None."""
    if found := _PLACEHOLDER.search(message):
        return found.group()
    if _ALONE.match(message):
        return f"nothing but {message.strip()}"
    start = message[:_LOOKED_AT]
    if found := _GREETING.search(start) or _TITLED.search(start):
        name = found.group("name")
        return name if name in _NOTHINGS.split("|") else None
    return None


def broken_text(message: str) -> str | None:
    """What shows that a text was decoded with the wrong encoding, or None."""
    if "\ufffd" in message:
        return "it contains U+FFFD, which replaces bytes that could not be read"
    if not may_be_broken(message):
        return None
    found = _BROKEN.search(message)
    return None if found is None else f"{found.group()[:12]!r} is UTF-8 that was read as Latin-1"


def may_hold_markup(text: str) -> bool:
    """A quick look at a whole page's text: False only when `markup_in` finds nothing in it."""
    return _MARKUP_HINT.hits(text)


def markup_in(message: str) -> str | None:
    """The first HTML tag or entity in a message, or None."""
    if "<" not in message and "&" not in message:
        return None
    found = _MARKUP.search(message)
    return None if found is None else found.group()


# A word that is nothing but question marks, with another word behind it: "Really ??" is honest.
_LOST_WORD = re.compile(r"(?<!\S)[^\w\s?]*\?{2,}[^\w\s?]*(?=\s+\S)")
_LOST_END = re.compile(r"(?<!\S)\?{4,}\Z")
_LOST_LETTER = re.compile(r"(?<![^\W_])[A-Za-z]+\?[a-z]+(?![\w?=&/])")
_LOST_HINT = re.compile(r"\?[?a-z]")
_ESCAPE = re.compile(
    r"\\u[0-9A-Fa-f]{4}|\\[nrt](?![a-z])|(?<=[^\W\d_])\\n(?=[A-Z])|(?:%[0-9A-Fa-f]{2}){3}"
    r"|(?<=\w)%20(?=\w)"
)
_ESCAPE_HINT = TextScan(r"\\[nrtu]|%[0-9A-Fa-f]{2}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|[A-Za-z]:\\)\S*", re.IGNORECASE)
_FIELD = (
    "name|first ?name|last ?name|full ?name|user ?name|fname|lname|customer|client|email|phone"
    "|amount|company|address|city|date|order ?(?:id|number|no)|invoice|nombre|apellido|nama|nom"
)
_BRACKETS = re.compile(rf"\[(?:\w+[ _-])?(?:{_FIELD})(?:[ _-]\w+)?\]", re.IGNORECASE)
_BRACKETS_HINT = TextScan(r"\[[A-Za-z]")
_REWRITTEN = re.compile(r"\d(?:[.,]\d+)?[Ee]\+\d{1,3}|\d[.,]\d+[Ee]\d{1,3}")
_DECIMAL = re.compile(r"\d{5,}[.,]0+")
_REWRITTEN_HINT = TextScan(r"\d[Ee]\+?\d|\d[.,]0")


def may_have_lost_letters(text: str) -> bool:
    """A quick look at a whole page's text: False only when `lost_letters` finds nothing in it."""
    return "?" in text and _LOST_HINT.search(text) is not None


def lost_letters(message: str) -> str | None:
    """What shows that letters became question marks, or None. One such row may be honest."""
    if "?" not in message:
        return None
    words = _LOST_WORD.findall(message)
    if words or _LOST_END.search(message):
        return "words of question marks"
    plain = _ADDRESS.sub("", message)
    return "question marks within words" if _LOST_LETTER.search(plain) else None


def may_show_escapes(text: str) -> bool:
    """A quick look at a whole page's text: False only when `shown_escape` finds nothing in it."""
    return ("\\" in text or "%" in text) and _ESCAPE_HINT.hits(text)


def shown_escape(message: str) -> str | None:
    """An escape that is shown as text, outside addresses, or None. One such row may be honest."""
    if "\\" not in message and "%" not in message:
        return None
    found = _ESCAPE.search(_ADDRESS.sub("", message))
    return None if found is None else found.group()


def may_hold_brackets(text: str) -> bool:
    """A quick look at a whole page's text: False only when `bracketed_field` finds nothing."""
    return "[" in text and _BRACKETS_HINT.hits(text)


def bracketed_field(message: str) -> str | None:
    """The name of a field in brackets, such as [NAME], or None. One such row may be honest."""
    found = _BRACKETS.search(message)
    return None if found is None else found.group()


def may_be_rewritten(text: str) -> bool:
    """A quick look at all uids of a page: False only when `rewritten_number` finds nothing."""
    # all of these forms have one of them, and an id in hexadecimal has none
    return any(mark in text for mark in "+.,") and _REWRITTEN_HINT.hits(text)


def rewritten_number(uid: str) -> str | None:
    """How a spreadsheet rewrote a number, such as 6.68E+10, or None."""
    text = uid.strip()
    if _REWRITTEN.fullmatch(text):
        return "in scientific notation, such as 6.68E+10"
    return "with a decimal part, such as 66812345678.0" if _DECIMAL.fullmatch(text) else None
