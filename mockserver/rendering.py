"""From a `Reply` to a Flask response: the usual headers, gzip, and the door to the wire."""

import gzip

from flask import Request, Response

from mockserver.exchange import Reply, problem
from mockserver.wire import TAKE_OVER_KEY

__all__ = ["render"]

_COMPRESS_FROM_BYTES = 1024


def render(reply: Reply, request: Request) -> Response:
    """Return the response; with a script, have the server send it in the script's way."""
    if reply.script is not None:
        take_over = request.environ.get(TAKE_OVER_KEY)
        if take_over is None:
            sentence = "this scenario needs the mock's own server; run broadcast-mock or MockServer"
            return render(problem(501, sentence), request)
        take_over(reply.script)
    body = b"" if reply.status == 204 else reply.payload()
    response = Response(status=reply.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Encoding"
    if (
        reply.compressible
        and len(body) > _COMPRESS_FROM_BYTES
        and request.accept_encodings["gzip"] > 0
    ):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    for name, value in reply.headers.items():
        if value:
            response.headers[name] = value
        else:
            response.headers.pop(name, None)
    return response
