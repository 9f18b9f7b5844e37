"""The quick look at a body misses nothing that a rule on texts would find; honest text is plain."""

import itertools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.glance import is_plain
from checker.prose import FIRST_OF_BROKEN, SECOND_OF_BROKEN, may_be_broken, may_be_unrendered
from checker.rules.row017_markup_in_message import has_markup

SECONDS = re.findall(f"[{SECOND_OF_BROKEN}]", "".join(map(chr, range(0x80, 0x10000))))
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"]

pieces = st.one_of(
    st.text(max_size=4),
    st.sampled_from(FIRST_OF_BROKEN),
    st.sampled_from(SECONDS),
    st.sampled_from(CONTROLS),
    st.sampled_from(["\ufffd", "null", "None", "NaN", "undefined", "{{", "${", "%(", "[object"]),
    st.sampled_from(["<", "&", "&#", "\\", '"', "\n", "\t", " ", "\u3000", "–", "!", "é", "王"]),
)
texts = st.lists(pieces, max_size=5).map("".join)


def body_of(*texts: str, ascii_only: bool = False) -> bytes:
    rows = [{"uid": "u", "msg": text} for text in texts]
    page = {"list": rows, "next": ""}
    return json.dumps(page, ensure_ascii=ascii_only, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


@given(st.lists(texts.map(lambda text: text.encode("utf-8", "replace").decode()), max_size=3))
def test_a_plain_body_holds_nothing_that_any_rule_could_find(msgs: list[str]) -> None:
    if is_plain(body_of(*msgs)):
        together = "\n".join(msgs)
        assert not may_be_broken(together)
        assert not may_be_unrendered(together)
        assert not any(map(has_markup, msgs))
        assert not any(control in together for control in CONTROLS)


def test_each_beginning_of_a_broken_text_is_seen() -> None:
    missed = [
        pair
        for pair in map("".join, itertools.product(FIRST_OF_BROKEN, SECONDS))
        if is_plain(body_of(pair))
    ]
    assert missed == []


@pytest.mark.parametrize("control", [*CONTROLS, "\ufffd"])
def test_each_control_character_is_seen(control: str) -> None:
    assert not is_plain(body_of(f"a{control}b"))
    assert not is_plain(body_of(f"a{control}b", ascii_only=True))


@pytest.mark.parametrize(
    "text",
    [
        "Hi Aisha, your order 12 is on its way.\nSee you on Friday!",
        'She said "hello", and / or \\ nothing.',
        "Grüße, Łukasz: wspólny dzień – José, Đặng Thị Hoa, İpek – «café noir» ¡Hola! 10 €",
        "สวัสดีคุณ สมชาย 王小明様、ご注文を発送しました。🎉 Привет, Γειά, مرحبا, שלום, नमस्ते",
        "The null hypothesis is void and none came; 5 % off & more.",
    ],
)
def test_honest_text_is_plain(text: str) -> None:
    assert is_plain(body_of(text))
