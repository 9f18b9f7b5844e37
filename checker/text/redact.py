"""The only room that knows secrets: what they are, how they may come back, how to mask them.

Masking is by value, not by name, since a server can echo a header anywhere: every character of a
secret is looked for plain or in any of the escapes of URLs, HTML, JSON and program code, in any
mixture, and the whole of it in base64 and hexadecimal. Customers' data is masked by its place.
"""

import base64
import json
import re
from collections import deque
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote, unquote, unquote_plus

from checker.core.model import ABSENT
from checker.text.display import cut

__all__ = ["MASK", "Redactor", "masked_name", "masked_value"]

MASK = "•••"
_SHORTEST = 4
_WINDOW = 48
_USER_INFO = re.compile(r"//[^/@\s\"'<>?#]{1,200}:[^/@\s\"'<>?#]{0,200}@")
_WINDOW_WITH_BLANKS = 512
_PASSING_KEPT = 8
_SCHEMES = frozenset({"apikey", "basic", "bearer", "digest", "key", "token"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][\w.-]{0,30}=([^=].*)")
_NAME = re.compile(r"[A-Za-z_$@][A-Za-z_$@. -]{0,38}\d{0,2}")
_VALUE_LENGTH = 120
_CONSIDERED = 16 * 1024
_UNSURE = 12 * _WINDOW_WITH_BLANKS
_TOKEN = "next"  # noqa: S105  the member that holds it
_NAMED_ENTITIES = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}


class Redactor:
    """Masks every secret that it was told of. Secrets of under four characters are not masked:
    they would take half of the report with them, and protect nobody.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._first_passing: list[str] = []
        self._last_passing: deque[str] = deque(maxlen=_PASSING_KEPT)
        self._longest_first: list[str] | None = None
        self._patterns: dict[str, re.Pattern[str]] = {}
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return f"Redactor({len(self._all())} secrets)"

    def add(self, secret: str) -> None:
        """Mask this value from now on, with its parts: a scheme's credential, a decoded one."""
        for part in self._new_parts(secret):
            self._secrets.add(part)

    def add_passing(self, secret: str) -> None:
        """The same for a value that the server made, such as a cookie. Of very many only the first
        and the latest are masked, so that no server can fill our memory with them.
        """
        for part in self._new_parts(secret):
            room = len(self._first_passing) < _PASSING_KEPT
            (self._first_passing if room else self._last_passing).append(part)

    def _new_parts(self, secret: str) -> set[str]:
        known = self._all()
        new = {part for part in _parts(secret) if len(part) >= _SHORTEST and part not in known}
        if new:
            self._longest_first = None
        return new

    def _all(self) -> set[str]:
        return {*self._secrets, *self._first_passing, *self._last_passing}

    def text(self, text: str) -> str:
        """The text with every secret in it masked."""
        if self._longest_first is None:
            known = self._all()
            self._longest_first = sorted(known, key=lambda secret: (-len(secret), secret))
            self._patterns = {s: found for s, found in self._patterns.items() if s in known}
        for secret in self._longest_first:
            if len(text) >= min(len(secret), _WINDOW):  # no encoding is shorter than its secret
                text = self._pattern(secret).sub(MASK, text)
        # a server may send the credentials of another, as in a redirect
        return _USER_INFO.sub(f"//{MASK}@", text) if "@" in text and "//" in text else text

    def _pattern(self, secret: str) -> re.Pattern[str]:
        """Made when it is first needed: that takes milliseconds, and cookies come by the dozen."""
        if secret not in self._patterns:
            self._patterns[secret] = re.compile(_pattern_of(secret), re.IGNORECASE)
        return self._patterns[secret]


def _parts(secret: str) -> set[str]:
    """The value, and what of it is a secret by itself."""
    secret = secret.strip()
    parts = {secret, unquote(secret), unquote_plus(secret)}
    words = [word.strip("\"',;") for word in secret.split()]
    if words and words[0].lower() in _SCHEMES:
        parts.update(words[1:])
    for word in words:
        if assignment := _ASSIGNMENT.fullmatch(word):
            parts.add(assignment.group(1).strip("\"',;"))
        if decoded := _decoded_basic(word):
            parts.update({decoded, *decoded.split(":", 1)})
    return parts


def _decoded_basic(word: str) -> str | None:
    """`user:password` of a Basic credential (RFC 7617)."""
    try:
        text = base64.b64decode(word, validate=True).decode("utf-8")
    except ValueError:
        return None
    return text if ":" in text and text.isprintable() else None


