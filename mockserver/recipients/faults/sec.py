"""Customers' data that people can read who should not."""

from dataclasses import replace

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap, problem
from mockserver.recipients.faults.fault import EVERY_PAGE, Fault, changing_response

__all__ = ["FAULTS"]

_DEMO_VALUE = "Bearer demo-token-1234"
_DEMO_HEADER = ("-H", f"Authorization: {_DEMO_VALUE}")
_PLAIN_HOST = "plain-http.example.test"
_DEBUG_PAGE = b"""<!doctype html>
<html lang=en><head><title>binascii.Error: Incorrect padding
 // Werkzeug Debugger</title></head><body><div class="debugger">
<h1>Error</h1><p class="errormsg">binascii.Error: Incorrect padding</p>
<h2 class="traceback">Traceback <em>(most recent call last)</em></h2>
<pre>Traceback (most recent call last):
  File "/srv/api/venv/lib/python3.11/site-packages/flask/app.py", line 1511, in wsgi_app
    response = self.full_dispatch_request()
  File "/srv/api/recipients.py", line 42, in recipients
    offset = int(base64.b64decode(request.args["next"]))
binascii.Error: Incorrect padding
</pre></div></body></html>
"""
_PHP_TRACE = b"""<b>Fatal error</b>: Uncaught PDOException: SQLSTATE[22P02]: invalid input syntax in
/var/www/html/api/recipients.php:31
Stack trace:
#0 /var/www/html/api/recipients.php(31): PDO->query('SELECT uid, msg...')
#1 {main}
  thrown in <b>/var/www/html/api/recipients.php</b> on line <b>31</b>
"""


def _open(handler: Handler) -> Handler:
    return lambda request: handler(replace(request, admitted=True))


def _any_credential(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method in {"GET", "HEAD"} and not request.header("Authorization"):
            return problem(401, "the header Authorization is missing", WWW_Authenticate="Bearer")
        return handler(replace(request, admitted=True))

    return answer


def _demo_header_needed(handler: Handler) -> Handler:
    def answer(request: EndpointRequest) -> EndpointResponse:
        if request.method in {"GET", "HEAD"} and request.header("Authorization") != _DEMO_VALUE:
            return problem(401, "the header Authorization is wrong", WWW_Authenticate="Bearer")
        return handler(replace(request, admitted=True))

    return answer


def _pages_have(**headers: str) -> Wrap:
    return changing_response(
        lambda _request, response: (
            response.with_headers(**headers) if response.is_page else response
        )
    )


def _bad_tokens_show(body: bytes) -> Wrap:
    shown = EndpointResponse(status=400, body=body).with_headers(
        Content_Type="text/html; charset=utf-8"
    )
    return lambda handler: lambda request: handler(request) if request.page else shown


def _as_it_is(handler: Handler) -> Handler:
    return handler


FAULTS = (
    Fault(
        name="SEC001",
        rules=("SEC001",),
        summary="the data is served with or without the headers",
        page=None,
        options=_DEMO_HEADER,
        wrap_endpoint=_open,
    ),
    Fault(
        name="SEC002",
        rules=("SEC002",),
        summary="the data is sent unencrypted, over plain HTTP",
        page=None,
        host=_PLAIN_HOST,
        scenario_only=True,
        options=_DEMO_HEADER,
        wrap_endpoint=_demo_header_needed,
        note=f"The name {_PLAIN_HOST} must resolve to the mock.",
    ),
    Fault(
        name="SEC003",
        rules=("SEC003",),
        summary="an API key is in the URL, which logs record",
        page=None,
        scenario_only=True,
        query="?api_key=demo-key-123456",
        wrap_endpoint=_as_it_is,
    ),
    Fault(
        name="SEC004",
        rules=("SEC004",),
        summary="shared caches may store the pages and serve them to others",
        page=EVERY_PAGE,
        wrap_endpoint=_pages_have(Cache_Control="public, max-age=600"),
    ),
    Fault(
        name="SEC005",
        rules=("SEC005",),
        summary="an unknown token shows the framework's debug page",
        page=None,
        wrap_endpoint=_bad_tokens_show(_DEBUG_PAGE),
    ),
    Fault(
        name="SEC005-php",
        rules=("SEC005",),
        summary="an unknown token shows PHP's stack trace",
        page=None,
        wrap_endpoint=_bad_tokens_show(_PHP_TRACE),
    ),
    Fault(
        name="SEC006",
        rules=("SEC006",),
        summary="any web page may read the data",
        page=EVERY_PAGE,
        wrap_endpoint=_pages_have(Access_Control_Allow_Origin="*"),
    ),
    Fault(
        name="SEC007",
        rules=("SEC007",),
        summary="an Authorization header is required, but any value is accepted",
        page=None,
        options=_DEMO_HEADER,
        wrap_endpoint=_any_credential,
    ),
    Fault(
        name="SEC008",
        rules=("SEC008",),
        summary="whoever knows the URL can read the data",
        page=None,
        host=_PLAIN_HOST,
        scenario_only=True,
        options=("--ignore", "SEC002"),
        wrap_endpoint=_as_it_is,
        note=f"The name {_PLAIN_HOST} must resolve to the mock.",
    ),
)
