"""The likely cause behind a symptom, in the words of the customer's world. Pure.

Guesses only: they are worded as such, and no rule depends on them.
"""

import codecs
import re

__all__ = [
    "block_page",
    "cause_of_syntax_error",
    "debug_output",
    "encoding_that_it_looks_like",
    "kind_of_link",
    "kind_of_page",
    "paginator_of",
]

_HTML = re.compile(
    r"\s*(?:<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body|div|p|h1|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(?:\?xml|[a-z][\w:-]*[\s>])", re.IGNORECASE)
_PHP_NOTICE = re.compile(
    r"\s*(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(Notice|Warning|Deprecated|Fatal error|Parse error)(?:</b>)?:",
    re.IGNORECASE,
)
_JSONP = re.compile(r"\s*(?:/\*\*/)?\s*[A-Za-z_$][\w$.]*\s*\(\s*[{\[]")
_GUARDS = (")]}'", "while(1);", "while (1);", "for(;;);", "for (;;);", "{}&&", "throw 1;")
_LOGIN = re.compile(r"type=[\"']?password|\blog[ -]?in\b|\bsign[ -]?in\b", re.IGNORECASE)
_WAF = re.compile(
    r"cloudflare|attention required|just a moment|access denied|request blocked|incapsula|imperva"
    r"|akamai|mod_security|web application firewall|captcha|perimeterx|sucuri|reference ?#\d",
    re.IGNORECASE,
)
_VALUE_START = re.compile(
    r"[{\[\"'\d-]|(?:true|false|null|True|False|None|NaN|nan|Infinity|inf|undefined)\b"
)
_TRAILING_COMMA = re.compile(r",\s*[}\]]")


def kind_of_page(text: str) -> str:
    """What an HTML page in place of data seems to be."""
    if _WAF.search(text):
        return "a block page of a firewall or CDN (a WAF)"
    if _LOGIN.search(text):
        return "a login page"
    return "an HTML page"


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
        return "an anti-hijacking prefix stands before the JSON"
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
        return f"{rest[:9].split(',')[0].split('}')[0]} is no JSON value"
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


_KANA, _HANGUL, _HAN, _THAI = "\u3041-\u30ff", "\uac00-\ud7a3", "\u4e00-\u9fff", "\u0e01-\u0e5b"
_FAR_EASTERN = (
    ("Shift-JIS", "shift_jis", _KANA, 0.2),
    ("EUC-JP", "euc_jp", _KANA, 0.2),
    ("EUC-KR", "euc_kr", _HANGUL, 0.8),
    ("TIS-620 (Thai)", "tis_620", _THAI, 1.0),
    ("GBK", "gbk", _HAN, 0.8),
    ("Big5", "big5", _HAN, 0.8),
)
"""Name, Python's name, and which characters make up what share of the letters that are not ASCII."""

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


_DEBUG_OUTPUT = (
    (r"Traceback \(most recent call last\)", "a Python traceback"),
    (r"Werkzeug Debugger|<title>.{0,200}// Werkzeug", "Werkzeug's debugger"),
    (r"DEBUG = True</code>|DJANGO_SETTINGS_MODULE", "Django's debug page"),
    (r"Whoops! There was an error|Illuminate\\|laravel-ignition|facade/ignition", "Laravel's debug page"),
    (r"Stack trace:\s*(?:<br\s*/?>\s*)?#0 |Fatal error</?b?>?:.{0,400} on line ", "a PHP stack trace"),
    (r"\bat (?:async )?[\w$.<>\[\] ]{1,200} \((?:file://|node:|/|[A-Z]:\\)[^)\n]{1,300}:\d+:\d+\)", "a Node stack trace"),
    (r"\bat [\w$.]+\.[\w$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)", "a Java stack trace"),
    (r"\bat [\w.`<>\[\], ]{1,200}\([^)\n]{0,300}\) in [^\n]{1,300}:line \d+|Server Error in '[^']{0,200}' Application.{0,8000}(?:Stack Trace|Source Error):", "a .NET stack trace"),
    (r"goroutine \d+ \[[^\]\n]{1,100}\]:", "a Go stack trace"),
    (r"Action Controller: Exception caught|\.rb:\d+:in [`'][^'\n]{1,200}'", "a Ruby stack trace"),
    (r"SQLSTATE\[\w+\]|ORA-\d{5}:|PG::\w+Error|psycopg2?\.errors", "a database error"),
)  # fmt: skip
_DEBUG_PATTERNS = tuple((re.compile(pattern, re.DOTALL), name) for pattern, name in _DEBUG_OUTPUT)


def debug_output(body: bytes) -> str | None:
    """The inside of a server that an error response shows, in words; None if it shows none."""
    text = body[:65536].decode("utf-8", "replace")
    unescaped = (
        text.replace("&#x27;", "'").replace("&#39;", "'").replace("\\n", "\n").replace("\\/", "/")
    )
    for pattern, name in _DEBUG_PATTERNS:
        if pattern.search(unescaped):
            return name
    return None


def kind_of_link(value: str) -> str:
    """What a `next` that is no token seems to be."""
    if re.match(r"[a-z][a-z0-9+.-]*://", value, re.IGNORECASE):
        return "the URL of the next page (as Django REST framework and Laravel's paginator send it)"
    return "a query string" if re.match(r"[&?]?[\w.\[\]-]+=", value) else "a part of a URL"


_PAGINATORS = (
    ({"results", "count"}, "Django REST framework"),
    ({"data", "next_page_url"}, "Laravel's paginator"),
    ({"data", "links", "meta"}, "Laravel's resource collection"),
    ({"content", "pageable"}, "Spring Data"),
    ({"Items", "LastEvaluatedKey"}, "DynamoDB"),
    ({"value", "@odata.nextLink"}, "OData"),
    ({"member", "view"}, "API Platform"),
    ({"edges", "pageInfo"}, "GraphQL's Relay"),
)


def paginator_of(members: set[str]) -> str | None:
    """The framework whose own page format these members are."""
    return next((name for wanted, name in _PAGINATORS if wanted <= members), None)


def block_page(body: bytes) -> str | None:
    """What an HTML answer to a refused request seems to be; None for anything but HTML."""
    text = body[:65536].decode("utf-8", "replace")
    return kind_of_page(text) if _HTML.match(text) else None
