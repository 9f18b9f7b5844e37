"""HTML in place of data: login pages and block pages. Pure."""

import re

__all__ = ["block_page", "is_html", "kind_of_page"]


_HTML = re.compile(
    r"\s*(?:<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body|div|p|h1|title)\b",
    re.IGNORECASE | re.DOTALL,
)


_LOGIN = re.compile(r"type=[\"']?password|\blog[ -]?in\b|\bsign[ -]?in\b", re.IGNORECASE)


_WAF = re.compile(
    r"cloudflare|attention required|just a moment|access denied|request blocked|incapsula|imperva"
    r"|akamai|mod_security|web application firewall|captcha|perimeterx|sucuri|reference ?#\d",
    re.IGNORECASE,
)


def is_html(text: str) -> bool:
    """Whether a text begins as an HTML page does."""
    return _HTML.match(text) is not None


def kind_of_page(text: str) -> str:
    """What an HTML page in place of data seems to be."""
    if _WAF.search(text):
        return "a block page of a firewall or CDN (a WAF)"
    if _LOGIN.search(text):
        return "a login page"
    return "an HTML page"


def block_page(body: bytes) -> str | None:
    """What an HTML answer to a refused request seems to be; None for anything but HTML."""
    text = body[:65536].decode("utf-8", "replace")
    return kind_of_page(text) if _HTML.match(text) else None
