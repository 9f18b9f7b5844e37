"""Other letters and digits for a customer's text, so that every rule judges it as before. Pure.

A keyed, reversible shuffle (a Feistel network over the text's letters and digits): equal texts stay
equal and different ones different, each character stays in its class and as long as it was, and
nobody without the key, which is thrown away, can tell what stood there. What the rules look for
stays as it is; where the outcome would be another one, the shuffle walks on until it is the same.
"""

import hashlib
import re
import unicodedata
from array import array
from collections.abc import Iterator
from functools import cache
from itertools import islice

from checker.text.defects import (
    bracketed_field,
    broken_text,
    lost_letters,
    markup_in,
    rewritten_number,
    shown_escape,
    unrendered,
)

__all__ = ["Pseudonyms"]

_ROUNDS = 4
_STEPS = 60
_GREETING_LENGTH = 40
_LINE_ID = re.compile(r"U[0-9a-f]{32}")
_HEX = "0123456789abcdef"
_NOTHING = re.compile(
    r"(?:[^\W\d_]{1,16}[ ,，.]{1,2}){0,3}[^\W\d_]{0,5}"
    r"(?:undefined|null|None|NaN|Array)(?: ?[^\x00-\x7f]{1,2})?",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|%\([^()]*\)[a-z]|\[object Object\]|\*\|\w*\|\*|#[A-Z/0!?]+"
)
_MARKUP = re.compile(
    r"</?[A-Za-z][A-Za-z0-9]*|<!--|<!doctype|(?<=\s)[\w:-]+(?=\s*=)|&#?\w{1,31};", re.IGNORECASE
)
_BRACKETS = re.compile(r"\[[^\]]{1,60}\]")
_ESCAPES = re.compile(r"\\u[0-9A-Fa-f]{4}|\\[a-z]|%[0-9A-Fa-f]{2}|\w+://|www\.")
_NUMBER_FORM = re.compile(r"[Ee]\+?\d+\Z|[.,]0+\Z")
_LEADING_LETTERS = re.compile("[À-ÿĀ-ſ]")
_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
_NEXT_LINE = 0x85  # white space, where other controls are none
_TRAILS = (
    "¡¢£¤¥¦§¨©«¬®¯°±´¶·¸»¿",
    "ª²³µ¹º¼½¾",
    "€‚„…†‡‰‹‘’“”•–—˜™›",
    "ƒˆŠŒŽšœžŸ",
    "".join(chr(code) for code in range(0x80, 0xA0) if code != _NEXT_LINE),
)
"""What mojibake is made of beside its leading letters: the very bytes of the text behind it."""

_NONE: frozenset[int] = frozenset()

Slot = tuple[str, int]
"""The characters that may stand in one place, and which of them does."""

Outcome = tuple[bool, bool, bool, bool, bool, bool, bool]
"""Whether a text was not filled in, is broken, holds markup, names a field in brackets, shows
escapes, is a rewritten number, and lost its letters.
"""


class Pseudonyms:
    """One key, for one recording."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def text(self, text: str, encoding: str = "utf-8") -> str:
        """Another text of the same form; in `encoding` it takes as many bytes, too."""
        if _LINE_ID.fullmatch(text):
            digits: list[Slot | None] = [(_HEX, _HEX.index(char)) for char in text[1:]]
            return "U" + next(self._shuffled(text[1:], digits))
        outcome = _outcome(text)
        return (
            self._walked(text, encoding, outcome, _kept(text, outcome))
            or self._walked(text, encoding, outcome, _widely_kept(text, outcome))
            or next(self._shuffled(text, _slots_of(text, encoding, broken=False, kept=_NONE)))
        )

    def number(self, digits: str) -> str:
        """Another number of as many digits, which begins with a zero only if it did."""
        slots: list[Slot | None] = []
        for index, char in enumerate(digits):
            leads = not any(before.isdigit() for before in digits[:index])
            pool = "123456789" if leads and char != "0" else "0123456789"
            lone_zero = leads and char == "0"
            changes = char.isdigit() and not lone_zero
            slots.append((pool, pool.index(char)) if changes else None)
        return next(self._shuffled(digits, slots))

    def _walked(
        self, text: str, encoding: str, outcome: Outcome, kept: frozenset[int]
    ) -> str | None:
        """The first text on the shuffle's way of which the rules say the same."""
        slots = _slots_of(text, encoding, broken=outcome[1], kept=kept)
        for masked in islice(self._shuffled(text, slots), _STEPS):
            alike = _outcome(masked) == outcome and not _LINE_ID.fullmatch(masked)
            if alike and (not kept or kept <= _widely_kept(masked, outcome)):
                return masked
        return None

    def _shuffled(self, text: str, slots: list[Slot | None]) -> Iterator[str]:
        """The text shuffled once, twice, and so on."""
        chars = list(text)
        places = [index for index, slot in enumerate(slots) if slot is not None]
        held = [slot for slot in slots if slot is not None]
        pools = [[pool for pool, _ in held[half::2]] for half in (0, 1)]
        sizes = [[len(pool) for pool in half] for half in pools]
        values = [[value for _, value in held[half::2]] for half in (0, 1)]
        while True:
            for number in range(_ROUNDS):
                turned = number % 2
                stream = self._stream(number, values[1 - turned], len(held))
                values[turned] = [
                    (value + step) % size
                    for value, step, size in zip(
                        values[turned], stream, sizes[turned], strict=False
                    )
                ]
            for half in (0, 1):
                for place, pool, value in zip(
                    places[half::2], pools[half], values[half], strict=True
                ):
                    chars[place] = pool[value]
            yield "".join(chars)

    def _stream(self, number: int, other: list[int], length: int) -> "array[int]":
        """Numbers that nobody can tell without the key."""
        source = hashlib.shake_256(self._key)
        source.update(array("I", [number, length, *other]).tobytes())
        return array("I", source.digest(4 * length))


