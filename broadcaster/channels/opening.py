"""Finds the channel that a user names with `--via`."""

import difflib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from broadcaster.channels.base import Channel
from broadcaster.errors import WrongCommand

__all__ = ["CHANNEL_HELP", "open_channel"]

CHANNEL_HELP = """\
channels (--via):
  console                    print each message; nothing is sent
  file:OUT.jsonl             append each message to a file, exactly once
  webhook:URL                POST each message to URL, at most once
  webhook+idempotent:URL     the same, exactly once: URL takes an Idempotency-Key only once
  line                       LINE's Messaging API, exactly once (BROADCAST_LINE_TOKEN)
  apprise:URL-TEMPLATE       any service of Apprise, at most once; {uid} stands for the recipient
"""

_FORMS = {
    "console": "console",
    "file": "file:OUT.jsonl",
    "webhook": "webhook:URL",
    "webhook+idempotent": "webhook+idempotent:URL",
    "line": "line",
    "apprise": "apprise:URL-TEMPLATE",
}
_ALONE = frozenset({"console", "line"})


def open_channel(
    spec: str,
    *,
    environ: Mapping[str, str],
    headers: Sequence[tuple[str, str]] = (),
    multicast: bool = False,
    timeout_seconds: float = 30.0,
    ca_bundle: str | None = None,
    output: TextIO | None = None,
    only_asked: bool = False,
) -> Channel:
    """The channel of `spec`, not yet open. Nothing is read or sent before its `open()`.

    `headers` go with each request of a webhook. `multicast` lets LINE take rows of one text
    together. `timeout_seconds` bounds a request. `output` is where the console prints, standard
    output by default. One that is `only_asked`, and not sent by, makes no file. Raises
    WrongCommand, which never repeats what may be a secret.
    """
    kind, rest = _split(spec)
    if not (math.isfinite(timeout_seconds) and timeout_seconds > 0):
        raise WrongCommand("A request's timeout must be more than 0 seconds.")
    if headers and not kind.startswith("webhook"):
        raise WrongCommand(f"Headers go with webhook:URL; {kind} takes none.")
    if multicast and kind != "line":
        raise WrongCommand(f"Only line can send as multicast (--multicast); {kind} cannot.")
    # Imported here, since only the one that is used should have to be loaded.
    if kind == "console":
        from broadcaster.channels.console import ConsoleChannel

        return ConsoleChannel(output)
    if kind == "file":
        from broadcaster.channels.file import FileChannel

        return FileChannel(Path(rest).expanduser(), only_asked=only_asked)
    if kind == "line":
        from broadcaster.channels.line import LineChannel
        from broadcaster.channels.line_settings import LineSettings

        return LineChannel(
            LineSettings(environ), multicast=multicast, timeout_seconds=timeout_seconds,
            ca_bundle=ca_bundle,
        )  # fmt: skip
    if kind == "apprise":
        from broadcaster.channels.apprise import AppriseChannel

        return AppriseChannel(rest, environ)
    from broadcaster.channels.webhook import WebhookChannel, webhook_headers, webhook_signer

    return WebhookChannel(
        rest, idempotent=kind == "webhook+idempotent", headers=webhook_headers(headers, environ),
        signer=webhook_signer(environ), timeout_seconds=timeout_seconds, ca_bundle=ca_bundle,
    )  # fmt: skip


def _split(spec: str) -> tuple[str, str]:
    """The channel's kind, and what follows the colon."""
    kind, colon, rest = spec.strip().partition(":")
    if kind in _ALONE and not colon:
        return kind, ""
    if kind in _ALONE:
        raise WrongCommand(f"{kind} stands alone, without a colon; see broadcast send --help.")
    if kind in _FORMS and rest.strip():
        return kind, rest
    if kind in _FORMS:
        raise WrongCommand(f"{kind} needs more: give {_FORMS[kind]}.")
    raise WrongCommand(f"There is no such channel.{_guess(kind, rest)} Channels: {_known()}.")


def _guess(kind: str, rest: str) -> str:
    """What may be meant; of what was typed nothing is repeated, since it may hold a secret."""
    if kind in ("http", "https") and rest.startswith("//"):
        return " To POST to a URL, give webhook:URL."
    if kind.endswith((".jsonl", ".json", ".txt")) or "/" in kind:
        return " To write to a file, give file:OUT.jsonl."
    if rest.startswith("//"):
        return " For a service of Apprise, give apprise:URL-TEMPLATE."
    near = difflib.get_close_matches(kind.lower(), _FORMS, n=1)
    return f" Did you mean {_FORMS[near[0]]}?" if near else ""


def _known() -> str:
    return ", ".join(_FORMS.values())
