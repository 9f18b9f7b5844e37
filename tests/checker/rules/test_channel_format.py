"""What LINE asks of a uid and a msg, at the edges of each figure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.rules.channel_format import Channel, utf16_units

pytestmark = pytest.mark.pure

LINE = Channel("line")
UID = "U" + "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("日本", 2),
        ("😀", 2),
        ("👩‍🚀", 5),
        ("e\u0301", 2),
        ("\ud83d", 1),
    ],
)
def test_text_is_measured_in_utf16(text: str, units: int) -> None:
    assert utf16_units(text) == units


@pytest.mark.parametrize("uid", [UID, "U" + "f" * 32, "U" + "0" * 32])
def test_a_user_id_is_taken(uid: str) -> None:
    assert LINE.fault("uid", uid) is None
    assert LINE.takes_all([uid, None], [None, None])


@pytest.mark.parametrize(
    "uid",
    [
        UID[:-1],
        UID + "0",
        UID + "\n",
        " " + UID,
        UID + " ",
        UID.lower(),
        UID[1:],
        UID.upper(),
        "C" + UID[1:],
        "R" + UID[1:],
        "U" + "g" * 32,
        "U" + "A" * 32,
        "0812345678",
        "anna",
        "U",
        "U" + "٠" * 32,
    ],
)
def test_what_is_no_user_id_is_refused(uid: str) -> None:
    assert LINE.fault("uid", uid) == f"{len(uid)} characters"
    assert not LINE.takes_all([UID, uid], ["m", "m"])


@pytest.mark.parametrize("blank", ["", " ", "\u3000\n"])
def test_a_blank_is_a_matter_of_other_rules(blank: str) -> None:
    assert LINE.fault("uid", blank) is None
    assert LINE.fault("msg", blank * 6000) is None


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("m", None),
        ("m" * 5000, None),
        ("日" * 5000, None),
        ("😀" * 2500, None),
        ("m" * 5001, "5,001 UTF-16 code units; the limit is 5,000"),
        ("日" * 5001, "5,001 UTF-16 code units; the limit is 5,000"),
        ("😀" * 2500 + "m", "5,001 UTF-16 code units; the limit is 5,000"),
        ("😀" * 4000, "8,000 UTF-16 code units; the limit is 5,000"),
        (" " * 5000 + "m", "5,001 UTF-16 code units; the limit is 5,000"),
    ],
)
def test_a_message_has_its_length(message: str, fault: str | None) -> None:
    assert LINE.fault("msg", message) == fault


@given(st.lists(st.none() | st.text(max_size=4) | st.just(UID)), st.integers(2400, 5100))
def test_the_quick_yes_overlooks_nothing(uids: list[str | None], length: int) -> None:
    msgs = [None, "😀" * (length // 2), "m" * length]
    if LINE.takes_all(uids, msgs):
        assert all(LINE.fault("uid", uid) is None for uid in uids if uid is not None)
        assert all(LINE.fault("msg", msg) is None for msg in msgs if msg is not None)


def test_the_quick_yes_says_yes() -> None:
    assert LINE.takes_all([UID] * 3, ["m" * 2500, "😀" * 2500, None])
    assert not LINE.takes_all([UID], ["m" * 2501])
    assert LINE.takes_all([], [])
