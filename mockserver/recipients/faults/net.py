"""Connections, TLS and HTTP messages that break. The bytes are in `net_scripts`."""

import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap, problem
from mockserver.recipients.faults import net_scripts as scripts
from mockserver.recipients.faults.fault import Fault, changing_response
from mockserver.recipients.memory import Memory, counted
from mockserver.serving import tls
from mockserver.serving.client_connection import Script

__all__ = ["FAULTS"]

_NO_RETRY = ("--retries", "0")
_IMPATIENT = ("--timeout", "1", "--retries", "0")
_BOMB_BYTES = 64 * 1024 * 1024


def _played(name: str, summary: str, script: Script, options: tuple[str, ...] = _NO_RETRY) -> Fault:
    def change(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        return replace(response, script=script) if response.is_page else response

    return _net_fault(name, summary, changing_response(change), options)


def _net_fault(
    name: str, summary: str, wrap: Wrap, options: tuple[str, ...] = _NO_RETRY, page: int | None = 2
) -> Fault:
    rule = name.partition("-")[0]
    return Fault(
        name=name, rules=(rule,), summary=summary, wrap_endpoint=wrap, options=options, page=page
    )


def _flaky(
    name: str, summary: str, failure: Callable[[], EndpointResponse], page: int | None = 2
) -> Fault:
    return _net_fault(name, summary, _first_attempt(failure), (), page)


def _tls_fault(name: str, summary: str, certificate: str) -> Fault:
    return Fault(
        name=name,
        rules=("NET003",),
        summary=summary,
        wrap_endpoint=_only_for_the_careless,
        page=None,
        options=_NO_RETRY,
        certificate=certificate,
        scenario_only=True,
        note="Served over TLS on another port: see the mock's scenario page.",
    )


def _only_for_the_careless(_handler: Handler) -> Handler:
    """Whoever gets as far as HTTP has come over plain HTTP or has not looked at the certificate."""
    sentence = "this scenario is served over TLS, for clients that refuse its certificate"
    return lambda _request: problem(421, sentence)


def _as_it_is(handler: Handler) -> Handler:
    return handler


def _encoded(encoding: str, body: bytes | None = None) -> Wrap:
    """Declare a content encoding that the body does not have."""

    def change(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        if not response.is_page:
            return response
        sent = replace(
            response, body=response.payload() if body is None else body, compressible=False
        )
        return sent.with_headers(Content_Encoding=encoding)

    return changing_response(change)


def _gzip_made(spoil: scripts.Spoil) -> Wrap:
    def change(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        if not response.is_page:
            return response
        body = spoil(gzip.compress(response.payload(), mtime=0))
        return replace(response, body=body, compressible=False).with_headers(
            Content_Encoding="gzip"
        )

    return changing_response(change)


def _bomb() -> bytes:
    return gzip.compress(b'{"list":[],"next":"' + b" " * _BOMB_BYTES, compresslevel=1, mtime=0)


def _gzip_bomb(handler: Handler) -> Handler:
    """Made when it is first asked for: a start of the mock should not wait for it."""
    made: list[bytes] = []

    def answer(request: EndpointRequest) -> EndpointResponse:
        response = handler(request)
        if not response.is_page:
            return response
        if not made:
            made.append(_bomb())
        sent = replace(response, body=made[0], compressible=False)
        return sent.with_headers(Content_Encoding="gzip")

    return answer


def _first_attempt(failure: Callable[[], EndpointResponse]) -> Wrap:
    """Fail the first attempt of each request of a run."""

    def wrap(handler: Handler) -> Handler:
        asked: Memory[int] = Memory()

        def answer(request: EndpointRequest) -> EndpointResponse:
            response = handler(request)
            if response.is_page and asked.change((request.run, request.token), counted) == 1:
                return failure()
            return response

        return answer

    return wrap


def _busy(retry_after: str) -> EndpointResponse:
    return problem(503, "the server is too busy", Retry_After=retry_after)


def _in_a_moment() -> str:
    """The next full second as an HTTP-date."""
    return formatdate(time.time() + 1, usegmt=True)


FAULTS = (
    Fault(
        name="NET001",
        rules=("NET001",),
        summary="the host name does not exist",
        wrap_endpoint=_as_it_is,
        page=None,
        options=_NO_RETRY,
        host="no-such-host.invalid",
        scenario_only=True,
    ),
    _played("NET002", "the connection is reset without a byte", scripts.reset),
    _played("NET002-closed", "the connection is closed without a byte", scripts.close),
    _tls_fault("NET003", "the certificate is self-signed", tls.SELF_SIGNED),
    _tls_fault("NET003-expired", "the certificate expired yesterday", tls.EXPIRED),
    _tls_fault("NET003-handshake", "the TLS handshake is refused", tls.NO_HANDSHAKE),
    _tls_fault(
        "NET003-unknown-authority", "the certificate is from an unknown authority", tls.GOOD
    ),
    _tls_fault("NET003-wrong-host", "the certificate is another host's", tls.WRONG_HOST),
    _played("NET004", "the server never answers", scripts.never, _IMPATIENT),
    _played("NET004-body", "the body comes byte by byte", scripts.drip_body, _IMPATIENT),
    _played("NET004-headers", "the headers come byte by byte", scripts.drip_head, _IMPATIENT),
    _played("NET004-continue", "100 Continue again and again", scripts.continues, _IMPATIENT),
    _played("NET004-hints", "103 Early Hints again and again", scripts.hints, _IMPATIENT),
    _played("NET004-trailers", "trailers without end", scripts.drip_trailers, _IMPATIENT),
    _played("NET004-chunks", "chunks of one byte without end", scripts.drip_chunks, _IMPATIENT),
    _played("NET005", "the body ends before its Content-Length", scripts.cut_body),
    _played("NET005-chunked", "the body ends in the middle of a chunk", scripts.cut_chunk),
    _played("NET005-no-last-chunk", "the last chunk never comes", scripts.no_last_chunk),
    _played("NET005-headers", "the response ends in its headers", scripts.cut_head),
    _played("NET005-reset", "the connection is reset in the middle of the body", scripts.cut_reset),
    _played("NET006", "the status line is not HTTP", scripts.not_http),
    _played("NET006-other-protocol", "an SSH server answers", scripts.other_protocol),
    _played("NET006-status", "the status is not a number", scripts.odd_status),
    _played("NET006-header", "a header line has no colon", scripts.bad_header),
    _played("NET006-chunk-size", "a chunk's size is not a number", scripts.bad_chunk_size),
    _played("NET006-many-headers", "200 headers", scripts.many_headers),
    _played("NET006-large-headers", "90 headers of 1 KiB each", scripts.large_headers),
    _played("NET006-long-header", "one header of 70 KiB", scripts.long_header),
    _played("NET006-final-103", "103 and nothing after it", scripts.final_status(103)),
    _played("NET006-final-101", "101 to a plain request", scripts.final_status(101)),
    _played("NET006-two-lengths", "two different lengths", scripts.two_lengths),
    _played("NET006-both-framings", "a length and chunks at once", scripts.both_framings),
    _played("NET007", "the body never ends", scripts.endless_body),
    _played("NET007-chunked", "the chunks never end", scripts.endless_chunks),
    _net_fault("NET007-gzip-bomb", "a small body that unpacks to 64 MiB", _gzip_bomb),
    _net_fault("NET008", "the body is declared gzip and is not", _encoded("gzip")),
    _net_fault("NET008-unknown", "an encoding that nobody asked for", _encoded("br", b"\x8b\x01")),
    _net_fault("NET008-cut", "the gzip stream is cut short", _gzip_made(lambda body: body[:-20])),
    _net_fault("NET008-checksum", "the gzip checksum is wrong", _gzip_made(scripts.wrong_checksum)),
    _net_fault("NET008-tail", "text follows the gzip", _gzip_made(lambda body: body + b"\nbye")),
    _flaky("NET009", "each request succeeds only at the second attempt", lambda: _busy("0"), None),
    _flaky(
        "NET009-date",
        "503 with a date in Retry-After, then the page",
        lambda: _busy(_in_a_moment()),
    ),
    _flaky(
        "NET009-fraction", "503 with a fraction in Retry-After, then the page", lambda: _busy("0.2")
    ),
    _flaky("NET009-429", "429, then the page", lambda: problem(429, "slower", Retry_After="0")),
    _flaky("NET009-408", "408, then the page", lambda: problem(408, "the request was too slow")),
    _flaky(
        "NET009-cloudflare",
        "521 from Cloudflare, then the page",
        lambda: problem(521, "web server is down"),
    ),
)
