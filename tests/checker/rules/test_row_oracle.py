"""Any row is reported by exactly the rules whose condition holds, as a plain oracle decides."""

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import ABSENT, Exchange, Location, Purpose
from checker.parsing.page import read_page
from checker.rules import all_rules
from checker.rules.context import RuleContext
from checker.text.redact import Redactor

pytestmark = pytest.mark.pure

ENDPOINT = Endpoint.parse("http://localhost/recipients")
HOOKS = ("on_exchange", "on_page", "on_defects", "on_violations")
UID = "U" + "0123456789abcdef" * 2
MOJIBAKE = "Caf\u00c3\u00a9 \u00e2\u0080\u0099"

uids = st.one_of(
    st.just(UID),
    st.sampled_from([UID[:-1], UID + "0", UID + "\n", " " + UID, UID.lower(), "", "\u3000", "7"]),
    st.builds(
        "{}{}{}".format, st.text(" \t\u00a0\x1c", max_size=1), st.just(UID), st.text(max_size=1)
    ),
    st.text(max_size=5),
)
pieces = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            "Hi {{name}}",
            "${x}",
            "<b>",
            "&amp;",
            "\x00",
            "\x07",
            "\x1b[0m",
            "\x7f",
            "\x85",
            "\x9b",
            "\t",
            "\r\n",
            MOJIBAKE,
            "\ufffd",
            "é",
            "😀",
            " ",
            "\u2028",
            "null",
            "\\",
            '"',
            "\\u0000",
        ]
    ),
)
msgs = st.one_of(
    st.lists(pieces, max_size=4).map("".join),
    st.sampled_from(["", " ", "m" * 5000, "m" * 5001, "😀" * 2500, "😀" * 2501, " " * 6000]),
)
junk = st.one_of(st.none(), st.booleans(), st.integers(), st.just([]), st.just({"uid": "u"}))
names = st.sampled_from(["id", "Message", "a/b", "~", "name", "UID", ""])
rows = st.one_of(
    st.fixed_dictionaries({"uid": uids, "msg": msgs}),
    st.fixed_dictionaries({}, optional={"uid": uids | junk, "msg": msgs | junk}),
    st.builds(
        lambda more, row: {**more, **row},
        st.dictionaries(names, junk | msgs, max_size=2),
        st.fixed_dictionaries({"uid": uids, "msg": msgs}),
    ),
    junk,
    msgs,
)

Found = set[tuple[str, str]]
WRITERS = [
    lambda page: json.dumps(page),
    lambda page: json.dumps(page, ensure_ascii=False),
    lambda page: json.dumps(page, ensure_ascii=False, separators=(",", ":")),
    lambda page: re.sub(
        r"\\u[0-9a-f]{4}", lambda match: "\\u" + match.group()[2:].upper(), json.dumps(page)
    ),
]


def found_by_the_rules(body: str | bytes, channel: str | None) -> Found:
    """As the engine feeds them."""
    config = Config(endpoint=ENDPOINT, channel=channel)
    context = RuleContext(config, Redactor())
    exchange = Exchange(
        purpose=Purpose.PAGE,
        method="GET",
        url=ENDPOINT.url,
        page=1,
        status=200,
        body=body if isinstance(body, bytes) else body.encode(),
    )
    page = read_page(exchange, 1, ENDPOINT)
    found = set()
    for rule_id, rule in all_rules().items():
        instance = rule(context)
        subjects = (exchange, page, page, page)
        for hook, subject in zip(HOOKS, subjects, strict=True):
            places: list[Location] = list(getattr(instance, hook)(subject))
            for place in places:
                if rule_id.startswith("ROW"):
                    pointer = str(place.pointer)
                    if rule_id == "ROW014" and not re.fullmatch(r"(/\w+){3}", pointer):
                        pointer = pointer[: len("/list/0")]  # an odd name may be a person's id
                    assert (rule_id, pointer) not in found
                    found.add((rule_id, pointer))
                    assert instance.message(1, place).endswith(".")
                    assert place.exchange is exchange
                    check_value(rule_id, place, page.document)
    return found


def check_value(rule_id: str, place: Location, document: Any) -> None:
    """A place shows what stands there, but where a member's name says it all."""
    if rule_id == "ROW014":
        assert place.value is ABSENT
        return
    for step in str(place.pointer).split("/")[1:]:
        document = document[int(step) if isinstance(document, list) else step]
    assert place.value == document


def is_blank(text: str) -> bool:
    return not text or text.isspace()


def is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and char not in "\t\n\r"


def of_members(row: dict[str, Any], at: str) -> Found:
    found = set()
    for name, missing, no_string, blank in (
        ("uid", "ROW002", "ROW003", "ROW004"),
        ("msg", "ROW005", "ROW006", "ROW007"),
    ):
        if name not in row:
            found.add((missing, at))
        elif not isinstance(row[name], str):
            found.add((no_string, f"{at}/{name}"))
        elif is_blank(row[name]):
            found.add((blank, f"{at}/{name}"))
    return found


