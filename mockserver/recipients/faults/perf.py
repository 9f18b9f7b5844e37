"""Pages that come too slowly, too small, or at too high a price."""

import threading
from dataclasses import replace

from mockserver.recipients.data import GeneratedRows
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault, changing_response
from mockserver.serving.client_connection import ClientConnection

__all__ = ["FAULTS"]

_SLOW_SECONDS = 2.2
_SECONDS_A_PAGE = 0.02
_SECONDS_ALONE = 0.05
_SECONDS_A_NEIGHBOUR = 0.25


def _slow(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    if response.is_page:
        request.pause(_SLOW_SECONDS)
    return response


def _slower_and_slower(request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    if response.is_page:
        request.pause(_SECONDS_A_PAGE * (request.page - 1))
    return response


def _not_compressed(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return replace(response, compressible=False)


def _closing_script(connection: ClientConnection) -> None:
    connection.send(
        connection.head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1) + connection.body
    )


def _closing(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return replace(response, script=_closing_script)


def _slow_under_load(handler: Handler) -> Handler:
    """Each request waits for as long as there are others at the same time."""
    lock = threading.Lock()
    present = 0

    def answer(request: EndpointRequest) -> EndpointResponse:
        nonlocal present
        with lock:
            neighbours = present
            present += 1
        try:
            request.pause(_SECONDS_ALONE + _SECONDS_A_NEIGHBOUR * neighbours)
            return handler(request)
        finally:
            with lock:
                present -= 1

    return answer


FAULTS = (
    Fault(
        name="PERF001",
        rules=("PERF001",),
        summary=f"a page takes {_SLOW_SECONDS} seconds",
        page=EVERY_PAGE,
        rows=lambda: GeneratedRows(5),
        wrap_endpoint=changing_response(_slow),
    ),
    Fault(
        name="PERF002",
        rules=("PERF002",),
        summary="each page takes longer than the one before, as with OFFSET",
        page=EVERY_PAGE,
        rows=lambda: GeneratedRows(1200),
        page_size=50,
        wrap_endpoint=changing_response(_slower_and_slower),
    ),
    Fault(
        name="PERF003",
        rules=("PERF003",),
        summary="pages of only five rows: one request for every five rows",
        page=None,
        rows=lambda: GeneratedRows(60),
        wrap_endpoint=lambda handler: handler,
        scenario_only=True,
    ),
    Fault(
        name="PERF004",
        rules=("PERF004",),
        summary="large pages are not compressed though the client accepts gzip",
        page=EVERY_PAGE,
        rows=lambda: GeneratedRows(600),
        page_size=200,
        wrap_endpoint=changing_response(_not_compressed),
    ),
    Fault(
        name="PERF005",
        rules=("PERF005",),
        summary="the server closes the connection after every page",
        page=EVERY_PAGE,
        wrap_endpoint=changing_response(_closing),
    ),
    Fault(
        name="PERF006",
        rules=("PERF006",),
        summary="fast for one client, slow for several at once",
        page=EVERY_PAGE,
        rows=lambda: GeneratedRows(20),
        options=("--load", "4"),
        wrap_endpoint=_slow_under_load,
    ),
)
