"""Masking changes a text so that every rule that reads it says the same, and nobody can read it."""

import json
import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.errors import NotRecordedError
from checker.core.model import Exchange, Headers, Purpose
from checker.core.needs import Need
from checker.core.report import Report
from checker.engine.run import run
from checker.parsing.json_body import decode
from checker.parsing.page import read_page
from checker.recordings.masking import Masker
from checker.recordings.pseudonyms import Pseudonyms
from checker.rules.channel_format import utf16_units
from checker.text.redact import Redactor

KEY = b"a key of the tests"
MASKER = Masker(Pseudonyms(KEY), lambda text: text)
ENDPOINT = Endpoint.parse("http://127.0.0.1/recipients")

SEEDS = [
    "Hi {{name}}, see you!",
    "Hi undefined, see you!",
    "For you: [object Object]",
    "null",
    " None! ",
    "Dear ${first_name},",
    "Good morning, null!",
    "%(name)s, hello",
    "สวัสดี undefined",
    "undefined様",
    "NaN",
    "none of our shops",
    "<b>Sale</b> today",
    "Tom &amp; Zoë&#39;s shop",
    '<a href="https://x.test/?u=bob">Bob</a>',
    "5 < 6 and b > a",
    "Ihr Termin im CafÃ© MÃ¼ller",
    "à¸ªà¸§à¸±à¸ªà¸”à¸µ",
    "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    "â€œquotedâ€\x9d",
    "lost\ufffd",
    "6\x7f5",
    "a\x00b",
    "caf\x85",
    "Ua0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
    "UA0B1C2D3E4F5A6B7C8D9E0F1A2B3C4D5",
    "Uzzz",
    " U1 ",
    "",
    " \t ",
    "🎉" * 5,
    "Chào Ngọc",
    "花子さん",
    "CAFÉ MÃ",
    "ĐÃ",
    "AMANHÃ°",
    "{with a star}",
]
PIECES = st.sampled_from(
    [
        *SEEDS,
        "Hi ",
        "Hello ",
        "null",
        "undefined",
        ",",
        " ",
        "<",
        ">",
        "/",
        "b",
        "br",
        "&",
        "amp",
        ";",
        "Ã",
        "©",
        "Â",
        "à",
        "¸",
        "ª",
        "{{",
        "}}",
        "name",
        "${",
        "}",
        "%(",
        ")s",
        "\u00ad",
        "É",
        "e",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.lists(PIECES, max_size=6).map("".join),
    st.sampled_from(SEEDS),
)
ROWS = st.lists(st.fixed_dictionaries({"uid": TEXTS, "msg": TEXTS}), min_size=1, max_size=6)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


class OnePage:
    """Answers the first page with a body, and nothing else."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.requests = self.bytes = 0

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        if page != 1 or purpose is not Purpose.PAGE:
            raise NotRecordedError("one page")
        return exchange(self.body)

    def try_method(self, method: str) -> Exchange:
        raise NotRecordedError("one page")

    def lacks(self) -> dict[Need, str]:
        return {}

    def close(self) -> None:
        pass


def exchange(body: bytes) -> Exchange:
    return Exchange(
        purpose=Purpose.PAGE, method="GET", url=ENDPOINT.url, status=200, body=body, page=1
    )


def judged(body: bytes) -> dict[str, int]:
    report: Report = run(Config(endpoint=ENDPOINT, channel="line"), client=OnePage(body))
    assert report.crashes == ()
    return {finding.rule: finding.count for finding in report.findings}


def masked(body: bytes) -> bytes:
    found = MASKER.body(body, is_page=True)
    assert found is not None
    return found


def body_of(rows: object, *, ascii_only: bool = False) -> bytes:
    return json.dumps({"list": rows, "next": ""}, ensure_ascii=ascii_only).encode()


@given(rows=ROWS, ascii_only=st.booleans())
def test_every_rule_says_the_same_of_a_masked_page(
    rows: list[dict[str, str]], ascii_only: bool
) -> None:
    body = body_of(rows, ascii_only=ascii_only)
    assert judged(masked(body)) == judged(body)


@pytest.mark.parametrize("text", SEEDS)
def test_every_rule_says_the_same_of_a_masked_seed(text: str) -> None:
    body = body_of([{"uid": text, "msg": "Hello"}, {"uid": "someone", "msg": text}])
    assert judged(masked(body)) == judged(body)


@given(document=ANY_JSON)
def test_every_rule_says_the_same_of_any_json(document: object) -> None:
    for body in (json.dumps(document).encode(), body_of(document)):
        assert judged(masked(body)) == judged(body)


@given(body=st.binary(max_size=60) | TEXTS.map(str.encode))
@example(b'{"list": [{"uid": "U1", "msg": "a\xe9"}], "next": ""}')
@example('{"list": [], "next": ""'.encode("utf-16"))
@example(b"\xef\xbb\xbf{}")
@example(b"NaNA")
@example(b"\xdf")
@example(b"\xf5")
@example(b"a\xf5")
@example('{"list": [{"uid": "U1", "msg": "é'.encode()[:-1])
def test_a_body_that_is_no_json_stays_none(body: bytes) -> None:
    found = MASKER.body(body, is_page=True)
    if found is not None:
        before, after = decode(body), decode(found)
        assert {odd.rule for odd in before.defects} == {odd.rule for odd in after.defects}
        assert len(found) == len(body)


@given(text=TEXTS)
def test_a_masked_text_is_as_long_in_every_way(text: str) -> None:
    other = Pseudonyms(KEY).text(text)
    assert len(other) == len(text)
    assert utf16_units(other) == utf16_units(text)
    assert len(other.encode()) == len(text.encode())
    assert [char.isspace() for char in other] == [char.isspace() for char in text]
    assert [char.isalnum() for char in other] == [char.isalnum() for char in text]


@given(texts=st.lists(TEXTS | st.text("ab1", max_size=2), max_size=8))
def test_equal_texts_stay_equal_and_different_ones_different(texts: list[str]) -> None:
    pseudonyms = Pseudonyms(KEY)
    others = [pseudonyms.text(text) for text in texts]
    assert len(set(others)) == len(set(texts))
    assert dict(zip(texts, others, strict=True)) == dict(
        zip(reversed(texts), reversed(others), strict=True)
    )


@pytest.mark.parametrize("alphabet", ["0123456789", "abcdefghijklmnopqrstuvwxyz"])
def test_short_ids_are_not_mixed_up(alphabet: str) -> None:
    texts = [*alphabet, *(a + b for a in alphabet for b in alphabet)]
    pseudonyms = Pseudonyms(KEY)
    assert len({pseudonyms.text(text) for text in texts}) == len(texts)


@given(numbers=st.lists(st.integers(min_value=-(10**20), max_value=10**20), max_size=8))
def test_numbers_stay_numbers_of_their_length(numbers: list[int]) -> None:
    others = [Pseudonyms(KEY).number(str(number)) for number in numbers]
    assert [len(other) for other in others] == [len(str(number)) for number in numbers]
    assert all(str(int(other)) == other for other in others)
    assert len(set(others)) == len(set(numbers))


def test_another_key_gives_other_texts() -> None:
    text = "Dear Bob, your parcel has arrived."
    one, two = (Pseudonyms(key).text(text) for key in (b"one", b"two"))
    assert len({text, one, two}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "Dear Bob Miller, your parcel has arrived",
        "สวัสดีคุณสมชาย ร้านของเราเปิดทุกวัน",
        "花子さん、ご予約を承りました",
        "à¸ªà¸§à¸±à¸ªà¸”à¸µ Bob Miller from Springfield",
        '<a href="https://shop.test/?user=bobmiller">Bob Miller from Springfield</a>',
    ],
)
def test_nothing_of_a_message_can_be_read(text: str) -> None:
    other = Pseudonyms(KEY).text(text)
    words = Counter(re.findall(r"\w{4,}", text.lower())) - Counter({"href": 1, "https": 1})
    assert [word for word in words if word in other.lower()] == []


def test_mojibake_cannot_be_turned_back() -> None:
    honest = "สวัสดีคุณสมชาย"
    broken = honest.encode().decode("cp1252", "replace").replace("\ufffd", "")
    other = Pseudonyms(KEY).text(broken)
    assert other != broken
    assert honest not in other.encode("cp1252", "ignore").decode("utf-8", "ignore")


@pytest.mark.parametrize(
    "body",
    [
        b'{"list": [{"uid": "Ubob", "uid": "Ubob", "msg": "Dear Bob"},], "next": "t1"}',
        b"{'list': [{'uid': 'Bobmiller', 'msg': 'Dear Bobmiller'}], 'next': 't1'}",
        b'callback({"list": [{"uid": "Bobmiller", "msg": "Dear \\u0042obmiller"}], "next": ""});',
        b'{"list": {"Bobmiller1234": "Dear Bobmiller"}, "next": ""}',
        b'{"list": "[{\\"uid\\": \\"Bobmiller\\", \\"msg\\": \\"Hello\\"}]", "next": ""}',
        b'"{\\"list\\": [{\\"uid\\": \\"Bobmiller\\", \\"msg\\": \\"Bobm\\\\u0069ller\\"}]}"',
        b"uid,msg\nBobmiller,Dear Bobmiller\n",
        b'{"data": [{"user": "Bobmiller", "phone": 15550123456}]',
        '{"list": [{"uid": "Bobmiller", "msg": "Grüße"}], "next": ""}'.encode("latin-1"),
        '{"list": [{"uid": "Bobmiller", "msg": "Grüße"}], "next": ""}'.encode("utf-16-le"),
        b'\xef\xbb\xbf{"list": [{"uid": "Bobmiller", "msg": "cut of',
    ],
)
def test_a_faulty_body_keeps_its_fault_and_loses_its_data(body: bytes) -> None:
    found = masked(body)
    assert len(found) == len(body)
    assert judged(found) == judged(body)
    for encoding in ("utf-8", "utf-16-le"):
        assert "obmiller" not in found.decode(encoding, "ignore").lower()
        assert "5550123456" not in found.decode(encoding, "ignore")


def test_the_token_stays() -> None:
    body = b'{"list": [{"uid": "u", "msg": "m", "next": "Bobmiller"}], "next": "tok1"}'
    page = read_page(exchange(masked(body)), 1, ENDPOINT)
    assert page.next.token == "tok1"
    assert "Bobmiller" not in page.exchange.body.decode()


def test_a_secret_is_masked_and_the_contracts_names_stay() -> None:
    redactor = Redactor(["next", "s3cret-word", "12345678"])
    masker = Masker(Pseudonyms(KEY), redactor.text)
    body = b'{"list": [{"uid": "u s3cret\\u002dword", "msg": "m", "n": 12345678}], "next": "abc"}'
    found = masker.body(body, is_page=True)
    assert found is not None
    assert json.loads(found)["next"] == "abc"
    assert b"12345678" not in found
    assert b"u002dword" not in found
    shown = Masker(None, redactor.text).body(body, is_page=True)
    assert shown is not None
    assert json.loads(shown)["list"][0]["uid"] == "u •••"
    assert b"12345678" not in shown
