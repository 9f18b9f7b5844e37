"""No secret in any encoding, no customer's data beyond its outline, and nothing else touched."""

import base64
import html
import json
import random
import re
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.core.model import ABSENT
from checker.text.redact import MASK, Redactor, masked_name, masked_value

pytestmark = pytest.mark.pure

VISIBLE = string.ascii_letters + string.digits + string.punctuation
secrets = st.builds(
    lambda first, middle, last: first + middle + last,
    st.text(VISIBLE, min_size=3, max_size=4),
    st.text(VISIBLE + "   ", min_size=2, max_size=60),
    st.text(VISIBLE, min_size=3, max_size=4),
)
surroundings = st.text(max_size=8) | st.text(VISIBLE + " \n", max_size=8)


def lower_hex(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), text)


ENCODINGS = {
    "raw": lambda s: s,
    "percent": lambda s: quote(s, safe=""),
    "percent, lower case": lambda s: lower_hex(quote(s, safe="")),
    "percent but slashes": quote,
    "form": quote_plus,
    "form, lower case": lambda s: lower_hex(quote_plus(s)),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "percent thrice": lambda s: quote(quote(quote(s))),
    "every character percent": lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
    "HTML": html.escape,
    "HTML twice": lambda s: html.escape(html.escape(s)),
    "HTML but quotes": lambda s: html.escape(s, quote=False),
    "decimal entities": lambda s: "".join(f"&#{ord(char)};" for char in s),
    "padded entities": lambda s: "".join(f"&#{ord(char):05};" for char in s),
    "hexadecimal entities": lambda s: "".join(f"&#x{ord(char):x};" for char in s),
    "hexadecimal entities, upper case": lambda s: "".join(f"&#X{ord(char):X};" for char in s),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON twice": lambda s: json.dumps(json.dumps(s))[1:-1],
    "JSON thrice": lambda s: json.dumps(json.dumps(json.dumps(s))),
    "PHP's JSON": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "JSON escapes": lambda s: "".join(f"\\u{ord(char):04x}" for char in s),
    "JSON escapes, upper case": lambda s: "".join(f"\\u{ord(char):04X}" for char in s),
    "JavaScript escapes": lambda s: "".join(f"\\x{ord(char):02x}" for char in s),
    "Python": repr,
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal, upper case": lambda s: s.encode().hex().upper(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "base64, percent": lambda s: quote(base64.b64encode(s.encode()).decode(), safe=""),
    "JSON in HTML": lambda s: html.escape(json.dumps(s)),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=max(20, settings.default.max_examples // 4))
@given(secret=secrets, before=surroundings, after=surroundings)
@example(secret="a+b/c=d&e f%20g", before="x", after="y")
@example(secret="Bearer .*[](){}^$|\\?+", before="", after="")
@example(secret="\"'<>&\\/\"'<>&\\/", before="", after="")
@example(secret="aaaaaaaaaaaa", before="a", after="a")
@example(secret="\\\\\\abc\\\\'def\\u0041", before="\\", after="\\")
def test_no_encoding_of_a_secret_is_left(
    encoding: str, secret: str, before: str, after: str
) -> None:
    encoded = ENCODINGS[encoding](secret)
    shown = Redactor([secret]).text(before + encoded + after)
    assert MASK in shown
    assert encoded not in shown
    assert secret not in shown


def core_of(secret: bytes, before: bytes, after: bytes, alphabet: bytes) -> tuple[str, str]:
    """A text's base64, and what of it depends on nothing but the secret in it."""
    text = base64.b64encode(before + secret + after, alphabet).decode()
    start, end = -(-len(before) * 8 // 6), (len(before) + len(secret)) * 8 // 6
    return text, text[start:end]


@given(
    secrets,
    st.binary(max_size=7),
    st.binary(max_size=7),
    st.sampled_from([b"+/", b"-_"]),
)
def test_no_secret_is_left_in_base64_of_more_than_itself(
    secret: str, before: bytes, after: bytes, alphabet: bytes
) -> None:
    text, core = core_of(secret.encode(), before, after, alphabet)
    assert core not in Redactor([secret]).text(text)


@given(
    st.text(VISIBLE, min_size=60, max_size=700), st.sampled_from(sorted(ENCODINGS)), surroundings
)
def test_of_a_long_secret_no_end_is_left(secret: str, encoding: str, before: str) -> None:
    encoded = ENCODINGS[encoding](secret)
    shown = Redactor([secret]).text(f"{before} {encoded}")
    assert MASK in shown
    assert encoded[:40] not in shown
    if encoding == "raw" and not set(secret) & set("\"'<>"):
        assert shown == f"{before} {MASK}"


@given(secrets, st.randoms(use_true_random=False))
def test_no_mixture_of_encodings_is_left(secret: str, chance: random.Random) -> None:
    ways = [
        "raw",
        "every character percent",
        "decimal entities",
        "hexadecimal entities",
        "JSON escapes",
        "JavaScript escapes",
    ]
    mixed = "".join(ENCODINGS[chance.choice(ways)](char) for char in secret)
    # what follows a long secret is masked with it, up to the next blank
    assert Redactor([secret]).text(f"[{mixed} ]") == f"[{MASK} ]"


@given(
    st.text(string.ascii_uppercase, min_size=8, max_size=30),
    st.text(st.characters(exclude_characters=string.ascii_letters)),
)
def test_text_without_the_secret_is_unchanged(secret: str, text: str) -> None:
    assert Redactor([secret]).text(text) == text


@given(st.text())
def test_without_secrets_all_text_is_unchanged(text: str) -> None:
    assert Redactor().text(text) == text
    assert Redactor(["", "a", "abc", "  abc "]).text(text) == text


@given(secrets, surroundings)
def test_what_is_masked_stays_masked(secret: str, text: str) -> None:
    redactor = Redactor([secret])
    shown = redactor.text(f"{text}{secret}{text}")
    assert redactor.text(shown) == shown


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("Bearer abc123def", "token abc123def is bad", f"token {MASK} is bad"),
        ("bearer abc123def", "Bearer abc123def", MASK),
        ("Token abc123def", "abc123def", MASK),
        (
            "Basic " + base64.b64encode(b"anna:hunter22").decode(),
            "hunter22 anna:hunter22",
            f"{MASK} {MASK}",
        ),
        ('Digest username=anna, response="0123456789"', "0123456789", MASK),
        ("session=abcdefgh", "abcdefgh", MASK),
        ("a%20b%2Bc%2Fd", "a b+c/d", MASK),
        ("hunter22", "HUNTER22 hunter2", f"{MASK} hunter2"),
        ("abcd", "xabcdx", f"x{MASK}x"),
        ("abc", "abc", "abc"),
    ],
)
def test_parts_that_are_secrets_by_themselves(secret: str, text: str, shown: str) -> None:
    assert Redactor([secret]).text(text) == shown


def test_a_secret_may_come_later() -> None:
    redactor = Redactor(["first-secret"])
    assert redactor.text("first-secret later-secret") == f"{MASK} later-secret"
    redactor.add("later-secret")
    assert redactor.text("first-secret later-secret") == f"{MASK} {MASK}"


def test_the_longer_of_two_secrets_goes_first() -> None:
    redactor = Redactor(["secret", "secret-and-more"])
    assert redactor.text("secret-and-more, secret") == f"{MASK}, {MASK}"


def test_a_redactor_does_not_tell_its_secrets() -> None:
    assert "hunter22" not in repr(Redactor(["hunter22"]))


@pytest.mark.parametrize(
    "secret", ["Bearer \\\\\\\\abc'def%&;0123456789", "\\" * 9, "\"'/\\" * 9, "&" * 9]
)
@pytest.mark.parametrize(
    "piece",
    [
        "\\",
        "&amp;",
        "amp;",
        "&#0",
        "0",
        "%25",
        "25",
        "\\u0",
        "Bearer \\",
        "&#x0",
        "\\\\u005c",
        "\\\\'",
        '\\"/',
    ],
)
def test_a_text_made_to_be_slow_is_not(secret: str, piece: str) -> None:
    redactor = Redactor([secret])
    for start in ("", "Bearer \\\\\\\\", "\\\\", "&", "%", "&#", "\\u"):
        redactor.text(start + piece * 3000 + "!")


# ---------------------------------------------------------------- customers' data


def masked(value: object, pointer: str | None, show_data: bool = False) -> str | None:
    return masked_value(value, pointer, show_data=show_data, redactor=Redactor(["hunter22"]))


@pytest.mark.parametrize(
    ("value", "pointer", "shown"),
    [
        (ABSENT, "/list", None),
        ("U0123456789", "/list/0/uid", "U0…89 (11 characters)"),
        ("abcde", "/list/0/uid", "ab…de (5 characters)"),
        ("abcd", "/list/0/uid", "a… (4 characters)"),
        ("a", "/list/0/uid", "a… (1 characters)"),
        ("Dear Anna, you owe us money", "/list/0/msg", "Dear Anna, y… (27 characters)"),
        ("Dear Anna", "/list/0/msg", "Dear… (9 characters)"),
        ("H", "/list/0/msg", "H… (1 characters)"),
        ("m" * 5000, "/list/0/msg", "mmmmmmmmmmmm… (5,000 characters)"),
        ("", "/list/0/uid", '""'),
        (" \n", "/list/0/msg", '" \\n"'),
        (" " * 50, "/list/0/msg", '"' + " " * 20 + '"'),
        ("token-abc", "/next", "token-abc"),
        (True, "/next", "true"),
        ([1, "x"], "/next", '[1, "x"]'),
        (None, "/list/0/uid", "null"),
        (False, "/list/0/uid", "false"),
        (0, "/list/0/uid", "0"),
        (42, "/list/0/uid", "42"),
        (66812345678, "/list/0/uid", "6…8"),
        (1.25, "/list/0/uid", "1…5"),
        ([], "/list", "[]"),
        (["Anna", "Bert"], "/list", "[… 2 elements]"),
        ({}, "/list", "{}"),
        (
            {"uid": "U0123456789", "msg": "Dear Anna, hello"},
            "/list/0",
            '{"uid": U0…89 (11 characters), "msg": Dear Ann… (16 characters)}',
        ),
        ({"a": {"b": {"c": "deep"}}}, "/list/0", '{"a": {"b": {…}}}'),
        ("hunter22 hunter22 hunter22 xyz", "/list/0/msg", f"{MASK} {MASK}… (30 characters)"),
        ("x" * 500, "/next", "x" * 119 + "…"),
    ],
)
def test_a_value_is_shown_by_its_outline(value: object, pointer: str, shown: str | None) -> None:
    assert masked(value, pointer) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Dear Anna, you owe us money", "Dear Anna, you owe us money"),
        ({"uid": "U0123456789"}, '{"uid": "U0123456789"}'),
        ("my hunter22", f"my {MASK}"),
        ("x" * 500, "x" * 119 + "…"),
        (object(), "object"),
    ],
)
def test_data_is_shown_when_that_is_asked_for(value: object, shown: str) -> None:
    assert masked(value, "/list/0/msg", show_data=True) == shown


