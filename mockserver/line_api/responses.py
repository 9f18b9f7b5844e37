"""The answers of the stand-in as data, in LINE's words where LINE documents them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

__all__ = [
    "CONCURRENT",
    "FAILED_TO_SEND",
    "MONTHLY_LIMIT",
    "RATE_LIMIT",
    "RETRY_KEY_ACCEPTED",
    "RETRY_KEY_INVALID",
    "SERVER_ERROR",
    "ApiResponse",
    "Detail",
    "body_errors",
    "refusal",
    "request_id",
]

RATE_LIMIT = "The API rate limit has been exceeded. Try again later."
MONTHLY_LIMIT = "You have reached your monthly limit."
FAILED_TO_SEND = "Failed to send messages"
RETRY_KEY_ACCEPTED = "The retry key is already accepted"
# For these LINE documents the case and the status, and no words.
CONCURRENT = "The number of concurrent operations has been exceeded. Try again later."
RETRY_KEY_INVALID = "The value of the header X-Line-Retry-Key is invalid"
SERVER_ERROR = "Internal server error"


class ApiResponse(NamedTuple):
    """A status, a JSON body, and headers besides."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Detail(NamedTuple):
    """One thing that is wrong with a request's body."""

    message: str
    property: str


def refusal(status: int, message: str, **headers: str) -> ApiResponse:
    """An error in LINE's form; in headers, `_` stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ApiResponse(status, orjson.dumps({"message": message}), named)


def body_errors(details: list[Detail]) -> ApiResponse:
    """400 with everything that is wrong with the messages."""
    response: dict[str, Any] = {
        "message": f"The request body has {len(details)} error(s)",
        "details": [detail._asdict() for detail in details],
    }
    return ApiResponse(400, orjson.dumps(response))


def request_id(number: int) -> str:
    """The number of a request in the form that LINE's ids have."""
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
