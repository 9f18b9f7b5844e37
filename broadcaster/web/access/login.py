"""The login: a password, or the token in the address that the server printed, and a cookie."""

import hmac
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.web.access.clients import client_of
from broadcaster.web.access.sessions import SESSION_SECONDS, Sessions
from broadcaster.web.access.wrong_passwords import WrongPasswords
from broadcaster.web.config import WindowConfig
from broadcaster.web.languages import _
from broadcaster.web.pages.health import METRICS, OPEN_TO_ALL, has_token

__all__ = ["init_login"]

_OPEN = OPEN_TO_ALL | {"static", "login.form", "login.enter", "checks.style"}


def init_login(app: Flask, config: WindowConfig, sessions: Sessions) -> None:
    """Let nobody in before the password or the token. Logins end when the server does."""
    secret = config.password or config.token
    if secret is None:
        return
    login = _Login(secret, sessions, config)
    blueprint = Blueprint("login", __name__)
    blueprint.add_url_rule("/login", "form", login.form, methods=["GET"])
    blueprint.add_url_rule("/login", "enter", login.enter, methods=["POST"])
    blueprint.add_url_rule("/logout", "leave", login.leave, methods=["POST"])
    app.register_blueprint(blueprint)
    app.before_request(login.guard)
    app.jinja_env.globals["asks_for_login"] = True


class _Login:
    def __init__(self, secret: str, sessions: Sessions, config: WindowConfig) -> None:
        self._secret = secret
        self._sessions = sessions
        self._by_token = config.password is None
        self._metrics_token = config.metrics_token
        self._wrong = WrongPasswords()

    def guard(self) -> AnyResponse | None:
        """Before each page."""
        if self._by_token and request.method == "GET" and self._is_right(_token()):
            return self._let_in(_without_token())
        if request.endpoint in _OPEN or self._sessions.holds(request.cookies.get(_cookie(), "")):
            return None
        if request.endpoint == METRICS:
            return None if has_token(self._metrics_token) else _no_token()
        if request.method not in ("GET", "HEAD"):
            abort(401)
        return redirect(url_for("login.form", next=request.full_path.rstrip("?")), 303)

    def form(self) -> str:
        """The page that asks."""
        return self._page(_own_path(request.args.get("next", "/")))

    def enter(self) -> AnyResponse:
        """Try what was typed."""
        there = _own_path(request.form.get("next", "/"))
        client = client_of(request.remote_addr)
        if not self._wrong.begin(client):
            abort(429)
        right = self._is_right(request.form.get("password", ""))
        self._wrong.end(client, wrong=not right)
        if right:
            return self._let_in(there)
        error = _("Wrong token.") if self._by_token else _("Wrong password.")
        return Response(self._page(there, error), 401)

    def leave(self) -> AnyResponse:
        """End the session, on the server and in the browser."""
        self._sessions.end(request.cookies.get(_cookie(), ""))
        response = redirect(url_for("login.form"), 303)
        response.delete_cookie(_cookie(), path="/", httponly=True, secure=request.is_secure)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

    def _is_right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._secret.encode())

    def _let_in(self, there: str) -> AnyResponse:
        response = redirect(there, 303)
        response.set_cookie(
            _cookie(),
            self._sessions.begin(),
            max_age=SESSION_SECONDS,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
        return response

    def _page(self, there: str, error: str = "") -> str:
        return render_template("login.html", next=there, error=error, by_token=self._by_token)


def _no_token() -> Response:
    """For Prometheus, which cannot fill in a form."""
    sentence = "Log in, or send the token for the metrics.\n"
    headers = {"WWW-Authenticate": "Bearer"}
    return Response(sentence, 401, headers, content_type="text/plain; charset=utf-8")


def _cookie() -> str:
    """With the prefix a browser takes the cookie only from this host, over TLS. Browsers do not
    tell ports apart, so the name does: several windows of one machine keep their logins.
    """
    if request.is_secure:
        return "__Host-window"
    port = request.host.rpartition(":")[2]
    return f"window-{port}" if port.isdecimal() else "window"


def _token() -> str:
    return request.args.get("token", "")


def _without_token() -> str:
    """The address of this request without the token, so that it stays in no history."""
    query = [pair for pair in request.args.items(multi=True) if pair[0] != "token"]
    address = url_for(request.endpoint or "checks.form", **(request.view_args or {}))
    return f"{address}?{urlencode(query)}" if query else address


def _own_path(wanted: str) -> str:
    """A path of this site, so that a login never redirects to another site."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if plain and wanted.isprintable() else "/"
