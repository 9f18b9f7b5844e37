"""Rules for every request and every answer: who may ask, and what a browser may do with the answer.

The headers are those of the OWASP Secure Headers project; docs/web.md lists them with the reasons.
There are no tokens against cross-site posts: browsers say where a request comes from.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.datastructures import Headers as AnswerHeaders

from broadcaster.web.config import FORM_BYTES, WindowConfig
from broadcaster.web.pages.health import OPEN_TO_ALL

__all__ = ["HEADERS", "init_security"]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_POWERS = (
    "accelerometer",
    "autoplay",
    "camera",
    "cross-origin-isolated",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "keyboard-map",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "sync-xhr",
    "usb",
    "xr-spatial-tracking",
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{power}=()" for power in _POWERS),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-DNS-Prefetch-Control": "off",
}
"""Every answer carries these."""

_TAKES_FILES = frozenset({"files.start", "broadcasts.start"})
_TLS_ONLY = "max-age=31536000; includeSubDomains"


def init_security(app: Flask, config: WindowConfig) -> None:
    """Refuse foreign names and foreign sites; set the headers."""

    def guard() -> None:
        if request.endpoint not in _TAKES_FILES:
            request.max_content_length = FORM_BYTES
        if request.endpoint not in OPEN_TO_ALL and not _is_known_name(
            request.host, config.known_names
        ):
            abort(421)
        if request.method not in _SAFE_METHODS and not _is_from_here():
            abort(403)

    app.before_request(guard)
    app.after_request(_set_headers)


def _is_known_name(host: str, names: frozenset[str]) -> bool:
    """Against DNS rebinding: a page under another name may connect to our address."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name in names


def _is_from_here() -> bool:
    """Whether our own page sent this; a browser that does not say so must give our Origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True  # no browser sends an unsafe request to another site without an Origin
    return urlsplit(origin).netloc == request.host


def _set_headers(response: Response) -> Response:
    headers: AnswerHeaders = response.headers
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", _TLS_ONLY)
    if request.endpoint != "static" or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    return response
