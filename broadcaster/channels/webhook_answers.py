"""What a webhook's answer means for a row, and what counts as success. Pure.

The request was written before any of these answers came, so its POST may have run. Only a status
that by its own meaning says "not processed" leaves the row to be sent again (RFC 9110, RFC 6585).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from broadcaster.channels.base import Verdict
from broadcaster.channels.http_reply import Reply
from broadcaster.errors import WrongCommand

__all__ = ["SuccessRule", "advice", "error_in_body", "verdict_of"]

_PAUSE = frozenset({401, 403, 407, 411, 415, 426, 431, 511})
"""Not processed, and any other row would get the same: credentials, media type, the network."""
_REFUSED = frozenset(
    {400, 402, 404, 405, 406, 409, 410, 412, 413, 414, 416, 417, 421, 422, 423, 424, 428, 451}
)
"""Not processed, and never to be: sent again only by `broadcast retry`."""
_SIGN_IN = re.compile(
    rb"type\s*=\s*[\"']?password|accounts\.google\.com|login\.microsoftonline\.com"
    rb"|<title>[^<]{0,80}(?:sign[ -]?in|log[ -]?in)",
    re.IGNORECASE,
)
_FALSE_MEMBERS = ("ok", "success")
_CODE_MEMBERS = ("errcode",)
_ERROR_MEMBERS = ("error", "errors")
_MISSING = object()


def verdict_of(status: int, *, idempotent: bool, asks_to_wait: bool) -> Verdict:
    """What a status other than 2xx means. `asks_to_wait`: with a Retry-After that can be read.

    A redirect is doubtful: Google Apps Script, for one, runs the POST and then redirects.
    """
    if 300 <= status < 400:
        return Verdict.DOUBTFUL
    if status in _PAUSE:
        return Verdict.PAUSE
    if status == 429 and asks_to_wait:
        return Verdict.LATER
    if status == 409 and idempotent:
        return Verdict.UNKNOWN  # an earlier request with the same key is still being processed
    return Verdict.REFUSED if status in _REFUSED else Verdict.UNKNOWN


def advice(status: int) -> str:
    """What a person can do about a status that every row would get; empty where nothing is known.

    It begins with a blank, to follow the reason.
    """
    if status in (401, 403, 407):
        return " Check the headers and the secret that are sent to it, then resume."
    if status in _PAUSE:
        return " Correct the webhook or its address, then resume."
    if 300 <= status < 400:
        return (
            " It may have processed the message before it redirected. If this is its normal "
            f"answer, as at Google Apps Script, give --webhook-success {status}; otherwise give "
            "the address that it redirects to."
        )
    return ""


def error_in_body(reply: Reply) -> str:
    """What of a 2xx answer's body says that the message was not accepted; empty for nothing.

    Chat services answer 200 with `errcode` or `ok: false`, proxies with a sign-in page.
    """
    if "html" in reply.content_type:
        return "a sign-in page" if _SIGN_IN.search(reply.beginning) else ""
    content = _json(reply.body)
    if not isinstance(content, Mapping):
        return ""
    for name in _FALSE_MEMBERS:
        if content.get(name) is False:
            return f'"{name}" is false'
    for name in _CODE_MEMBERS:
        if content.get(name) not in (None, 0, "0", ""):
            return f'"{name}" is not 0'
    for name in _ERROR_MEMBERS:
        if content.get(name):
            return f'it has "{name}"'
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessRule:
    """What `--webhook-success` says: a status that counts as accepted, or a member of the answer's
    JSON, as a JSON Pointer (RFC 6901), that must exist or have a value.
    """

    text: str
    status: int | None = None
    path: tuple[str, ...] = ()
    value: Any = _MISSING

    @classmethod
    def parse(cls, text: str) -> "SuccessRule":
        """From `302`, `/ok=true` or `/id`. Raises WrongCommand."""
        text = text.strip()
        if re.fullmatch(r"[2-5][0-9][0-9]", text):
            return cls(text=text, status=int(text))
        pointer, equals, value = text.partition("=")
        if not pointer.startswith("/"):
            raise WrongCommand(
                "--webhook-success must be a JSON Pointer and a value, such as /ok=true, a pointer "
                "alone, such as /id, or a status, such as 302."
            )
        path = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        if not equals:
            return cls(text=text, path=path)
        try:
            return cls(text=text, path=path, value=orjson.loads(value))
        except orjson.JSONDecodeError:
            return cls(text=text, path=path, value=value)

    def holds(self, reply: Reply) -> bool:
        """Whether the answer's JSON is as the rule says."""
        found = _json(reply.body)
        for part in self.path:
            if isinstance(found, Mapping):
                found = found.get(part, _MISSING)
            elif isinstance(found, list) and part.isascii() and part.isdigit():
                found = found[int(part[:9])] if int(part[:9]) < len(found) else _MISSING
            else:
                return False
        if self.value is _MISSING:
            return found is not _MISSING
        return type(found) is type(self.value) and found == self.value


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
