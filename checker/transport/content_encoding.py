"""Undoing a Content-Encoding within a size limit. Pure.

Own decoding instead of the client library's, which reads a gzip stream that was cut short as whole
(RFC 1952 wants the trailer) and follows a decompression bomb to its end.
"""

import zlib

__all__ = ["BadEncodingError", "TooLargeError", "decode_content"]

_LAYER_LIMIT = 3
_MEMBER_LIMIT = 200
_GZIP_WINDOW = 31
_ZLIB_WINDOW = 15
_RAW_WINDOW = -15


class BadEncodingError(ValueError):
    """The body is not what its Content-Encoding says; `start` is how it begins."""

    start = b""


class TooLargeError(ValueError):
    """The body is over the limit once decoded."""


def decode_content(body: bytes, content_encoding: str, limit_bytes: int) -> bytes:
    """The body without its encodings, last applied first undone (RFC 9110, section 8.4).

    An empty body needs no decoding. Raises BadEncodingError and TooLargeError.
    """
    layers = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    layers = [name for name in layers if name != "identity"]
    if len(layers) > _LAYER_LIMIT:
        raise BadEncodingError(f"is encoded {len(layers)} times over")
    for name in reversed(layers):
        if not body:
            break
        try:
            body = _decode_layer(body, name, limit_bytes)
        except BadEncodingError as error:
            error.start = body[:160]
            raise
    if len(body) > limit_bytes:
        raise TooLargeError
    return body


def _decode_layer(body: bytes, name: str, limit_bytes: int) -> bytes:
    if name in ("gzip", "x-gzip"):
        return _inflate(body, _GZIP_WINDOW, limit_bytes, name)
    if name == "deflate":
        # RFC 9110, section 8.4.1.2: some servers send raw deflate data without the zlib wrapper
        wrapped = body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0
        return _inflate(body, _ZLIB_WINDOW if wrapped else _RAW_WINDOW, limit_bytes, name)
    raise BadEncodingError(f"is encoded as {name!r}, though only gzip was accepted")


def _inflate(body: bytes, window: int, limit_bytes: int, name: str) -> bytes:
    parts: list[bytes] = []
    room = limit_bytes + 1
    while body:
        if len(parts) == _MEMBER_LIMIT:
            raise BadEncodingError(f"is {name} in more than {_MEMBER_LIMIT} pieces")
        stream = zlib.decompressobj(window)
        try:
            part = stream.decompress(body, room)
        except zlib.error as error:
            raise BadEncodingError(f"is not {name}: {_reason(error)}") from None
        parts.append(part)
        room -= len(part)
        if room <= 0:
            raise TooLargeError
        if not stream.eof:
            raise BadEncodingError(f"is {name} that ends in the middle")
        body = stream.unused_data
    return b"".join(parts)


def _reason(error: zlib.error) -> str:
    """zlib's own words, without its numbers: 'incorrect header check'."""
    return str(error).rpartition(": ")[2]
