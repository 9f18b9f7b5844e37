"""The bytes of the network faults: each script sends a response as no correct server would.

A script ends when it returns, and the connection is then closed; drips go on until the client
goes. They know nothing of rules.
"""

from collections.abc import Callable

from mockserver.wire import Line, Script

__all__ = [
    "Spoil",
    "bad_chunk_size",
    "bad_header",
    "both_framings",
    "close",
    "continues",
    "cut_body",
    "cut_chunk",
    "cut_head",
    "cut_reset",
    "drip_body",
    "drip_chunks",
    "drip_head",
    "drip_trailers",
    "early_hints_first",
    "endless_body",
    "endless_chunks",
    "final_status",
    "hints",
    "large_headers",
    "long_header",
    "many_headers",
    "never",
    "no_last_chunk",
    "not_http",
    "odd_status",
    "other_protocol",
    "reset",
    "short_length",
    "two_lengths",
    "wrong_checksum",
]

Spoil = Callable[[bytes], bytes]

_DRIP_SECONDS = 0.05
_FOR_EVER_SECONDS = 86_400.0
_END = b"\r\n\r\n"
_SPACES = b" " * 65_536


def reset(line: Line) -> None:
    """Reset without a byte."""
    line.reset()


def close(_line: Line) -> None:
    """Close without a byte."""


def never(line: Line) -> None:
    """Keep silent."""
    line.pause(_FOR_EVER_SECONDS)


def drip_head(line: Line) -> None:
    """Begin the response, then send one more header byte by byte, for ever."""
    line.send(line.head.removesuffix(_END) + b"\r\nX-Drip: ")
    _drip(line, b"x")


def drip_body(line: Line) -> None:
    """Promise a large body and send it byte by byte."""
    line.send(_with_length(line.head, 1_000_000) + b'{"list":')
    _drip(line, b" ")


def drip_chunks(line: Line) -> None:
    """Send chunks of one byte, for ever."""
    line.send(_chunked(line.head))
    _drip(line, b"1\r\n \r\n")


def drip_trailers(line: Line) -> None:
    """Send the right body, then trailers for ever."""
    line.send(_chunked(line.head) + _chunk(line.body) + b"0\r\n")
    _drip(line, b"X-Trailer: 1\r\n")


def continues(line: Line) -> None:
    """Ask the client to go on, for ever."""
    _drip(line, b"HTTP/1.1 100 Continue\r\n\r\n")


def hints(line: Line) -> None:
    """Hint at a response that never comes."""
    _drip(line, b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")


def _drip(line: Line, content: bytes) -> None:
    while True:
        line.send(content)
        line.pause(_DRIP_SECONDS)


def cut_body(line: Line) -> None:
    """Close in the middle of the body."""
    line.send(line.head + _half(line.body))


def cut_chunk(line: Line) -> None:
    """Close in the middle of a chunk."""
    line.send(_chunked(line.head) + _half(_chunk(line.body)))


def no_last_chunk(line: Line) -> None:
    """Close after the only chunk, without the one that ends the body."""
    line.send(_chunked(line.head) + _chunk(line.body))


def cut_head(line: Line) -> None:
    """Close in the middle of the headers."""
    line.send(_half(line.head))


def cut_reset(line: Line) -> None:
    """Reset in the middle of the body."""
    line.send(line.head + _half(line.body))
    # A reset throws away what the client has not read yet; let it arrive.
    line.pause(_DRIP_SECONDS)
    line.reset()


def not_http(line: Line) -> None:
    """Spoil the status line."""
    line.send(b"HELLO WORLD\r\n" + _without_status_line(line.head) + line.body)


def other_protocol(line: Line) -> None:
    """Answer as an SSH server does."""
    line.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")


def odd_status(line: Line) -> None:
    """Put a word where the status number belongs."""
    line.send(b"HTTP/1.1 OK 200\r\n" + _without_status_line(line.head) + line.body)


def bad_header(line: Line) -> None:
    """Put a line without a colon among the headers."""
    line.send(_with_header(line.head, b"This is not a header") + line.body)


def bad_chunk_size(line: Line) -> None:
    """Give a chunk's size as a word."""
    line.send(_chunked(line.head) + b"many\r\n" + line.body + b"\r\n0\r\n\r\n")


def many_headers(line: Line) -> None:
    """Send 200 small headers."""
    headers = b"\r\n".join(b"X-Header-%d: 1" % number for number in range(200))
    line.send(_with_header(line.head, headers) + line.body)


def large_headers(line: Line) -> None:
    """Send 90 headers of 1 KiB each: few enough, and too large together."""
    headers = b"\r\n".join(b"X-Header-%d: %s" % (number, b"x" * 1024) for number in range(90))
    line.send(_with_header(line.head, headers) + line.body)


def long_header(line: Line) -> None:
    """Send one header of 70 KiB."""
    line.send(_with_header(line.head, b"X-Header: " + b"x" * 70 * 1024) + line.body)


def final_status(status: int) -> Script:
    """Send an interim status and nothing after it."""
    return lambda line: line.send(b"HTTP/1.1 %d Interim\r\n\r\n" % status)


def two_lengths(line: Line) -> None:
    """Give two lengths that contradict each other."""
    line.send(_with_header(line.head, b"Content-Length: 7") + line.body)


def both_framings(line: Line) -> None:
    """Give a length and chunks at once."""
    line.send(_with_header(line.head, b"Transfer-Encoding: chunked"))
    line.send(_chunk(line.body) + b"0\r\n\r\n")


def short_length(line: Line) -> None:
    """Give a length that is too short, and send everything."""
    line.send(_with_length(line.head, len(line.body) // 2) + line.body)


def endless_body(line: Line) -> None:
    """Send white space until the client has had enough; only the end would end it."""
    line.send(_without_length(line.head) + b'{"list":')
    while True:
        line.send(_SPACES)


def endless_chunks(line: Line) -> None:
    """Send chunks of white space until the client has had enough."""
    line.send(_chunked(line.head) + _chunk(b'{"list":'))
    while True:
        line.send(_chunk(_SPACES))


def early_hints_first(line: Line) -> None:
    """Send an interim response before the right one, as HTTP allows."""
    line.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
    line.send(line.head + line.body)


def wrong_checksum(body: bytes) -> bytes:
    """Change the checksum at the end of a gzip stream."""
    return body[:-8] + bytes(byte ^ 0xFF for byte in body[-8:-4]) + body[-4:]


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def _with_header(head: bytes, header: bytes) -> bytes:
    return head.removesuffix(_END) + b"\r\n" + header + _END


def _without_status_line(head: bytes) -> bytes:
    return head.partition(b"\r\n")[2]


def _without_length(head: bytes) -> bytes:
    lines = head.removesuffix(_END).split(b"\r\n")
    kept = [each for each in lines if not each.lower().startswith(b"content-length:")]
    return b"\r\n".join(kept) + _END


def _with_length(head: bytes, length: int) -> bytes:
    return _with_header(_without_length(head), b"Content-Length: %d" % length)


def _chunked(head: bytes) -> bytes:
    return _with_header(_without_length(head), b"Transfer-Encoding: chunked")
