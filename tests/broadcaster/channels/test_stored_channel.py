"""The channel's name as a broadcast remembers it, and back."""

import os

import pytest

from broadcaster.channels import open_channel
from broadcaster.channels.stored_channel import ChannelSpec, spec_of, stored_name
from broadcaster.errors import WrongCommand

pytestmark = pytest.mark.pure

STAND_IN = {"BROADCAST_LINE_BASE_URL": "http://127.0.0.1:8809", "BROADCAST_LINE_TOKEN": "x"}


@pytest.mark.parametrize(
    ("spec", "multicast"),
    [
        ("console", False),
        ("file:/tmp/out put.jsonl", False),
        ("webhook:https://example.com/hook", False),
        ("webhook+idempotent:https://example.com/hook", False),
        ("line", False),
        ("line", True),
    ],
)
@pytest.mark.parametrize("environ", [{}, STAND_IN], ids=["plain", "stand-in"])
def test_what_is_kept_opens_the_same_channel(
    spec: str, multicast: bool, environ: dict[str, str]
) -> None:
    channel = open_channel(spec, environ=environ, multicast=multicast)
    via = spec_of(stored_name(channel))
    again = open_channel(via.text, environ=environ, multicast=via.multicast)
    assert via == ChannelSpec(text=spec, multicast=multicast)
    assert stored_name(again) == stored_name(channel)


def test_a_masked_address_must_be_given_again() -> None:
    channel = open_channel("webhook:https://example.com/?key=word", environ=os.environ)
    with pytest.raises(WrongCommand, match="give the channel again with --via"):
        spec_of(stored_name(channel))


def test_without_a_channel_one_must_be_named() -> None:
    with pytest.raises(WrongCommand, match="--via"):
        spec_of("")
