"""LINE: both sides of each rule, against the stand-in, and what no stand-in answers by scripts."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from channel_kit import UID, call_of, group_of, send_all, send_one
from scripted import ScriptedServer, reply

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Channel, Quota, Verdict
from broadcaster.errors import WrongCommand
from broadcaster.model import retry_key
from mockserver.line_api import LineConfig, LineServer
from mockserver.line_api.config import Limits
from mockserver.line_api.faults import FAULTS, Faults

TOKEN = "line-stand-in"
BEN = "U" + "b" * 32


def settings_of(server: LineServer | ScriptedServer, token: str = TOKEN) -> dict[str, str]:
    return {"BROADCAST_LINE_TOKEN": token, "BROADCAST_LINE_BASE_URL": server.url}


def channel_to(server: LineServer | ScriptedServer, **options: object) -> Channel:
    return open_channel("line", environ=settings_of(server), **options)  # type: ignore[arg-type]


def test_a_row_is_a_push_with_its_retry_key(scripted: ScriptedServer) -> None:
    scripted.answer = lambda request: reply(x_line_request_id="id-1")
    assert send_one("line", settings_of(scripted)) == Answer(
        verdict=Verdict.ACCEPTED, reference="id-1"
    )
    [request] = scripted.asked
    assert (request.method, request.path) == ("POST", "/v2/bot/message/push")
    assert json.loads(request.body) == {"to": UID, "messages": [{"type": "text", "text": "Hello"}]}
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-line-retry-key"] == str(retry_key("b", 0, 0))


def test_a_message_arrives_once_however_often_it_is_sent(line: LineServer) -> None:
    channel = channel_to(line)
    call = call_of(channel)
    first, *repeats = [send_all(channel, [call])[0] for _ in range(3)]
    assert first.verdict is Verdict.ACCEPTED
    assert first.reference
    assert repeats == [first, first]  # 409, with the accepted request's id
    assert line.effects() == {UID: ["Hello"]}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_after_any_fault_a_repeat_is_accepted_and_the_effect_is_one(
    line: LineServer, fault: str
) -> None:
    faults = {fault: 1.0, "times": 1, "slow_seconds": 0.01}
    line.set_faults(Faults.of(faults))
    channel = channel_to(line, timeout_seconds=0.5)
    first = send_all(channel, [call_of(channel)])[0]
    expected = {"rate_limited": "later", "concurrent": "later", "slow": "accepted"}
    if fault == "half_answer":
        assert first.verdict is Verdict.ACCEPTED
    else:
        assert first.verdict == expected.get(fault, "unknown")
    assert send_all(channel, [call_of(channel)])[0].verdict is Verdict.ACCEPTED
    assert line.effects() == {UID: ["Hello"]}


def test_the_three_meanings_of_429_are_told_apart(line: LineServer) -> None:
    line.set_limits(Limits(monthly=0))
    answer = send_one("line", settings_of(line))
    assert answer.verdict is Verdict.PAUSE
    assert answer.reason.startswith("LINE's monthly limit of messages is reached: raise the limit")
    for fault in ("rate_limited", "concurrent"):
        line.set_faults(Faults.of({fault: 1.0}))
        answer = send_one("line", settings_of(line))
        assert (answer.verdict, answer.slow_down) == (Verdict.LATER, True)
        assert answer.reason == "LINE asked to send more slowly (429)."


def test_a_user_whom_line_does_not_know_is_refused() -> None:
    with LineServer(LineConfig(unknown=(UID,))) as line:
        answer = send_one("line", settings_of(line))
    assert answer == Answer(
        verdict=Verdict.REFUSED,
        reason="LINE does not know the user, or may not send to them (Failed to send messages).",
    )


def test_equal_causes_have_equal_reasons(line: LineServer) -> None:
    channel = channel_to(line)
    calls = [
        call_of(channel, uid, msg, row)
        for row, (uid, msg) in enumerate([("x1", "a"), ("x2", "b"), (UID, ""), (BEN, "")])
    ]
    answers = send_all(channel, calls)
    assert {answer.verdict for answer in answers} == {Verdict.REFUSED}
    bad_id, bad_id_too, empty, empty_too = [answer.reason for answer in answers]
    assert bad_id == bad_id_too
    assert "'to'" in bad_id
    assert empty == empty_too
    assert empty.endswith("1 error(s): May not be empty messages[0].text")


def test_a_wrong_token_pauses(line: LineServer) -> None:
    answer = send_one("line", settings_of(line, "another-token"))
    assert answer == Answer(
        verdict=Verdict.PAUSE,
        reason="LINE refuses the token (401): check BROADCAST_LINE_TOKEN or "
        "BROADCAST_LINE_TOKEN_FILE, then resume.",
    )


@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        (reply(301, Location="/x"), "pause", "not LINE's address (301)"),
        (reply(403), "pause", "refuses the token (403)"),
        (reply(404), "pause", "not LINE's address (404)"),
        (reply(400), "refused", "LINE refused the request (400)."),
        (reply(413), "refused", "LINE refused the request (413)."),
        (reply(409), "unknown", "LINE answered 409 without a reason."),
        (
            reply(
                409,
                b'{"message": "The retry key is already accepted"}',
                Content_Type="application/json",
            ),
            "accepted",
            "",
        ),
        (reply(429), "later", "more slowly"),
        (reply(500), "unknown", "LINE answered 500."),
        (reply(503), "unknown", "LINE answered 503."),
        (reply(202), "pause", "not LINE's address (202)"),
        (reply(200, b"<p>Welcome", Content_Type="text/html"), "pause", "not LINE's address (200)"),
        (reply(200, b"{}", Content_Type="application/json"), "accepted", ""),
        (reply(418), "unknown", "LINE answered 418."),
        (None, "unknown", "The connection with LINE was lost before it answered."),
    ],
)
def test_an_answer_has_its_meaning(
    scripted: ScriptedServer, answer: bytes | None, verdict: str, words: str
) -> None:
    scripted.answer = lambda request: answer
    told = send_one("line", settings_of(scripted))
    assert told.verdict == verdict
    assert words in told.reason


def test_the_monthly_limit_is_understood_after_any_number_of_other_answers(
    scripted: ScriptedServer,
) -> None:
    words = iter([f"message {number}" for number in range(150)])
    scripted.answer = lambda request: reply(
        *(
            (400, json.dumps({"message": word}).encode())
            if (word := next(words, None))
            else (429, b'{"message": "You have reached your monthly limit."}')
        ),
        Content_Type="application/json",
    )
    channel = channel_to(scripted)
    answers = send_all(channel, [call_of(channel, row=row) for row in range(151)])
    verdicts = sorted(answer.verdict for answer in answers)
    assert verdicts == [Verdict.PAUSE] + [Verdict.REFUSED] * 150


def test_equal_texts_go_as_multicast(line: LineServer) -> None:
    channel = channel_to(line, multicast=True)
    assert (channel.group_limit, channel.rate) == (500, 200.0)
    uids = [f"U{number:032x}" for number in range(500)]
    answers = send_all(channel, [group_of(channel, uids, "Hi"), call_of(channel, row=500)])
    assert [answer.verdict for answer in answers] == [Verdict.ACCEPTED] * 2
    assert line.effects() == {UID: ["Hello"]} | {uid: ["Hi"] for uid in uids}
    assert channel.render([UID], "a") == channel_to(line).render([UID], "a")


def asked(channel: Channel, what: str, *arguments: object) -> object:
    async def run() -> object:
        await channel.open()
        try:
            return await getattr(channel, what)(*arguments)
        finally:
            await channel.close()

    return asyncio.run(run())


def test_the_quota_is_what_is_left_of_the_month(line: LineServer) -> None:
    assert asked(channel_to(line), "quota") == Quota(left=None, limit=None)
    send_one("line", settings_of(line))
    line.set_limits(Limits(monthly=10))
    assert asked(channel_to(line), "quota") == Quota(left=9, limit=10)


@pytest.mark.parametrize(
    "answer", [None, reply(500), reply(200, b"["), reply(200, b"[]"), reply(200, b'{"type":"x"}')]
)
def test_a_quota_that_line_does_not_tell_is_none(
    scripted: ScriptedServer, answer: bytes | None
) -> None:
    scripted.answer = lambda request: answer
    assert asked(channel_to(scripted), "quota") is None


def test_samples_are_validated_without_sending(line: LineServer) -> None:
    channel = channel_to(line)
    good, bad = channel.render([UID], "fine"), channel.render([UID], "")
    assert asked(channel, "validate", [good]) is None
    found = asked(channel, "validate", [good, bad])
    assert found == (
        "LINE refused the request: The request body has 1 error(s): "
        "May not be empty messages[0].text"
    )
    line.set_faults(Faults(unauthorized=True))
    assert "refuses the token (401)" in str(asked(channel, "validate", [good]))
    assert line.effects() == {}


def test_a_validation_that_fails_says_nothing(scripted: ScriptedServer) -> None:
    scripted.answer = lambda request: None
    channel = channel_to(scripted)
    assert asked(channel, "validate", [channel.render([UID], "a")]) is None


def test_the_token_may_stand_in_a_file(line: LineServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f" Bearer {TOKEN}\n")
    environ = {
        "BROADCAST_LINE_TOKEN_FILE": str(tmp_path / "token"),
        "BROADCAST_LINE_BASE_URL": line.url,
    }
    assert send_one("line", environ).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "LINE needs a channel access token: set BROADCAST_LINE_TOKEN, or"),
        ({"BROADCAST_LINE_TOKEN": " "}, "LINE needs a channel access token"),
        ({"BROADCAST_LINE_TOKEN": "hunter2\nx"}, "one word of printable ASCII"),
        ({"BROADCAST_LINE_TOKEN": "hunter2é"}, "one word of printable ASCII"),
        (
            {"BROADCAST_LINE_TOKEN": "hunter2", "BROADCAST_LINE_TOKEN_FILE": "x"},
            "not both",
        ),
        ({"BROADCAST_LINE_TOKEN_FILE": "no-such-file-hunter2"}, "cannot be read"),
    ],
)
def test_without_a_good_token_line_is_not_opened(environ: Mapping[str, str], words: str) -> None:
    with pytest.raises(WrongCommand) as error:
        asked(open_channel("line", environ=environ), "quota")
    assert words in str(error.value)
    assert "hunter2" not in str(error.value)
