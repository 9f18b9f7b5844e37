"""The console: a line a row, harmless for the terminal."""

import io

from channel_kit import call_of, send_all
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer, Verdict


def printed(uid: str, msg: str, encoding: str = "utf-8") -> tuple[str, Answer]:
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding=encoding)
    channel = open_channel("console", environ={}, output=output)
    [answer] = send_all(channel, [call_of(channel, uid, msg)])
    return raw.getvalue().decode(encoding), answer


def test_a_row_is_a_line() -> None:
    text, answer = printed("U1", "Hello, 世界\nbye")
    assert text == "U1  Hello, 世界\\nbye\n"
    assert answer == Answer(verdict=Verdict.ACCEPTED)


def test_a_terminal_that_lacks_a_character_gets_an_escape() -> None:
    assert printed("U1", "世", "ascii")[0] == "U1  \\u4e16\n"


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_no_text_reaches_the_terminal_as_more_than_one_line(uid: str, msg: str) -> None:
    text, _ = printed(uid, msg)
    assert text.count("\n") == 1
    assert not any(ord(char) < 32 or 126 < ord(char) < 160 for char in text[:-1])


def test_a_closed_output_pauses() -> None:
    output = io.StringIO()
    channel = open_channel("console", environ={}, output=output)
    output.close()
    [answer] = send_all(channel, [call_of(channel)])
    assert answer.verdict is Verdict.PAUSE
    assert answer.reason == "The output is closed: nothing can be printed."


def test_the_console_repeats_nothing_and_keeps_the_order() -> None:
    channel = open_channel("console", environ={})
    assert (channel.idempotent, channel.concurrency, channel.group_limit) == (False, 1, 1)
