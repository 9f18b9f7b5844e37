"""The least that anyone needs for the pages of the generator: a socket, and a look for the token.

Run as `python -m benchmarks.bare URL REQUESTS`: follows the tokens, begins anew at the end, and
prints the seconds that so many requests took. What a check takes beyond it is the check's own.
"""

import re
import socket
import sys
import time
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"Content-Length: (\d+)")
_NEXT = re.compile(rb'"next":"([0-9a-f]*)"\}\Z')
_READ_BYTES = 256 * 1024
_TAIL_BYTES = 40


def main(argv: list[str]) -> None:
    """Ask, and print how long it took."""
    parts = urlsplit(argv[0])
    started = time.perf_counter()
    with socket.create_connection((str(parts.hostname), parts.port or 80)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        token = b""
        for _ in range(int(argv[1])):
            query = b"?next=" + token if token else b""
            line = b"GET %s%s HTTP/1.1\r\n" % (parts.path.encode(), query)
            sock.sendall(line + b"Host: %s\r\n\r\n" % parts.netloc.encode())
            answer = _answer(sock)
            found = _NEXT.search(answer, len(answer) - _TAIL_BYTES)
            token = found.group(1) if found is not None else b""
    print(time.perf_counter() - started)


def _answer(sock: socket.socket) -> bytearray:
    """A whole response: its head, and as much as that announces."""
    answer = bytearray()
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += sock.recv(_READ_BYTES)
    length = _LENGTH.search(answer, 0, end)
    whole = end + 4 + (int(length.group(1)) if length is not None else 0)
    while len(answer) < whole:
        answer += sock.recv(_READ_BYTES)
    return answer


if __name__ == "__main__":
    main(sys.argv[1:])
