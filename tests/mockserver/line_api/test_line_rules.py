"""LINE's documented rules, each from both sides: it is kept, and it leaves the rest alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from line_client import ANA, BEN, CHO, LineClient, a_key

from mockserver.line_api import Limits

Start = Callable[..., LineClient]
MULTICAST = "/v2/bot/message/multicast"
PUSH = "/v2/bot/message/push"
VALIDATE = "/v2/bot/message/validate/push"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def texts(*given: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": text} for text in given]


def test_a_push_is_answered_and_delivered(client: LineClient) -> None:
    answer = client.push(ANA, "Halo 🙏", a_key())
    assert answer.status_code == 200
    [sent] = answer.json()["sentMessages"]
    assert sent["id"].isdigit()
    assert sent["quoteToken"]
    assert re.fullmatch(UUID, answer.headers["x-line-request-id"])
    assert client.server.effects() == {ANA: ["Halo 🙏"]}


def test_a_push_without_a_key_is_delivered_each_time(client: LineClient) -> None:
    assert [client.push().status_code for _ in range(3)] == [200] * 3
    assert client.server.counts() == {ANA: 3}
    assert client.summary()["keyless_effects"] == 3


def test_a_repeat_has_no_second_effect(client: LineClient) -> None:
    first, second = client.push(key=a_key()), client.push(key=a_key())
    assert second.status_code == 409
    assert second.json() == {
        "message": "The retry key is already accepted",
        "sentMessages": first.json()["sentMessages"],
    }
    assert second.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert second.headers["x-line-request-id"] != first.headers["x-line-request-id"]
    assert client.server.counts() == {ANA: 1}
    assert client.summary()["repeats_refused"] == 1
    assert client.summary()["violations"] == 0


def test_a_key_in_capitals_is_the_same_key(client: LineClient) -> None:
    assert client.push(key=a_key()).status_code == 200
    assert client.push(key=a_key().upper()).status_code == 409


def test_two_keys_are_two_messages(client: LineClient) -> None:
    assert [client.push(key=a_key(n)).status_code for n in (1, 2)] == [200, 200]
    assert client.server.counts() == {ANA: 2}


@pytest.mark.parametrize(
    "key", ["1", "x" * 36, a_key()[:-1], a_key() + "0", a_key().replace("-", ""), ""]
)
def test_a_key_that_is_no_uuid_is_refused(client: LineClient, key: str) -> None:
    answer = client.push(key=key)
    assert answer.status_code == 400
    assert "X-Line-Retry-Key" in answer.json()["message"]
    assert client.server.counts() == {}


def test_a_different_request_with_a_used_key_is_a_violation(client: LineClient) -> None:
    client.push(ANA, "one", a_key())
    assert client.push(ANA, "two", a_key()).status_code == 409
    assert client.server.effects() == {ANA: ["one"]}
    summary = client.summary()
    assert summary["violations"] == 1
    assert summary["first_violations"][0]["key"] == a_key().replace("-", "")


def test_a_key_runs_out_after_a_day_from_its_first_request(client: LineClient) -> None:
    assert client.push(key=a_key()).status_code == 200
    client.control("clock", advance_seconds=86_399)
    assert client.push(key=a_key()).status_code == 409
    client.control("clock", advance_seconds=1)
    assert client.push(key=a_key()).status_code == 200  # which a client must never let happen
    assert client.push(key=a_key()).status_code == 409
    summary = client.summary()
    assert (summary["resent_after_expiry"], summary["most_effects_of_a_key"]) == (1, 2)
    assert client.server.counts() == {ANA: 2}


def test_a_day_counts_from_the_first_request_also_if_that_was_refused(client: LineClient) -> None:
    client.control("faults", error_before=1.0)
    assert client.push(key=a_key()).status_code == 500
    client.control("faults")
    client.control("clock", advance_seconds=86_000)
    assert client.push(key=a_key()).status_code == 200
    client.control("clock", advance_seconds=400)
    assert client.push(key=a_key()).status_code == 200
    assert client.summary()["resent_after_expiry"] == 1


def test_an_injected_clock_is_the_clock(start: Start) -> None:
    now = [1_000_000.0]
    client = start(clock=lambda: now[0])
    assert client.push(key=a_key()).status_code == 200
    now[0] += 86_399
    assert client.push(key=a_key()).status_code == 409
    now[0] += 1
    assert client.push(key=a_key()).status_code == 200


@pytest.mark.parametrize("given", [None, "Bearer wrong", "line-stand-in", "Basic line-stand-in"])
@pytest.mark.parametrize("path", [PUSH, MULTICAST, VALIDATE])
def test_a_wrong_token_is_401(client: LineClient, path: str, given: str | None) -> None:
    content = {"to": ANA, "messages": texts("hello")}
    answer = client.post(path, content, Authorization=given, X_Line_Retry_Key=a_key())
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("Authentication failed")
    assert "x-line-request-id" in answer.headers
    assert client.server.counts() == {}
    if path == PUSH:
        assert client.push(key=a_key()).status_code == 200  # the key was not used up


def test_a_token_of_ones_own(start: Start) -> None:
    client = start(token="mine")
    assert client.push().status_code == 200
    assert client.push(Authorization="Bearer line-stand-in").status_code == 401


def test_a_wrong_content_type_is_415(client: LineClient) -> None:
    assert client.push(Content_Type="text/plain").status_code == 415
    assert client.push(Content_Type="application/json; charset=UTF-8").status_code == 200


@pytest.mark.parametrize(
    ("content", "message", "details"),
    [
        (b"{", "could not be parsed as JSON (line: 1, column: 2)", None),
        (b"", "could not be parsed as JSON", None),
        (b"[]", "could not be parsed as JSON", None),
        (b'{"to":"\xff"}', "could not be parsed as JSON", None),
        ({"messages": texts("a")}, "The property, 'to', in the request body is invalid", None),
        ({"to": "U1", "messages": texts("a")}, "The property, 'to',", None),
        ({"to": ANA.upper(), "messages": texts("a")}, "The property, 'to',", None),
        ({"to": [ANA], "messages": texts("a")}, "The property, 'to',", None),
        ({"to": ANA}, "has 1 error(s)", [("May not be empty", "messages")]),
        ({"to": ANA, "messages": []}, "has 1 error(s)", [("May not be empty", "messages")]),
        ({"to": ANA, "messages": "a"}, "has 1 error(s)", [("May not be empty", "messages")]),
        (
            {"to": ANA, "messages": texts(*"abcdef")},
            "has 1 error(s)",
            [("Size must be between 1 and 5", "messages")],
        ),
        (
            {"to": ANA, "messages": texts("a", "", 7)},
            "has 2 error(s)",
            [("May not be empty", "messages[1].text"), ("May not be empty", "messages[2].text")],
        ),
        (
            {"to": ANA, "messages": texts("a" * 5001)},
            "has 1 error(s)",
            [("Length must be between 0 and 5000", "messages[0].text")],
        ),
        (
            {"to": ANA, "messages": texts("🙏" * 2501)},
            "has 1 error(s)",
            [("Length must be between 0 and 5000", "messages[0].text")],
        ),
        ({"to": ANA, "messages": ["a"]}, "1 error", [("Must be an object", "messages[0]")]),
    ],
)
def test_a_wrong_body_is_told_as_line_tells_it(
    client: LineClient, content: Any, message: str, details: list[tuple[str, str]] | None
) -> None:
    answer = client.post(PUSH, content)
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    shown = answer.json().get("details")
    assert (shown and [(each["message"], each["property"]) for each in shown]) == details
    assert client.server.counts() == {}


def test_an_unknown_type_is_told_with_the_types(client: LineClient) -> None:
    answer = client.post(PUSH, {"to": ANA, "messages": [{"type": "poem"}, {}]})
    first, second = answer.json()["details"]
    assert first["message"].startswith("Must be one of the following values: [text, ")
    assert (first["property"], second["property"]) == ("messages[0].type", "messages[1].type")


@pytest.mark.parametrize("text", ["a", "a" * 5000, "🙏" * 2500, "\n", "<b>", "\u202e"])
def test_a_right_text_passes(client: LineClient, text: str) -> None:
    assert client.push(ANA, text).status_code == 200
    assert client.server.effects() == {ANA: [text]}


def test_five_messages_and_other_types_pass(client: LineClient) -> None:
    sticker = {"type": "sticker", "packageId": "1", "stickerId": "2"}
    answer = client.post(PUSH, {"to": ANA, "messages": [*texts(*"abcd"), sticker]})
    assert len(answer.json()["sentMessages"]) == 5
    assert client.server.effects() == {ANA: ["a", "b", "c", "d", "[sticker]"]}


def test_groups_and_rooms_can_be_pushed_to_and_not_be_multicast_to(client: LineClient) -> None:
    group = "C" + "0" * 32
    assert client.push(group).status_code == 200
    assert client.multicast([group]).status_code == 400


def test_a_body_over_two_mebibytes_is_413(client: LineClient) -> None:
    answer = client.post(PUSH, b" " * (2 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/json")


def test_any_ids(start: Start) -> None:
    client = start(any_ids=True)
    assert client.push("anyone").status_code == 200
    assert client.push("").status_code == 400
    assert client.multicast(["a", "b"]).status_code == 200


def test_unknown_users(start: Start) -> None:
    client = start(unknown=(BEN, "Uc*"))
    assert client.push(ANA).status_code == 200
    for uid in (BEN, CHO):
        answer = client.push(uid, key=a_key(1))
        assert (answer.status_code, answer.json()) == (400, {"message": "Failed to send messages"})
    assert client.server.counts() == {ANA: 1}


def test_blocked_users_are_accepted_and_get_nothing(start: Start) -> None:
    client = start(blocked=(BEN,))
    assert client.push(BEN, key=a_key()).status_code == 200
    assert client.push(BEN, key=a_key()).status_code == 409
    assert client.push(ANA).status_code == 200
    assert client.server.counts() == {ANA: 1}


def test_a_multicast_reaches_all_once(start: Start) -> None:
    client = start(blocked=(BEN,))
    first = client.multicast([ANA, BEN, CHO], key=a_key())
    second = client.multicast([ANA, BEN, CHO], key=a_key())
    assert (first.status_code, first.json()) == (200, {})
    assert second.status_code == 409
    assert second.json() == {"message": "The retry key is already accepted"}
    assert second.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert client.server.counts() == {ANA: 1, CHO: 1}


def test_a_multicast_takes_five_hundred(client: LineClient) -> None:
    ids = [f"U{number:032x}" for number in range(501)]
    answer = client.multicast(ids)
    assert answer.json()["details"][0]["message"] == "Size must be between 1 and 500"
    assert client.multicast([]).status_code == 400
    assert "to[1]" in client.multicast([ANA, "x"]).json()["message"]
    assert client.post(MULTICAST, b"{").status_code == 400
    assert client.post(MULTICAST, {"to": [ANA]}).json()["details"][0]["property"] == "messages"
    assert client.post(VALIDATE, b"{").status_code == 400
    assert client.multicast(ids[:500]).status_code == 200
    assert len(client.server.counts()) == 500


def test_a_key_of_a_push_is_not_one_of_a_multicast(client: LineClient) -> None:
    client.push(key=a_key())
    assert client.multicast([ANA], key=a_key()).status_code == 409
    assert client.summary()["violations"] == 1


def test_validating_sends_nothing(client: LineClient) -> None:
    right = client.post(VALIDATE, {"messages": texts("a")})
    wrong = client.post(VALIDATE, {"messages": texts("")})
    with_key = client.post(VALIDATE, {"messages": texts("a")}, X_Line_Retry_Key=a_key())
    assert (right.status_code, wrong.status_code, with_key.status_code) == (200, 400, 400)
    assert wrong.json()["details"][0]["property"] == "messages[0].text"
    assert client.get("/v2/bot/message/quota/consumption") == {"totalUsage": 0}


def test_without_a_monthly_limit(client: LineClient) -> None:
    client.push()
    assert client.get("/v2/bot/message/quota") == {"type": "none"}
    assert client.get("/v2/bot/message/quota/consumption") == {"totalUsage": 1}


def test_the_monthly_limit(start: Start) -> None:
    client = start(limits=Limits(monthly=2))
    assert client.get("/v2/bot/message/quota") == {"type": "limited", "value": 2}
    assert client.push(key=a_key()).status_code == 200
    full = client.multicast([ANA, BEN])
    assert full.status_code == 429
    assert full.json() == {"message": "You have reached your monthly limit."}
    assert client.push(BEN).status_code == 200
    assert client.push(CHO).json() == {"message": "You have reached your monthly limit."}
    assert client.push(key=a_key()).status_code == 409  # a repeat costs nothing
    assert client.get("/v2/bot/message/quota/consumption") == {"totalUsage": 2}


def test_the_rate_limit(start: Start) -> None:
    now = [0.0]
    client = start(clock=lambda: now[0], limits=Limits(rate=3, multicast_rate=1))
    assert [client.push().status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.push(key=a_key())
    assert answer.json() == {"message": "The API rate limit has been exceeded. Try again later."}
    assert "Retry-After" not in answer.headers
    assert [client.multicast([ANA]).status_code for _ in range(2)] == [200, 429]
    now[0] += 1
    assert client.push(key=a_key()).status_code == 200
    assert client.summary()["by_status"] == {"200": 5, "429": 3}


def test_no_rate_limit_and_retry_after(start: Start) -> None:
    client = start(clock=lambda: 0.0, limits=Limits(rate=1, retry_after_seconds=7))
    client.push()
    assert client.push().headers["Retry-After"] == "7"
    client.control("limits", rate=0)
    assert {client.push().status_code for _ in range(20)} == {200}


def test_what_is_not_there(client: LineClient) -> None:
    found = client.session.get(f"{client.server.url}/v2/bot/nothing", timeout=30)
    assert (found.status_code, found.json()) == (404, {"message": "Not found"})
    assert "x-line-request-id" in found.headers
    found = client.session.get(f"{client.server.url}{PUSH}", timeout=30)
    assert (found.status_code, found.headers["Allow"]) == (405, "POST")