letters = st.text(string.ascii_letters, min_size=14, max_size=60)
pointers = st.sampled_from(
    [None, "", "/list", "/list/0", "/list/0/msg", "/list/0/name", "/list/0/next"]
)
wrapped = st.sampled_from(
    [
        lambda text: text,
        lambda text: {"msg": text},
        lambda text: {"name": text, "uid": "u"},
        lambda text: {"next": text, "uid": "u"},
        lambda text: {"next": [text]},
        lambda text: {"uid": "u", "more": {"msg": text}},
        lambda text: {"uid": "u", "more": {"next": text}},
        lambda text: [text],
        lambda text: {"list": [text]},
    ]
)


@given(letters, pointers, wrapped)
def test_of_a_customers_text_at_most_twelve_letters_are_shown(
    text: str, pointer: str | None, wrap: object
) -> None:
    value = wrap(text)  # type: ignore[operator]
    shown = masked(value, pointer)
    assert shown is not None
    assert text[:13] not in shown


@given(st.text(string.ascii_letters, min_size=9), st.sampled_from(["/list/0/uid", "/uid"]))
def test_of_a_uid_only_the_ends_are_shown(uid: str, pointer: str) -> None:
    assert masked(uid, pointer) == f"{uid[:2]}…{uid[-2:]} ({len(uid)} characters)"


