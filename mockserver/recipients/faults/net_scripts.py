"""The bytes of the network faults: each script sends a response as no correct server would.

A script ends when it returns, and the connection is then closed; drips go on until the client
goes. They know nothing of rules.
"""

from collections.abc import Callable

from mockserver.serving.client_connection import ClientConnection, Script

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


def reset(connection: ClientConnection) -> None:
    """Reset without a byte."""
    connection.reset()


def close(connection: ClientConnection) -> None:
    """Close without a byte."""


def never(connection: ClientConnection) -> None:
    """Keep silent."""
    connection.pause(_FOR_EVER_SECONDS)


def drip_head(connection: ClientConnection) -> None:
    """Begin the response, then send one more header byte by byte, for ever."""
    connection.send(connection.head.removesuffix(_END) + b"\r\nX-Drip: ")
    _drip(connection, b"x")


def drip_body(connection: ClientConnection) -> None:
    """Promise a large body and send it byte by byte."""
    connection.send(_with_length(connection.head, 1_000_000) + b'{"list":')
    _drip(connection, b" ")


def drip_chunks(connection: ClientConnection) -> None:
    """Send chunks of one byte, for ever."""
    connection.send(_chunked(connection.head))
    _drip(connection, b"1\r\n \r\n")


def drip_trailers(connection: ClientConnection) -> None:
    """Send the right body, then trailers for ever."""
    connection.send(_chunked(connection.head) + _chunk(connection.body) + b"0\r\n")
    _drip(connection, b"X-Trailer: 1\r\n")


def continues(connection: ClientConnection) -> None:
    """Send 100 Continue, for ever."""
    _drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n")


def hints(connection: ClientConnection) -> None:
    """Hint at a response that never comes."""
    _drip(connection, b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")


def _drip(connection: ClientConnection, content: bytes) -> None:
    while True:
        connection.send(content)
        connection.pause(_DRIP_SECONDS)


def cut_body(connection: ClientConnection) -> None:
    """Close in the middle of the body."""
    connection.send(connection.head + _half(connection.body))


def cut_chunk(connection: ClientConnection) -> None:
    """Close in the middle of a chunk."""
    connection.send(_chunked(connection.head) + _half(_chunk(connection.body)))


def no_last_chunk(connection: ClientConnection) -> None:
    """Close after the only chunk, without the one that ends the body."""
    connection.send(_chunked(connection.head) + _chunk(connection.body))


def cut_head(connection: ClientConnection) -> None:
    """Close in the middle of the headers."""
    connection.send(_half(connection.head))


def cut_reset(connection: ClientConnection) -> None:
    """Reset in the middle of the body."""
    connection.send(connection.head + _half(connection.body))
    # A reset throws away what the client has not read yet; let it arrive.
    connection.pause(_DRIP_SECONDS)
    connection.reset()


def not_http(connection: ClientConnection) -> None:
    """Spoil the status line."""
    connection.send(b"HELLO WORLD\r\n" + _without_status_line(connection.head) + connection.body)


def other_protocol(connection: ClientConnection) -> None:
    """Answer as an SSH server does."""
    connection.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")


def odd_status(connection: ClientConnection) -> None:
    """Put a word where the status number belongs."""
    connection.send(
        b"HTTP/1.1 OK 200\r\n" + _without_status_line(connection.head) + connection.body
    )


def bad_header(connection: ClientConnection) -> None:
    """Put a line without a colon among the headers."""
    connection.send(_with_header(connection.head, b"This is not a header") + connection.body)


def bad_chunk_size(connection: ClientConnection) -> None:
    """Give a chunk's size as a word."""
    connection.send(_chunked(connection.head) + b"many\r\n" + connection.body + b"\r\n0\r\n\r\n")


def many_headers(connection: ClientConnection) -> None:
    """Send 200 small headers."""
    headers = b"\r\n".join(b"X-Header-%d: 1" % number for number in range(200))
    connection.send(_with_header(connection.head, headers) + connection.body)


def large_headers(connection: ClientConnection) -> None:
    """Send 90 headers of 1 KiB each: few enough, and too large together."""
    headers = b"\r\n".join(b"X-Header-%d: %s" % (number, b"x" * 1024) for number in range(90))
    connection.send(_with_header(connection.head, headers) + connection.body)


def long_header(connection: ClientConnection) -> None:
    """Send one header of 70 KiB."""
    connection.send(
        _with_header(connection.head, b"X-Header: " + b"x" * 70 * 1024) + connection.body
    )


def final_status(status: int) -> Script:
    """Send an interim status and nothing after it."""
    return lambda connection: connection.send(b"HTTP/1.1 %d Interim\r\n\r\n" % status)


def two_lengths(connection: ClientConnection) -> None:
    """Give two lengths that contradict each other."""
    connection.send(_with_header(connection.head, b"Content-Length: 7") + connection.body)


def both_framings(connection: ClientConnection) -> None:
    """Give a length and chunks at once."""
    connection.send(_with_header(connection.head, b"Transfer-Encoding: chunked"))
    connection.send(_chunk(connection.body) + b"0\r\n\r\n")


def short_length(connection: ClientConnection) -> None:
    """Give a length that is too short, and send everything."""
    connection.send(_with_length(connection.head, len(connection.body) // 2) + connection.body)


def endless_body(connection: ClientConnection) -> None:
    """Send white space until the client has had enough; only the end would end it."""
    connection.send(_without_length(connection.head) + b'{"list":')
    while True:
        connection.send(_SPACES)


def endless_chunks(connection: ClientConnection) -> None:
    """Send chunks of white space until the client has had enough."""
    connection.send(_chunked(connection.head) + _chunk(b'{"list":'))
    while True:
        connection.send(_chunk(_SPACES))


def early_hints_first(connection: ClientConnection) -> None:
    """Send an interim response before the right one, as HTTP allows."""
    connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
    connection.send(connection.head + connection.body)


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
