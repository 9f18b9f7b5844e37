"""A server of as many different rows as wanted, faster than anyone can read them.

Run as `python -m benchmarks.generator PORT PAGES ROWS_A_PAGE LATENCY_SECONDS`. A page is one
template into which the page's number is put wherever a row needs it, so that no uid comes twice.
"""

import hashlib
import json
import re
import socketserver
import sys
import time

__all__ = ["PageMaker"]

_MARK = "=PAGE=NO"
_MESSAGE = "Hello from row {row}: the shop opens on Monday at nine. Liebe Grüße, {mark}"
_TOKEN = re.compile(rb"[?&]next=([0-9a-f]{8})(?=[& ])")
_NEXT = b"=NEXT=NO"


class PageMaker:
    """The pages by number, from 1."""

    def __init__(self, pages: int, rows_a_page: int) -> None:
        self.pages = pages
        rows = [_row(row) for row in range(rows_a_page)]
        page = {"list": rows, "next": _NEXT.decode()}
        text = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
        self._template = text.encode()

    def body(self, number: int) -> bytes:
        """The page's JSON."""
        body = self._template.replace(_MARK.encode(), b"%08x" % number)
        return body.replace(_NEXT, b"%08x" % (number + 1) if number < self.pages else b"")

    def answer(self, head: bytes) -> bytes:
        """The whole response to a request."""
        token = _TOKEN.search(head.partition(b"\r\n")[0])
        if not head.startswith(b"GET "):
            return _response(b"405 Method Not Allowed\r\nAllow: GET", b"")
        if token is None and b"next=" in head.partition(b"\r\n")[0]:
            return _response(b"400 Bad Request", b'{"error":"unknown token"}')
        return _response(b"200 OK", self.body(int(token.group(1), 16) if token else 1))


def _row(row: int) -> dict[str, str]:
    rest = hashlib.sha256(str(row).encode()).hexdigest()[:24]
    return {"uid": f"U{_MARK}{rest}", "msg": _MESSAGE.format(row=row, mark=_MARK)}


def _response(status: bytes, body: bytes) -> bytes:
    head = b"Content-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: %d"
    return b"HTTP/1.1 " + status + b"\r\n" + head % len(body) + b"\r\n\r\n" + body


class _Handler(socketserver.BaseRequestHandler):
    maker: PageMaker
    latency_seconds: float

    def handle(self) -> None:
        head = b""
        while part := self.request.recv(65_536):
            head += part
            if head.endswith(b"\r\n\r\n"):
                if self.latency_seconds:
                    time.sleep(self.latency_seconds)
                self.request.sendall(self.maker.answer(head))
                head = b""


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main(argv: list[str]) -> None:
    """Serve until killed."""
    port, pages, rows_a_page = (int(argument) for argument in argv[:3])
    _Handler.maker = PageMaker(pages, rows_a_page)
    _Handler.latency_seconds = float(argv[3])
    with _Server(("127.0.0.1", port), _Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
