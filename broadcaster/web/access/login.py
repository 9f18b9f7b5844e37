"""The login of a window that others can reach: one password, and a signed cookie."""

import hashlib
import hmac
import secrets

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.web.languages import _
from broadcaster.web.pages.health import METRICS, OPEN_TO_ALL, has_token

__all__ = ["init_login"]

_DAY_SECONDS = 24 * 3600
_OPEN = OPEN_TO_ALL | {"static", "login.form", "login.enter", "checks.style"}
_WORD = "in"


def init_login(app: Flask, password: str, metrics_token: str | None) -> None:
    """Ask for the password before anything is shown. Logins end when the server does."""
    blueprint = Blueprint("login", __name__)
    signer = TimestampSigner(
        secrets.token_bytes(32), salt="broadcast-window", digest_method=hashlib.sha256
    )

    def guard() -> AnyResponse | None:
        if request.endpoint in _OPEN or _is_in(signer):
            return None
        if request.endpoint == METRICS:
            return None if has_token(metrics_token) else _no_token()
        if request.method not in ("GET", "HEAD"):
            abort(401)
        return redirect(url_for("login.form", next=_here()), 303)

    def form() -> str:
        return render_template(
            "login.html", next=_own_path(request.args.get("next", "/")), error=""
        )

    def enter() -> AnyResponse:
        given = request.form.get("password", "")
        there = _own_path(request.form.get("next", "/"))
        if not hmac.compare_digest(given.encode(), password.encode()):
            error = _("Wrong password.")
            return Response(render_template("login.html", next=there, error=error), 401)
        response = redirect(there, 303)
        response.set_cookie(
            _cookie(),
            signer.sign(_WORD).decode(),
            max_age=_DAY_SECONDS,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
        return response

    def leave() -> AnyResponse:
        response = redirect(url_for("login.form"), 303)
        response.delete_cookie(_cookie(), path="/", httponly=True, secure=request.is_secure)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

    app.before_request(guard)
    app.jinja_env.globals["asks_for_password"] = True
    blueprint.add_url_rule("/login", "form", form, methods=["GET"])
    blueprint.add_url_rule("/login", "enter", enter, methods=["POST"])
    blueprint.add_url_rule("/logout", "leave", leave, methods=["POST"])
    app.register_blueprint(blueprint)


def _no_token() -> Response:
    """For Prometheus, which cannot fill in a form."""
    sentence = "Log in, or send the token for the metrics.\n"
    headers = {"WWW-Authenticate": "Bearer"}
    return Response(sentence, 401, headers, content_type="text/plain; charset=utf-8")


def _is_in(signer: TimestampSigner) -> bool:
    try:
        return (
            signer.unsign(request.cookies.get(_cookie(), ""), max_age=_DAY_SECONDS)
            == _WORD.encode()
        )
    except BadSignature:
        return False


def _cookie() -> str:
    """With the prefix a browser takes the cookie only from this host, over TLS."""
    return "__Host-window" if request.is_secure else "window"


def _here() -> str:
    return request.full_path.rstrip("?")


def _own_path(wanted: str) -> str:
    """A path of this site, so that a login never redirects to another site."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if plain and wanted.isprintable() else "/"
