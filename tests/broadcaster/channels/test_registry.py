"""Which words give which channel, what a wrong word is answered, what a name shows."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.channels import channel_help, channel_kinds, open_channel
from broadcaster.errors import WrongCommand
from checker import visible

SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.mark.parametrize(
    ("spec", "name", "idempotent"),
    [
        ("console", "console", False),
        ("file:/tmp/out.jsonl", "file:/tmp/out.jsonl", True),
        ("webhook:https://a.example/b?c=d", "webhook:https://a.example/b?c=•••", False),
        (
            "webhook+idempotent:https://a.example/b",
            "webhook+idempotent:https://a.example/b",
            True,
        ),
        (
            "webhook:https://a.example/T0/XyZ12345678901234567?hunter2",
            "webhook:https://a.example/T0/•••?•••",
            False,
        ),
        ("line", "line", True),
    ],
)
def test_a_spec_gives_its_channel(spec: str, name: str, idempotent: bool) -> None:
    channel = open_channel(spec, environ={})
    assert (channel.name, channel.idempotent) == (name, idempotent)
    assert channel.render(["u1"], "m") == open_channel(spec, environ={}).render(["u1"], "m")


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("consle", "Did you mean console?"),
        ("webhok:https://a.example", "Did you mean webhook:URL?"),
        ("https://hunter2.example/x", "To POST to a URL, give webhook:URL."),
        ("mailto://hunter2@b", "apprise:URL-TEMPLATE"),
        ("out.jsonl", "To write to a file, give file:OUT.jsonl."),
        ("LINE", "Did you mean line?"),
        ("zzz", "Channels: apprise:URL-TEMPLATE, "),
        ("", "Channels: apprise"),
        ("file:", "file needs an address: give file:OUT.jsonl."),
        ("webhook: ", "webhook needs an address: give webhook:URL."),
        ("line:hunter2", "line takes no address"),
        ("webhook:ftp://hunter2/", "must begin with http:// or https://"),
        ("webhook:https://me:hunter2@a.example/", "give them as a header"),
        ("webhook:https://a.example/#hunter2", "fragment"),
    ],
)
def test_a_wrong_spec_is_answered_with_what_may_be_meant(spec: str, hint: str) -> None:
    with pytest.raises(WrongCommand) as error:
        open_channel(spec, environ={})
    assert hint in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("spec", "options", "environ", "hint"),
    [
        ("line", {"headers": [("A", "b")]}, {}, "Headers can be given with webhook:URL"),
        ("line", {"timeout_seconds": 0}, {}, "more than 0 seconds"),
        ("line", {"timeout_seconds": float("nan")}, {}, "more than 0 seconds"),
        ("console", {"multicast": True}, {}, "--multicast works with line only"),
        ("webhook:https://a.example", {"headers": [("A b", "c")]}, {}, "not a header name"),
        ("webhook:https://a.example", {"headers": [("Host", "c")]}, {}, "cannot be given"),
        ("webhook:https://a.example", {"headers": [("Webhook-Id", "c")]}, {}, "set by the"),
        (
            "webhook:https://a.example",
            {},
            {"BROADCAST_WEBHOOK_HEADERS": "A: b\nhunter2"},
            "no colon",
        ),
        (
            "webhook:https://a.example",
            {"headers": [("A", "hunter2")]},
            {"BROADCAST_WEBHOOK_HEADERS": "a: c"},
            "given twice",
        ),
        ("webhook:https://a.example", {}, {"BROADCAST_WEBHOOK_SECRET": "hunter2"}, "whsec_"),
        ("webhook:https://a.example", {}, {"BROADCAST_WEBHOOK_SECRET": "whsec_"}, "whsec_"),
        ("webhook:https://a.example", {}, {"BROADCAST_WEBHOOK_SECRET": "whsec_#2"}, "whsec_"),
        ("line", {}, {"BROADCAST_LINE_BASE_URL": "http://a.example"}, "https://"),
        ("line", {}, {"BROADCAST_LINE_BASE_URL": "https://me:hunter2@a"}, "scheme and a host"),
        ("line", {}, {"BROADCAST_LINE_BASE_URL": "hunter2"}, "BROADCAST_LINE_BASE_URL"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    spec: str, options: dict[str, object], environ: dict[str, str], hint: str
) -> None:
    with pytest.raises(WrongCommand) as error:
        open_channel(spec, environ=environ, **options)  # type: ignore[arg-type]
    assert hint in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8700/", "http://[::1]:1", "http://stand-in"])
def test_a_stand_in_for_line_may_be_plain_http_nearby(base: str) -> None:
    channel = open_channel("line", environ={"BROADCAST_LINE_BASE_URL": base})
    assert channel.name == f"line at {base.rstrip('/')}"


def test_the_help_names_every_channel() -> None:
    named = re.findall(r"^  ([a-z+]+)(?:[: ]|$)", channel_help(), re.MULTILINE)
    assert named == sorted(channel_kinds())
    assert set(named) >= {"apprise", "console", "file", "line", "webhook", "webhook+idempotent"}


def test_a_channel_that_is_not_used_is_not_loaded() -> None:
    code = (
        "import sys; from broadcaster.channels import open_channel; "
        "open_channel('console', environ={}); assert 'aiohttp' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_word_is_a_channel_or_a_wrong_command(spec: str) -> None:
    try:
        shown = open_channel(spec, environ={}).name
    except WrongCommand as error:
        shown = str(error)
    assert visible(shown) == shown


def test_no_repr_holds_a_secret() -> None:
    environ = {
        "BROADCAST_WEBHOOK_SECRET": SECRET,
        "BROADCAST_LINE_TOKEN": "hunter2hunter2",
        "BROADCAST_WEBHOOK_HEADERS": "Authorization: hunter2hunter2",
    }
    for spec in ("line", "webhook:https://a.example/?key=hunter2hunter2"):
        channel = open_channel(spec, environ=environ)
        shown = repr(channel) + channel.name
        assert "hunter2" not in shown
        assert SECRET not in shown
