"""Endpoints without an end, or of a size that no client should take."""

import itertools
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import generated_row
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault
from mockserver.recipients.faults.net_scripts import drip_body
from mockserver.recipients.pagination import Cursor
from mockserver.referee.endpoints import changed_page, endpoint, limited, with_next
from mockserver.referee.scenario import Evidence, Scenario, Severity, given_up

__all__ = ["SCENARIOS"]

_LOOP_REQUESTS = 20
_EMPTY_REQUESTS = 150
"""A client follows 100 empty pages in a row, and a few more must not matter."""
_LARGE_MIB = 256
_MIB = 1024 * 1024
_TOKEN_CHARACTERS = 1024 * 1024
_GZIP_HEAD = bytes.fromhex("1f8b08000000000000ff")
"""RFC 1952, section 2.3: deflate, no name, no time."""


def _in_a_loop(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return with_next(response, request.tokens.issue(Cursor(2, 3)))


def _scroll() -> Fault:
    """One token for ever, and rows that no page had before."""

    def wrap(handler: Handler) -> Handler:
        numbers = itertools.count()

        def answer(request: EndpointRequest) -> EndpointResponse:
            if request.method != "GET":
                return handler(request)
            first = 3 * next(numbers)
            rows = [generated_row(first + place) for place in range(3)]
            return EndpointResponse(document={"list": rows, "next": "scroll-1"})

        return answer

    return Fault(name="SCENARIO", rules=(), summary="", wrap_endpoint=wrap, page=EVERY_PAGE)


def _empty_without_end(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    if request.page < 2:
        return response
    onward = request.tokens.issue(Cursor(request.page + 1, request.page))
    return EndpointResponse(document={"list": [], "next": onward})


def _large(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    page = json.dumps(response.document).encode()
    blanks, checksum = _packed_blanks()
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    size = _LARGE_MIB * _MIB + len(page)
    end = zlib.crc32(page, checksum).to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little")
    body = _GZIP_HEAD + blanks + packer.compress(page) + packer.flush() + end
    return replace(response, body=body, compressible=False).with_headers(Content_Encoding="gzip")


@cache
def _packed_blanks() -> tuple[bytes, int]:
    """Many spaces as the beginning of a deflated body, and their checksum; made once."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    blank, checksum = b" " * _MIB, 0
    parts = []
    for _ in range(_LARGE_MIB):
        parts.append(packer.compress(blank))
        checksum = zlib.crc32(blank, checksum)
    return b"".join(parts) + packer.flush(zlib.Z_FULL_FLUSH), checksum


def _large_endpoint(elsewhere: str) -> MockConfig:
    _packed_blanks()  # before the client waits for it
    return endpoint(changed_page(_large))(elsewhere)


def _refused_in_time(evidence: Evidence) -> Iterator[str]:
    """Refused, and not only once it was unpacked whole."""
    yield from given_up(at_most=_LOOP_REQUESTS, success=f"It accepted a page of {_LARGE_MIB} MiB.")(
        evidence
    )
    peak = evidence.run.peak_bytes
    if evidence.run.failure and peak is not None and peak > _LARGE_MIB * _MIB:
        yield (
            f"It held {peak // _MIB} MiB of memory before it refused the page. "
            "Count the bytes while you unpack them."
        )


def _dripping(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return replace(response, script=drip_body)


def _long_token(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return with_next(response, "t" * _TOKEN_CHARACTERS)


SCENARIOS = (
    Scenario(
        id="CLIENT014",
        name="loop-left",
        summary="page 3's token is that of page 2 again",
        config=endpoint(changed_page(_in_a_loop, 3), limited(5 * _LOOP_REQUESTS)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
    Scenario(
        id="CLIENT015",
        name="scroll-left",
        summary="one token gives new rows each time, without end: a scroll id",
        config=endpoint(_scroll(), limited(5 * _LOOP_REQUESTS)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
    Scenario(
        id="CLIENT016",
        name="empty-pages-left",
        summary="after page 1 come empty pages with new tokens, without end",
        config=endpoint(changed_page(_empty_without_end, EVERY_PAGE), limited(5 * _EMPTY_REQUESTS)),
        judge=given_up(at_most=_EMPTY_REQUESTS),
    ),
    Scenario(
        id="CLIENT017",
        name="large-page-refused",
        summary=f"page 2 is small and unpacks to {_LARGE_MIB} MiB",
        severity=Severity.WARNING,
        config=_large_endpoint,
        judge=_refused_in_time,
    ),
    Scenario(
        id="CLIENT018",
        name="drip-left",
        summary="page 2 comes byte by byte, and never ends",
        severity=Severity.WARNING,
        config=endpoint(changed_page(_dripping)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
    Scenario(
        id="CLIENT019",
        name="long-token-is-not-the-end",
        summary="page 1's token has a million characters, which no server takes in a URL",
        config=endpoint(changed_page(_long_token, 1)),
        judge=given_up(at_most=_LOOP_REQUESTS),
    ),
)