def _outcome(text: str) -> Outcome:
    """What the rules that read prose say of a text."""
    return (
        unrendered(text) is not None,
        broken_text(text) is not None,
        markup_in(text) is not None,
        bracketed_field(text) is not None,
        shown_escape(text) is not None,
        rewritten_number(text) is not None,
        lost_letters(text) is not None,
    )


def _kept(text: str, outcome: Outcome) -> frozenset[int]:
    """The positions that stay, so that what a rule has found is found again."""
    unfilled, broken, marked, bracketed, escaped, rewritten, _ = outcome
    patterns = []
    if unfilled:
        patterns += [_PLACEHOLDER, _NOTHING]
    if broken:
        patterns.append(_LEADING_LETTERS)
    if marked:
        patterns.append(_MARKUP)
    if bracketed:
        patterns.append(_BRACKETS)
    if escaped:
        patterns.append(_ESCAPES)
    if rewritten:
        patterns.append(_NUMBER_FORM)
    return frozenset(
        index
        for pattern in patterns
        for match in pattern.finditer(text)
        for index in range(*match.span())
    )


def _widely_kept(text: str, outcome: Outcome) -> frozenset[int]:
    """Where that is not enough: a greeting as a whole, and all but plain letters."""
    unfilled, broken, marked, *_ = outcome
    kept = set(range(_GREETING_LENGTH)) if unfilled else set()
    if broken or marked:
        kept.update(i for i, char in enumerate(text) if not (char.isascii() and char.isalnum()))
    return _kept(text, outcome) | kept


class _Slots(dict[str, Slot | None]):
    """The characters that may stand in place of each; None for one that stays."""

    def __init__(self, encoding: str, *, broken: bool) -> None:
        self._encoding = encoding
        self._broken = broken

    def __missing__(self, char: str) -> Slot | None:
        self[char] = slot = self._slot(char)
        return slot

    def _slot(self, char: str) -> Slot | None:
        if self._broken and not char.isascii():
            for trails in _TRAILS:
                if char in trails:
                    pool = _of_the_same_size(trails, char, self._encoding)
                    return pool, pool.index(char)
        category = unicodedata.category(char)
        if category[0] != "L" and category != "Nd":
            return None
        pool = _pool(char, self._encoding)
        return (pool, pool.index(char)) if len(pool) > 1 and char in pool else None


@cache
def _slots(encoding: str, broken: bool) -> _Slots:  # noqa: FBT001  the key of a cache
    return _Slots(encoding, broken=broken)


def _slots_of(text: str, encoding: str, *, broken: bool, kept: frozenset[int]) -> list[Slot | None]:
    known = _slots(encoding, broken)
    slots = [known[char] for char in text]
    for index in kept:
        if index < len(slots):
            slots[index] = None
    return slots


def _pool(char: str, encoding: str) -> str:
    code = ord(char)
    first, last = next(
        (span for span in _RANGES if span[0] <= code <= span[1]), (code & ~0x3F, code | 0x3F)
    )
    return _letters(first, last, unicodedata.category(char), encoding, _size(char, encoding))


@cache
def _letters(first: int, last: int, category: str, encoding: str, size: int) -> str:
    return "".join(
        char
        for char in map(chr, range(first, last + 1))
        if unicodedata.category(char) == category and _size(char, encoding) == size
    )


def _of_the_same_size(chars: str, like: str, encoding: str) -> str:
    size = _size(like, encoding)
    return "".join(char for char in chars if _size(char, encoding) == size)


def _size(char: str, encoding: str) -> int:
    """Bytes in this encoding; 0 where it has no such character."""
    try:
        return len(char.encode(encoding))
    except UnicodeEncodeError:
        return 0
