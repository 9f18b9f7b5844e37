"""Apprise: the recipient gets into the address, and what it doesn't call sent is unknown."""

import json
import logging
import sys

import pytest
from channel_kit import call_of, send_all, send_one
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import ScriptedServer, reply

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Verdict
from broadcaster.errors import WrongCommand

# Apprise imports a module that goes with Python 3.13, and brings its own then.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def spec_of(server: ScriptedServer, rest: str = "/{uid}") -> str:
    return f"apprise:json://{server.url.removeprefix('http://')}{rest}"


def test_a_row_reaches_its_recipient_with_the_title(scripted: ScriptedServer) -> None:
    spec = spec_of(scripted)
    environ = {"BROADCAST_APPRISE_TITLE": "News"}
    answer = send_one(spec, environ)
    [request] = scripted.asked
    assert answer == Answer(verdict=Verdict.ACCEPTED)
    assert request.path.strip("/").startswith("U5704558")
    content = json.loads(request.body)
    assert (content["title"], content["message"]) == ("News", "Hello")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=1))
def test_a_text_arrives_as_it_is(scripted: ScriptedServer, msg: str) -> None:
    scripted.asked.clear()
    channel = open_channel(spec_of(scripted), environ={})
    msg = f"<{msg}> {{{{app_body}}}} :smile: \\n"
    [answer] = send_all(channel, [call_of(channel, "u1", msg)])
    [request] = scripted.asked
    assert answer.verdict is Verdict.ACCEPTED
    assert json.loads(request.body)["message"] == msg


@pytest.mark.parametrize("answer", [reply(500), reply(400), None])
def test_what_is_not_sent_for_a_reason_untold_is_unknown(
    scripted: ScriptedServer, answer: bytes | None
) -> None:
    scripted.answer = lambda request: answer
    assert send_one(spec_of(scripted)) == Answer(
        verdict=Verdict.UNKNOWN, reason="Apprise reported that it was not sent, without a reason."
    )
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("uid", ["a,b", "a b", "a;b", "a/b", "a|b"])
def test_a_uid_that_would_address_several_is_refused(scripted: ScriptedServer, uid: str) -> None:
    channel = open_channel(spec_of(scripted), environ={})
    [answer] = send_all(channel, [call_of(channel, uid)])
    assert answer.verdict is Verdict.REFUSED
    assert scripted.asked == []


def test_a_uid_of_which_no_address_can_be_made_is_refused() -> None:
    channel = open_channel("apprise:json://{uid}/", environ={})
    [answer] = send_all(channel, [call_of(channel, "no-host!")])
    assert answer.reason == "Apprise cannot make an address from this uid; nothing was sent."


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("mailto://hunter2@example.com", "{uid} is replaced by the recipient"),
        ("hunter2 {uid}", "{uid} is replaced by the recipient"),
        ("json://hunter2/{uid}?a=b&retry=3", "remove retry= from"),
        ("nosuch://hunter2/{uid}", "Apprise does not know this address"),
    ],
)
def test_a_template_that_is_none_is_a_wrong_command(template: str, words: str) -> None:
    with pytest.raises(WrongCommand) as error:
        send_one(f"apprise:{template}")
    assert words in str(error.value)
    assert "hunter2" not in str(error.value)


def test_without_the_package_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(WrongCommand, match=r"pip install 'broadcast-conformance\[apprise\]'"):
        send_one("apprise:json://127.0.0.1/{uid}")


def test_no_address_is_shown_or_logged(
    scripted: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    scripted.answer = lambda request: reply(500)
    spec = spec_of(scripted, "/{uid}/hunter2?+X-Token=hunter2").replace("//", "//me:hunter2@", 1)
    channel = open_channel(spec, environ={})
    with caplog.at_level(logging.DEBUG):
        [answer] = send_all(channel, [call_of(channel)])
    shown = caplog.text + "".join(capfd.readouterr()) + channel.name + answer.reason + repr(channel)
    assert channel.name == "apprise:json://•••"
    assert "hunter2" not in shown
    assert scripted.asked