def of_channel(uid: object, msg: object, at: str) -> Found:
    found = set()
    if isinstance(uid, str) and not is_blank(uid) and not re.fullmatch("U[0-9a-f]{32}", uid):
        found.add(("ROW008", f"{at}/uid"))
    if isinstance(msg, str) and not is_blank(msg):
        units = sum(2 if char > "\uffff" else 1 for char in msg)
        if units > 5000:
            found.add(("ROW009", f"{at}/msg"))
    return found


def of_row(row: object, at: str, channel: str | None, garbled: set[str]) -> Found:
    if not isinstance(row, dict):
        return {("ROW001", at)}
    found = of_members(row, at)
    uid, msg = row.get("uid"), row.get("msg")
    if channel:
        found |= of_channel(uid, msg, at)
    for name, text in (("uid", uid), ("msg", msg)):
        if isinstance(text, str):
            controls = [char for char in text if is_control(char)]
            if f"{at}/{name}" in garbled:  # what was decoded wrongly is full of C1
                controls = [char for char in controls if char < "\x80"]
            if controls:
                found.add(("ROW010", f"{at}/{name}"))
    if isinstance(uid, str) and not is_blank(uid) and (uid[0].isspace() or uid[-1].isspace()):
        found.add(("ROW011", f"{at}/uid"))
    unknown = [name for name in row if name not in ("uid", "msg")]
    if unknown:
        named = re.fullmatch(r"\w+", unknown[0])
        found.add(("ROW014", f"{at}/{unknown[0]}" if named else at))
    return found


def expected_of(page: list[Any], channel: str | None, garbled: set[str]) -> Found:
    found: Found = set()
    seen = []
    for index, row in enumerate(page):
        at = f"/list/{index}"
        found |= of_row(row, at, channel, garbled)
        pair = (row.get("uid"), row.get("msg")) if isinstance(row, dict) else (None, None)
        if all(isinstance(text, str) for text in pair):
            if pair in seen:
                found.add(("ROW012", at))
            seen.append(pair)
    return found


@given(st.lists(rows, max_size=4), st.sampled_from([None, "line"]), st.sampled_from(WRITERS))
@example([{"uid": "\u00c3\u00a9\x85", "msg": "m"}], None, WRITERS[1])
@example([{"uid": "u", "msg": MOJIBAKE + "\x00"}], None, WRITERS[1])
@example([{"uid": "u", "msg": "a\x85b"}], None, WRITERS[1])
@example(
    [{"uid": "u", "msg": "m"}, {"uid": "u", "msg": "m"}, {"uid": "u", "msg": "m"}], None, WRITERS[0]
)
def test_a_row_is_reported_by_the_rules_whose_condition_holds(
    page: list[Any], channel: str | None, write: Any
) -> None:
    found = found_by_the_rules(write({"list": page, "next": ""}), channel)
    garbled = {pointer for rule, pointer in found if rule == "ROW015"}
    judged_elsewhere = ("ROW015", "ROW016", "ROW017")
    judged = {place for place in found if place[0] not in judged_elsewhere}
    assert judged == expected_of(page, channel, garbled)


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
@pytest.mark.parametrize("write", WRITERS)
def test_every_control_character_is_seen_but_three(code: int, write: Any) -> None:
    page = {"list": [{"uid": UID, "msg": f"a{chr(code)}b"}], "next": ""}
    seen = ("ROW010", "/list/0/msg") in found_by_the_rules(write(page), None)
    assert seen is (chr(code) not in "\t\n\r")


def test_control_characters_are_seen_in_any_encoding() -> None:
    body = json.dumps({"list": [{"uid": "u", "msg": "a\x01"}], "next": ""})
    for encoded in (
        body.encode("utf-16"),
        body.encode("utf-16-be"),
        b"\xef\xbb\xbf" + body.encode(),
    ):
        assert ("ROW010", "/list/0/msg") in found_by_the_rules(encoded, None)


@given(st.lists(msgs, min_size=1, max_size=4), st.sampled_from(WRITERS))
def test_the_messages_rules_judge_every_row_alike(texts: list[str], write: Any) -> None:
    """What a rule finds in a row alone, it finds among others: no quick look hides a row."""
    page = [{"uid": f"u{index}", "msg": text} for index, text in enumerate(texts)]
    together = found_by_the_rules(write({"list": page, "next": ""}), "line")
    for index, row in enumerate(page):
        alone = found_by_the_rules(write({"list": [row], "next": ""}), "line")
        at = f"/list/{index}"
        among = {(rule, pointer) for rule, pointer in together if pointer.startswith(at)}
        assert {(rule, pointer.replace("/list/0", at)) for rule, pointer in alone} == among
