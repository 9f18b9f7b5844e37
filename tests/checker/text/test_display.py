"""Remote text made safe and short."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.text.display import UNSEEN, cut, plural, visible

pytestmark = pytest.mark.pure

any_text = st.text(st.characters(exclude_categories=[]), max_size=30)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\xad", "\\xad"),
        ("a\u202eb", "a\\u{202e}b"),
        ("\u2066\u2069\u200e", "\\u{2066}\\u{2069}\\u{200e}"),
        ("\u200b\ufeff", "\\u{200b}\\u{feff}"),
        ("\u2028", "\\u{2028}"),
        ("\ud83d", "\\u{d83d}"),
        ("\U000e0041", "\\u{e0041}"),
        ("👩\u200d🚀 ❤\ufe0f", "👩\u200d🚀 ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("مرحبا שלום नमस्ते สวัสดี", "مرحبا שלום नमस्ते สวัสดี"),
        ("Café 日本 ·•…", "Café 日本 ·•…"),
    ],
)
def test_what_could_fool_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(any_text)
def test_nothing_unseen_is_left_but_joiners(text: str) -> None:
    shown = visible(text)
    assert set("".join(UNSEEN.findall(shown))) <= set("\u200c\u200d\ufe0f")
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert visible(shown) == shown


@given(st.characters(categories=["Cc", "Cs", "Zl", "Zp"]))
def test_every_control_and_separator_is_unseen(char: str) -> None:
    assert UNSEEN.fullmatch(char)


BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@pytest.mark.parametrize(
    "char", [char for char in map(chr, range(0x3000)) if unicodedata.bidirectional(char) in BIDI]
)
def test_every_bidi_control_is_unseen(char: str) -> None:
    assert UNSEEN.fullmatch(char)


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("", 0, ""),
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, "…"),
    ],
)
def test_a_cut_text(text: str, length: int, short: str) -> None:
    assert cut(text, length) == short


@given(any_text, st.integers(1, 40))
def test_a_cut_text_is_never_longer(text: str, length: int) -> None:
    short = cut(text, length)
    assert len(short) <= length
    assert (
        short == text if len(text) <= length else short[-1] == "…" and text.startswith(short[:-1])
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, "page"), "0 pages"),
        ((1, "page"), "1 page"),
        ((2, "page"), "2 pages"),
        ((1200, "row"), "1,200 rows"),
        ((1, "retry", "retries"), "1 retry"),
        ((2, "retry", "retries"), "2 retries"),
    ],
)
def test_a_number_of_things(arguments: tuple, words: str) -> None:
    assert plural(*arguments) == words