def _pattern_of(secret: str) -> str:
    """Every way in which a server may send a secret back. Of a long one its beginning is enough
    to find it; what follows is masked with it.
    """
    window = _WINDOW_WITH_BLANKS if " " in secret else _WINDOW
    plain = "".join(map(_pattern_of_piece, re.findall(r"\\+|[^\\]", secret[:window])))
    if len(secret) > window:
        rest = min(12 * (len(secret) - window), 60_000)
        plain += rf"[^\s\"'<>]{{0,{rest}}}"
    encoded = secret[:window].encode()
    whole = {encoded.hex(), *_base64_cores(encoded)}
    tail = r"[\w+/=%-]*" if len(secret) > window else ""
    forms = [re.escape(text) + tail for text in sorted(whole) if len(text) >= _SHORTEST]
    return "|".join([plain, *forms])


@cache
def _pattern_of_piece(piece: str) -> str:
    """The ways to write one character, or a run of backslashes: as one, since each may be doubled
    over and over, and to try all shares of a long run would take for ever.
    """
    char, code = piece[0], ord(piece[0])
    ways = [
        f"&(?:amp;)*#0*{code};?",
        f"&(?:amp;)*#x0*{code:x};?",
        "".join(f"%(?:25)*{byte:02x}" for byte in char.encode()),
    ]
    if char in _NAMED_ENTITIES:
        ways.append(f"&(?:amp;)*{_NAMED_ENTITIES[char]};?")
    escapes = rf"u\{{?0*{code:x}\}}?|x0*{code:x}"
    if char == "\\":
        one = "|".join([rf"\\(?:{escapes})?", *ways])
        return f"(?:{one}){{{len(piece)},{16 * len(piece)}}}"
    if char == " ":
        ways.append(r"\+")
    ways.append(re.escape(char))
    written = "|".join(ways)
    quoted = rf"\\{{0,16}}(?:{written})" if char in "\"'/" else written
    return rf"(?:{quoted}|\\{{1,16}}(?:{escapes}))"


def _base64_cores(secret: bytes) -> set[str]:
    """What stays of the secret's base64 at each of three offsets in a longer text (RFC 4648)."""
    cores = set()
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + secret).decode()
        start = (offset * 8 + 5) // 6
        end = len(b"\0" * offset + secret) * 8 // 6
        core = text[start:end]
        cores.update({core, core.translate(str.maketrans("+/", "-_"))})
        cores.add(quote(core, safe=""))
    return {core for core in cores if len(core) >= _SHORTEST}


def masked_value(
    value: object, pointer: str | None, *, show_data: bool, redactor: Redactor
) -> str | None:
    """A value as it may be shown: a customer's data only by its outline, and nothing at length.

    Secrets go first, so that no cut can leave a part of one.
    """
    if value is ABSENT:
        return None
    if show_data:
        return cut(_start_of(_as_text(value), redactor), _VALUE_LENGTH)
    name = (pointer or "").rpartition("/")[2]
    if name == _TOKEN and pointer != f"/{_TOKEN}":
        name = ""  # a customer's own member of that name
    return cut(redactor.text(_outline(value, name, redactor, depth=0)), _VALUE_LENGTH)


def masked_name(name: str, redactor: Redactor) -> str:
    """A member's name: whole when it reads like one, by its ends when it may be a person's id."""
    shown = _start_of(name, redactor)
    if _NAME.fullmatch(name) or not name.strip():
        return shown
    return _outline_of_text(shown, "uid", len(name))


def _start_of(text: str, redactor: Redactor) -> str:
    """As much of a text as can be of interest, masked. Where it is cut, a secret may be, too, whose
    beginning alone nobody recognizes: hence the end of what was looked at is left out.
    """
    shown = redactor.text(text[:_CONSIDERED])
    return shown if len(text) <= _CONSIDERED else shown[:-_UNSURE] + "…"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return type(value).__name__


def _outline(value: object, name: str, redactor: Redactor, depth: int) -> str:
    """A uid by its ends, a msg by its beginning, a row by its members, the rest by its type."""
    if isinstance(value, str):
        return _outline_of_text(_start_of(value, redactor), name, len(value))
    if name == _TOKEN:
        return _json(value)
    if isinstance(value, dict):
        if depth > 1:
            return "{…}"
        shown = []
        for key, item in list(value.items())[:6]:
            inner = "" if key == _TOKEN else key
            outline = _outline(item, inner, redactor, depth + 1)
            shown.append(f'"{masked_name(key, redactor)}": {outline}')
        return "{" + ", ".join(shown) + (", …" if len(value) > 6 else "") + "}"
    if isinstance(value, list):
        return f"[… {len(value)} elements]" if value else "[]"
    if value is None or isinstance(value, bool):
        return _json(value)
    digits = _json(value)
    return digits if len(digits) <= 2 else f"{digits[0]}…{digits[-1]}"


def _outline_of_text(text: str, name: str, length: int) -> str:
    if not text.strip():
        return _json(text[:20])
    if name == _TOKEN:
        return text
    size = f"({length:,} characters)"
    if name == "uid":
        return f"{text[0]}… {size}" if len(text) <= 4 else f"{text[:2]}…{text[-2:]} {size}"
    return f"{text[: min(12, max(1, len(text) // 2))]}… {size}"
