"""What is in the pages: each row once and unchanged, however it is sent."""

import json
from dataclasses import replace

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import GeneratedRows, PagedRows, Row
from mockserver.recipients.exchange import EndpointRequest, EndpointResponse
from mockserver.recipients.faults.fault import EVERY_PAGE
from mockserver.referee.endpoints import ROWS, changed_page, in_pages
from mockserver.referee.scenario import Scenario, all_read

__all__ = ["SCENARIOS"]

_NUMBER = 2**53 + 1
_ODD: tuple[Row, ...] = (
    {"uid": str(_NUMBER), "msg": "A number that a float cannot hold: 9007199254740993"},
    {"uid": "U1", "msg": "Emoji 🎉, a family 👨‍👩‍👧‍👦 and a flag 🇹🇭"},
    {"uid": "U2", "msg": "Lines\nof\r\nall\u2028kinds\u2029\x85."},
    {"uid": "U3", "msg": "e\u0301 is not \u00e9, and น้ำ is not น\u0e4d\u0e49า"},
    {"uid": "U4", "msg": "  white space at both ends \t"},
    {"uid": "U5", "msg": "quotes \"', \\n as it stands, <b>&amp;</b>"},
    {"uid": "u5", "msg": "Upper case and lower case are two people"},
)
_REPEATED: tuple[Row, ...] = (
    ROWS[0],
    {**ROWS[0], "msg": "A second message"},
    ROWS[1],
    ROWS[1],
)
_LARGE: tuple[Row, ...] = tuple(GeneratedRows(60).read(None, 60).rows)


def _escaped(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    """Every character that is not ASCII as an escape, an emoji as a pair of surrogates."""
    return replace(response, body=json.dumps(response.document, ensure_ascii=True).encode())


def _plain(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
    return replace(response, compressible=False)


def _changing_encoding(_elsewhere: str) -> MockConfig:
    pages = [_LARGE[:20], _LARGE[20:40], _LARGE[40:]]
    return MockConfig(rows=PagedRows(pages), faults=(changed_page(_plain),))


def _numbered(_elsewhere: str) -> MockConfig:
    def change(_request: EndpointRequest, response: EndpointResponse) -> EndpointResponse:
        token = response.document["next"]
        number = int(token) if token else ""
        return replace(response, document={**response.document, "next": number})

    tokens = (str(_NUMBER), str(_NUMBER + 2))
    pages = [ROWS[:3], ROWS[3:6], ROWS[6:]]
    faults = (changed_page(change, EVERY_PAGE),)
    return MockConfig(rows=PagedRows(pages), tokens=tokens, faults=faults)


SCENARIOS = (
    Scenario(
        id="CLIENT027",
        name="rows-unchanged",
        summary="texts with emoji, line ends of all kinds, and white space at both ends",
        config=in_pages([_ODD[:4], _ODD[4:]]),
        rows=_ODD,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT028",
        name="escapes-read",
        summary="all characters that are not ASCII are escaped, emoji as two surrogates",
        config=lambda _elsewhere: MockConfig(
            rows=PagedRows([ROWS[:5], ROWS[5:]]), faults=(changed_page(_escaped, EVERY_PAGE),)
        ),
        rows=ROWS,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT029",
        name="repeated-rows-kept",
        summary="one uid has two messages, and one row is there twice",
        config=in_pages([[ROWS[2]], _REPEATED]),
        rows=(ROWS[2], *_REPEATED),
        judge=all_read,
    ),
    Scenario(
        id="CLIENT030",
        name="compression-by-page",
        summary="pages 1 and 3 are compressed when the client accepts gzip, page 2 is not",
        config=_changing_encoding,
        rows=_LARGE,
        judge=all_read,
    ),
    Scenario(
        id="CLIENT031",
        name="number-as-token",
        summary=f"next is a number over 2^53, such as {_NUMBER}",
        config=_numbered,
        rows=ROWS,
        judge=all_read,
    ),
)
