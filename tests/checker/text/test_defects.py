"""Messages that a program spoilt are seen, and honest prose is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.rules import all_rules
from checker.rules.context import RuleContext
from checker.text.defects import broken_text, may_be_broken, may_be_unrendered, unrendered
from checker.text.redact import Redactor

pytestmark = pytest.mark.pure


def as_latin_1(text: str) -> str:
    return text.encode("utf-8").decode("latin-1")


def as_windows(text: str) -> str:
    return text.encode("utf-8").decode("cp1252", "replace")


LETTERS = [
    "Café",
    "Müller",
    "São Paulo",
    "naïve",
    "Ærø",
    "smørrebrød",
    "El Niño",
    "50 €",
    "“quoted”",
    "it’s",
    "a – b",
    "Привет мир",
    "Здравствуйте",
    "สวัสดี",
    "你好世界",
    "こんにちは",
    "안녕하세요",
    "🎉 party",
    "Привіт",
    "ÀÉÎÕÜ",
    "garçon",
    "£5",
    "20 °C",
    "résumé",
]
BROKEN = [*map(as_latin_1, LETTERS), *map(as_windows, LETTERS), "\ufffd"]

any_text = st.text(max_size=40) | st.lists(
    st.sampled_from(
        ["{{", "}}", "${", "}", "%(", ")s", "name", "null", "Hi ", ",", "[object ", "Object]"]
    )
).map("".join)

UNRENDERED = [
    ("Hi {{name}}!", "{{name}}"),
    ("Hi {{ first_name }}!", "{{ first_name }}"),
    ("{{user.name}}", "{{user.name}}"),
    ("{{ items[0] }}", "{{ items[0] }}"),
    ("{{ name | upper }}", "{{ name | upper }}"),
    ("{{name|default:'you'}}", "{{name|default:'you'}}"),
    ("Dear ${name},", "${name}"),
    ("Dear ${ user.name },", "${ user.name }"),
    ("Dear %(name)s,", "%(name)s"),
    ("You owe %(sum)d", "%(sum)d"),
    ("Your order: [object Object]", "[object Object]"),
    ("undefined", "nothing but undefined"),
    (" null ", "nothing but null"),
    ("None.", "nothing but None."),
    ("NaN", "nothing but NaN"),
    ("Hi undefined,", "undefined"),
    ("Hello null!", "null"),
    ("hello undefined, how are you?", "undefined"),
    ("Dear None,", "None"),
    ("Dear Mr. undefined,", "undefined"),
    ("Hi, undefined!", "undefined"),
    ("Hi null", "null"),
    ("Hi there undefined\nnews", "undefined"),
    ("Happy birthday undefined 🎉", "undefined"),
    ("Good morning null - news", "null"),
    ("Bonjour undefined !", "undefined"),
    ("Hola null:", "null"),
    ("Xin chào undefined,", "undefined"),
    ("Привет undefined!", "undefined"),
    ("Welcome back undefined", "undefined"),
]

HONEST = [
    "",
    "Hello Anna",
    "null and void",
    "None of this matters",
    "NaN stands for not a number",
    "The value is undefined here",
    "Hi None of us can come",
    "Dear null hypothesis fans",
    "Hi Undefined Records!",
    "Hi NULL,",
    "Hello Noneill,",
    "Use {braces} and {more}",
    "Braces: {{}} and {{ }}",
    "{{ 1 + 1 }} is two",
    "Set theory: {{1, 2}, {3}}",
    "It costs $5 {or so}",
    "${} is empty",
    "100%(sure)",
    "100 %(about) half",
    "50% (name) discount",
    "[object] Object",
    "[object object]",
    "Void, nulls and nullable",
    "A long beginning that goes on for more than forty characters. Hi undefined,",
    "undefinedly",
    "NaNa is my grandmother",
    "Dear Nullarbor,",
]


@pytest.mark.parametrize(("message", "found"), UNRENDERED)
def test_what_was_never_filled_in(message: str, found: str) -> None:
    assert unrendered(message) == found


@pytest.mark.parametrize("message", HONEST)
def test_honest_prose_is_filled_in(message: str) -> None:
    assert unrendered(message) is None


@given(st.lists(any_text | st.sampled_from([m for m, _ in UNRENDERED] + HONEST), max_size=4))
def test_the_quick_look_overlooks_nothing(messages: list[str]) -> None:
    if any(unrendered(message) for message in messages):
        assert may_be_unrendered("\n".join(messages))


@given(st.lists(st.text(max_size=8) | st.sampled_from(BROKEN), max_size=4))
def test_the_quick_look_at_letters_overlooks_nothing(messages: list[str]) -> None:
    if any(broken_text(message) for message in messages):
        assert may_be_broken("\n".join(messages))


@pytest.mark.parametrize("message", ["", "{ x", "50% off", "[list]", "Hi", "{}", "%", "x { y }"])
def test_the_quick_look_is_silent_on_most_prose(message: str) -> None:
    assert not may_be_unrendered(message)
    assert not may_be_broken(message)


@pytest.mark.parametrize("text", [*LETTERS, "مرحبا", "שלום"])
def test_utf8_read_as_latin_1_is_seen(text: str) -> None:
    assert broken_text(as_latin_1(text))
    assert broken_text(f"Dear customer, {as_latin_1(text)}!")


@pytest.mark.parametrize("text", LETTERS)
def test_utf8_read_as_windows_1252_is_seen(text: str) -> None:
    assert broken_text(as_windows(text))


@pytest.mark.parametrize("text", ["Caf\ufffd", "\ufffd", "a\ufffd\ufffdb"])
def test_the_replacement_character_is_seen(text: str) -> None:
    assert "U+FFFD" in str(broken_text(text))


@pytest.mark.parametrize(
    "text",
    [
        *LETTERS,
        "",
        "plain",
        "مرحبا",
        "שלום",
        "नमस्ते",
        "CAFÉ",
        "«CAFÉ»",
        "«AMANHû",
        "‘Ó’",
        "“Ñ”",
        "AMANHÃ",
        "SÃO PAULO",
        "MAÇÃ",
        "“AMANHÃ”",
        "Ç",
        "À la carte",
        "Â",
        "PÂTÉ",
        "â",
        "âge",
        "Đà Nẵng",
        "Việt Nam",
        "xin chào",
        "ação",
        "não é",
        "É à vous",
        "Öl",
        "ÖÄÜß",
        "Ðuro",
        "Ñandú",
        "à €5",
        "à 20 °C",
        "é™",
        "Ça va…",
        "très “bien”",
        "ða",
        "ï",
        "½ ¾ ¼",
        "€",
        "™ ® ©",
        "10 µm",
        "3 × 4",
        "å ä ö",
        "Ål",
        "Þór",
        "Ýr",
        "ÿ",
        "¡Olé!",
        "¿Qué?",
        "Ünïcödé",
        "ù’",
        "Â·Â".replace("·", "x"),
    ],
)
def test_honest_letters_are_whole(text: str) -> None:
    assert broken_text(text) is None


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_never_broken(text: str) -> None:
    assert broken_text(text) is None


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    unrendered(text)
    if "\ufffd" in text:
        assert broken_text(text)


def markup(text: str) -> str | None:
    config = Config(endpoint=Endpoint.parse("http://localhost/"))
    rule = all_rules()["ROW017"](RuleContext(config, Redactor()))
    return rule.judge(text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<b>bold</b>", "<b>"),
        ("Hello<br>you", "<br>"),
        ("Hello<br/>you", "<br/>"),
        ("Hello<BR />you", "<BR />"),
        ("end</p>", "</p>"),
        ("end</p >", "</p >"),
        ('<a href="https://x">link</a>', '<a href="https://x">'),
        ("<a href='x'>", "<a href='x'>"),
        ("<img src=x.png>", "<img src=x.png>"),
        ('<p class="a" id="b">', '<p class="a" id="b">'),
        ("<h1>", "<h1>"),
        ("<!-- note -->", "<!--"),
        ("<!DOCTYPE html>", "<!DOCTYPE"),
        ("Tom &amp; Anna", "&amp;"),
        ("a &lt; b", "&lt;"),
        ("&nbsp;", "&nbsp;"),
        ("it&#39;s", "&#39;"),
        ("it&#x27;s", "&#x27;"),
        ("caf&eacute;", "&eacute;"),
        ("&Ouml;l", "&Ouml;"),
        ("&hellip;", "&hellip;"),
    ],
)
def test_markup_is_seen(text: str, found: str) -> None:
    assert markup(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 < 6",
        "a<b",
        "a < b > c",
        "x <b and c> d",
        "R&D",
        "AT&T;",
        "Tom & Anna",
        "<3",
        "I <3 you",
        "->",
        "<-",
        "<name>",
        "<anna@example.com>",
        "<https://example.com>",
        "&",
        "&;",
        "&foo;",
        "&c;",
        "a&b;",
        "fish&chips;",
        "&#;",
        "&#x;",
        "<",
        ">",
        "<>",
        "</>",
        "< b >",
        "<b",
        "b>",
        "<bold>",
        "<abc>",
        "https://x/?a=1&amp=2",
        "https://x/?a=1&copy=2",
        "<<b",
        "{<b|c>}",
        "if a <b then c> d",
    ],
)
def test_what_only_looks_like_markup_is_left_alone(text: str) -> None:
    assert markup(text) is None