@given(st.integers(-(10**30), 10**30))
def test_of_a_number_only_the_ends_are_shown(number: int) -> None:
    shown = masked(number, "/list/0/uid")
    assert shown is not None
    assert len(shown) <= 3


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    pointers | st.just("/next") | st.just("/list/0/uid"),
    st.booleans(),
)
def test_nothing_is_shown_at_length(value: object, pointer: str | None, show_data: bool) -> None:
    shown = masked(value, pointer, show_data)
    assert shown is not None
    assert len(shown) <= 120


@pytest.mark.parametrize("show_data", [True, False])
@pytest.mark.parametrize("pointer", ["/next", "/list/0/msg", "/list/0/uid", "/list/0", None])
@given(
    secret=st.text("ABCDEFGHIJ", min_size=8, max_size=40),
    before=st.integers(0, 130) | st.integers(16 * 1024 - 60, 16 * 1024 + 5),
)
def test_no_cut_leaves_a_part_of_a_secret(
    secret: str, before: int, pointer: str | None, show_data: bool
) -> None:
    redactor = Redactor([secret])
    value = "x" * before + secret + "y" * 10
    shown = masked_value(value, pointer, show_data=show_data, redactor=redactor)
    assert shown is not None
    assert not re.search("[A-J]", shown)


@pytest.mark.parametrize("length", range(200, 1500, 13))
def test_no_cut_leaves_a_part_of_a_secret_that_fills_the_text(length: int) -> None:
    chance = random.Random(length)
    secret = "".join(chance.choices(string.ascii_letters, k=length))
    for pointer in ("/next", "/list/0/msg"):
        for show_data in (True, False):
            shown = masked_value(
                f"{secret} " * 100, pointer, show_data=show_data, redactor=Redactor([secret])
            )
            assert shown is not None
            assert secret[:4] not in shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("id", "id"), ("first_name", "first_name"), ("", ""), ("hunter22", MASK)],
)
def test_a_members_name_is_shown_when_it_reads_like_one(name: str, shown: str) -> None:
    assert masked_name(name, Redactor(["hunter22"])) == shown


def test_a_members_name_that_is_a_persons_id_is_masked() -> None:
    uid = "U" + "0123456789abcdef" * 2
    assert uid not in masked_name(uid, Redactor())
