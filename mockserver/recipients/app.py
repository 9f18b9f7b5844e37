"""The reference API as a plain Flask application: `create_app(config)`.

It converts between Flask's requests and responses and those of `mockserver.recipients.exchange`.
The correct endpoint is in `mockserver.recipients.endpoint`, the wrong ones in `faults/`.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache

from flask import Flask, Response, abort, render_template
from flask import request as flask_request
from werkzeug.exceptions import HTTPException

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import RowSource
from mockserver.recipients.endpoint import correct_endpoint
from mockserver.recipients.exchange import EndpointRequest, Handler, problem
from mockserver.recipients.faults import Fault, catalogue, placed
from mockserver.recipients.pagination import ListedTokens, SignedTokens, Tokens
from mockserver.recipients.rendering import render
from mockserver.serving.script_server import STOPPING_KEY

__all__ = ["create_app"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
View = Callable[[], Response]
_log = logging.getLogger(__name__)


def create_app(config: MockConfig | None = None) -> Flask:
    """Return the application: `/recipients`, `/faults/<NAME>/recipients` and a page at `/`."""
    config = config or MockConfig()
    app = Flask(__name__.rpartition(".")[0], template_folder="web", static_folder="web/static")
    app.url_map.merge_slashes = False
    handler = _endpoint(config, config.rows, config.page_size)
    for spec in config.faults:
        handler = placed(spec, handler)
    _mount_endpoint(app, config, handler)
    _mount_scenarios(app, config)
    _mount_page(app, config)
    _mount_errors(app)
    return app


def _endpoint(config: MockConfig, rows: RowSource, page_size: int) -> Handler:
    return correct_endpoint(rows, page_size=page_size, required_headers=config.required_headers)


def _mount_endpoint(app: Flask, config: MockConfig, handler: Handler) -> None:
    tokens = ListedTokens(config.tokens, SignedTokens(config.token_secret, salt="/recipients"))
    view = _view(config, "/recipients", handler, tokens)
    for rule in ("/recipients", "/recipients/"):
        app.add_url_rule(rule, rule, view, methods=_METHODS, provide_automatic_options=False)


def _mount_scenarios(app: Flask, config: MockConfig) -> None:
    @cache
    def scenario(name: str) -> View:
        fault = catalogue()[name]
        handler = fault.wrap(_endpoint(config, fault.rows(), fault.page_size))
        path = f"/faults/{name}/recipients"
        return _view(config, path, handler, SignedTokens(config.token_secret, salt=path))

    # Two threads whose requests come first must not get two scenarios: a stateful one would forget.
    lock = threading.Lock()

    def view(name: str) -> Response:
        if name not in catalogue():
            abort(404, f"there is no scenario {name}; the page at / shows them all")
        with lock:
            answer = scenario(name)
        return answer()

    for rule in ("/faults/<name>/recipients", "/faults/<name>/recipients/"):
        app.add_url_rule(rule, rule, view, methods=_METHODS, provide_automatic_options=False)


def _view(config: MockConfig, path: str, handler: Handler, tokens: Tokens) -> View:
    def view() -> Response:
        request = _endpoint_request(config.token_param, tokens, path)
        if config.latency_seconds:
            request.pause(config.latency_seconds)
        return render(handler(request), flask_request)

    return view


def _endpoint_request(token_param: str, tokens: Tokens, path: str) -> EndpointRequest:
    stopping = flask_request.environ.get(STOPPING_KEY)
    pause: Callable[[float], object] = stopping.wait if stopping else time.sleep
    return EndpointRequest(
        method=flask_request.method,
        url=flask_request.host_url.rstrip("/") + path,
        query=flask_request.args.to_dict(),
        token=flask_request.args.get(token_param, ""),
        token_param=token_param,
        header=_header,
        cookies=flask_request.cookies,
        run=f"{flask_request.remote_addr} {flask_request.user_agent.string}",
        tokens=tokens,
        pause=pause,
        slashed=flask_request.path.endswith("/"),
    )


def _header(name: str) -> str:
    return flask_request.headers.get(name, "")


def _mount_page(app: Flask, config: MockConfig) -> None:
    @app.get("/")
    def page() -> Response:
        text = render_template(
            "scenarios.html",
            recipients=f"{flask_request.host_url}recipients",
            played=[spec if isinstance(spec, str) else spec.name for spec in config.faults],
            families=_families(),
            endpoint=app.config.get("FAULT_ENDPOINT", _here),
        )
        headers = {
            "Content-Security-Policy": _CSP,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return Response(text, headers=headers)


def _families() -> list[tuple[str, list[Fault]]]:
    by_family: dict[str, list[Fault]] = {}
    for fault in catalogue().values():
        by_family.setdefault(fault.family, []).append(fault)
    return list(by_family.items())


def _here(fault: Fault) -> str:
    return fault.endpoint(flask_request.host_url.rstrip("/"))


def _mount_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        headers = {"Allow": "GET, HEAD"} if error.code == 405 else {}
        sentence = error.description or "the request was refused"
        return render(problem(error.code or 500, sentence, **headers), flask_request)

    @app.errorhandler(Exception)
    def crashed(_error: Exception) -> Response:
        _log.exception("the mock failed on %s", flask_request.path)
        return render(problem(500, "the mock itself failed; its log says why"), flask_request)
