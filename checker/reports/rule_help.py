"""A rule's page of help as a part of a report in HTML."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

__all__ = ["help_html"]

_HELP_LINK = re.compile(r"([A-Z]+\d{3})\.md\Z")


def help_html(markdown: str, reported: frozenset[str], *, id_prefix: str, level: int) -> Markup:
    """Our Markdown with headings from `level` on; HTML in it stays text.

    Links to other rules lead to their place in the report, if they are in it.
    """
    parser = MarkdownIt("commonmark", {"html": False})
    tokens = parser.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + level - 2)}"
        if token.children:
            token.children = list(_linked(token.children, reported, id_prefix))
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704  our own text


def _linked(tokens: Sequence[Token], reported: frozenset[str], id_prefix: str) -> Iterator[Token]:
    dropped = False
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            rule = _HELP_LINK.match(href)
            dropped = bool(rule and rule[1] not in reported)
            token.attrs = (
                {"href": f"#{id_prefix}{rule[1]}"} if rule else {"href": href, "rel": "noreferrer"}
            )
        if not (dropped and token.type in ("link_open", "link_close")):
            yield token
