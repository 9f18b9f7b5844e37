"""What LINE accepts as the body of a push or a multicast. Pure."""

import re
from typing import Any, NamedTuple

import orjson

from mockserver.line_api.responses import ApiResponse, Detail, body_errors, refusal

__all__ = ["AddressedMessages", "read_multicast", "read_push", "read_validation"]

MOST_MESSAGES = 5
MOST_USERS = 500
MOST_UNITS = 5000
"""LINE counts a text's length in UTF-16 code units."""
_TYPES = (
    "text",
    "textV2",
    "sticker",
    "image",
    "video",
    "audio",
    "location",
    "imagemap",
    "template",
    "flex",
)
_TARGET = re.compile(r"[UCR][0-9a-f]{32}")
_USER = re.compile(r"U[0-9a-f]{32}")


class AddressedMessages(NamedTuple):
    """Whom a request addresses and with which texts; other messages stand as `[type]`."""

    uids: tuple[str, ...]
    texts: tuple[str, ...]


def read_push(body: bytes, *, any_ids: bool) -> AddressedMessages | ApiResponse:
    """Read a push, or say what LINE answers to it."""
    content = _object(body)
    if isinstance(content, ApiResponse):
        return content
    to = content.get("to")
    if not isinstance(to, str) or not (to if any_ids else _TARGET.fullmatch(to)):
        return _invalid("'to'")
    details = _faults(content.get("messages"))
    return (
        body_errors(details) if details else AddressedMessages((to,), _texts(content["messages"]))
    )


def read_multicast(body: bytes, *, any_ids: bool) -> AddressedMessages | ApiResponse:
    """Read a multicast, or say what LINE answers to it."""
    content = _object(body)
    if isinstance(content, ApiResponse):
        return content
    to = content.get("to")
    if not isinstance(to, list) or not to:
        return _invalid("'to'")
    if len(to) > MOST_USERS:
        return body_errors([Detail(f"Size must be between 1 and {MOST_USERS}", "to")])
    for place, uid in enumerate(to):
        if not isinstance(uid, str) or not (uid if any_ids else _USER.fullmatch(uid)):
            return _invalid(f"to[{place}]")
    details = _faults(content.get("messages"))
    return (
        body_errors(details)
        if details
        else AddressedMessages(tuple(to), _texts(content["messages"]))
    )


def read_validation(body: bytes) -> ApiResponse | None:
    """What LINE answers to messages that are only to be validated; None if they are right."""
    content = _object(body)
    if isinstance(content, ApiResponse):
        return content
    details = _faults(content.get("messages"))
    return body_errors(details) if details else None


def _object(body: bytes) -> dict[str, Any] | ApiResponse:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = f"line: {error.lineno}, column: {error.colno}"
        return refusal(400, f"The request body could not be parsed as JSON ({place})")
    if not isinstance(content, dict):
        return refusal(400, "The request body could not be parsed as JSON (line: 1, column: 1)")
    return content


def _invalid(name: str) -> ApiResponse:
    return refusal(
        400, f"The property, {name}, in the request body is invalid (line: -, column: -)"
    )


def _faults(messages: object) -> list[Detail]:
    if not isinstance(messages, list) or not messages:
        return [Detail("May not be empty", "messages")]
    if len(messages) > MOST_MESSAGES:
        return [Detail(f"Size must be between 1 and {MOST_MESSAGES}", "messages")]
    found = (_fault(message, f"messages[{place}]") for place, message in enumerate(messages))
    return [detail for detail in found if detail]


def _fault(message: object, place: str) -> Detail | None:
    if not isinstance(message, dict):
        return Detail("Must be an object", place)
    if message.get("type") not in _TYPES:
        return Detail(
            f"Must be one of the following values: [{', '.join(_TYPES)}]", f"{place}.type"
        )
    if message["type"] not in ("text", "textV2"):
        return None
    text = message.get("text")
    if not isinstance(text, str) or not text:
        return Detail("May not be empty", f"{place}.text")
    # A character is two units at most, so that most texts need no counting.
    if len(text) * 2 > MOST_UNITS and len(text.encode("utf-16-le")) // 2 > MOST_UNITS:
        return Detail(f"Length must be between 0 and {MOST_UNITS}", f"{place}.text")
    return None


def _texts(messages: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(
        message["text"] if message["type"] in ("text", "textV2") else f"[{message['type']}]"
        for message in messages
    )
