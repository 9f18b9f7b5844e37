"""Attempts that fail once: asked again, and never half taken."""

import gzip
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from math import ceil

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, problem
from mockserver.recipients.faults.net_scripts import cut_body, drip_body, short_length
from mockserver.referee.endpoints import ROWS, changed_page, endpoint, first_attempt
from mockserver.referee.scenario import (
    Evidence,
    Judge,
    Scenario,
    Severity,
    all_read,
    never_half_read,
)
from mockserver.serving.client_connection import ClientConnection, Script

__all__ = ["SCENARIOS"]

_WAIT_SECONDS = 1
_TOLERANCE_SECONDS = 0.2


def _busy(status: int, retry_after: Callable[[], str]) -> Callable[..., EndpointResponse]:
    return lambda _request, _response: problem(status, "slower", Retry_After=retry_after())


def _date() -> str:
    return formatdate(ceil(time.time() + _WAIT_SECONDS), usegmt=True)


def _waited(evidence: Evidence) -> Iterator[str]:
    """The second and third request are the two attempts on page 2."""
    yield from all_read(evidence)
    if len(evidence.requests) >= 3:
        pause = evidence.requests[2].at - evidence.requests[1].at
        if pause < _WAIT_SECONDS - _TOLERANCE_SECONDS:
            yield f"It waited {pause:.1f} s; the server asked for {_WAIT_SECONDS} s or more."


def _sent_by(script: Script) -> Callable[..., EndpointResponse]:
    return lambda _request, response: replace(response, script=script, compressible=False)


def _wrong_checksum(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    """A stored gzip block in which a letter changed on the way: only the checksum tells."""
    packed = gzip.compress(response.payload(), compresslevel=0, mtime=0)
    body = packed.replace(b'"msg":"', b'"msg":"X', 1)
    place = packed.index(b'"msg":"') + 7
    body = packed[:place] + b"X" + packed[place + 1 :]
    return replace(response, body=body, compressible=False).with_headers(Content_Encoding="gzip")


def _closing(connection: ClientConnection) -> None:
    """Send the page and close, without `Connection: close`: HTTP allows it at any time."""
    connection.send(connection.head + connection.body)


def _once(
    scenario_id: str,
    name: str,
    summary: str,
    change: Callable[..., EndpointResponse],
    judge: Judge = all_read,
) -> Scenario:
    return Scenario(
        id=scenario_id,
        name=name,
        summary=summary,
        config=endpoint(first_attempt(change)),
        rows=ROWS,
        judge=judge,
    )


SCENARIOS = (
    Scenario(
        id="CLIENT020",
        name="retry-after-seconds",
        summary=f"page 2 is answered 429 with Retry-After: {_WAIT_SECONDS}, then as it should be",
        severity=Severity.WARNING,
        config=endpoint(first_attempt(_busy(429, lambda: str(_WAIT_SECONDS)))),
        rows=ROWS,
        judge=_waited,
    ),
    Scenario(
        id="CLIENT021",
        name="retry-after-date",
        summary="page 2 is answered 429 with a date in Retry-After, then as it should be",
        severity=Severity.WARNING,
        config=endpoint(first_attempt(_busy(429, _date))),
        rows=ROWS,
        judge=_waited,
    ),
    Scenario(
        id="CLIENT022",
        name="busy-once",
        summary="page 2 is answered 503 once",
        severity=Severity.WARNING,
        config=endpoint(first_attempt(_busy(503, lambda: "0"))),
        rows=ROWS,
        judge=all_read,
    ),
    _once("CLIENT023", "cut-short", "page 2 is cut short once", _sent_by(cut_body)),
    _once(
        "CLIENT024",
        "wrong-checksum",
        "page 2's gzip was damaged once",
        _wrong_checksum,
        never_half_read,
    ),
    _once(
        "CLIENT025",
        "wrong-length",
        "page 2's Content-Length is too small once",
        _sent_by(short_length),
        never_half_read,
    ),
    Scenario(
        id="CLIENT026",
        name="kept-connection-closed",
        summary="the server closes the connection after page 1 without a word",
        config=endpoint(changed_page(_sent_by(_closing), 1)),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT032",
        name="resumed-after-kill",
        summary="page 3 does not come; the client is killed and started again (--resumes)",
        config=endpoint(first_attempt(_sent_by(drip_body), 3)),
        rows=ROWS,
        judge=all_read,
        killed_at_request=3,
    ),
)
