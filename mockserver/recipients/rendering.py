"""From an `EndpointResponse` to a Flask response: the usual headers, gzip, and scripts."""

import gzip

from flask import Request, Response

from mockserver.recipients.exchange import EndpointResponse, problem
from mockserver.serving.script_server import TAKE_OVER_KEY

__all__ = ["render"]

_COMPRESS_FROM_BYTES = 1024


def render(response: EndpointResponse, request: Request) -> Response:
    """Return the response; with a script, have the server send it in the script's way."""
    if response.script is not None:
        take_over = request.environ.get(TAKE_OVER_KEY)
        if take_over is None:
            sentence = "this scenario needs the mock's own server; run broadcast-mock or MockServer"
            return render(problem(501, sentence), request)
        take_over(response.script)
    body = b"" if response.status == 204 else response.payload()
    rendered = Response(status=response.status, content_type="application/json")
    rendered.headers["Cache-Control"] = "no-store"
    rendered.headers["Vary"] = "Accept-Encoding"
    if (
        response.compressible
        and len(body) > _COMPRESS_FROM_BYTES
        and request.accept_encodings["gzip"] > 0
    ):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        rendered.headers["Content-Encoding"] = "gzip"
    rendered.set_data(body)
    for name, value in response.headers.items():
        if value:
            rendered.headers[name] = value
        else:
            rendered.headers.pop(name, None)
    return rendered
