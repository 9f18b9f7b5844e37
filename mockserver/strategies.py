"""Hypothesis strategies for what an endpoint may serve: rows, pages, tokens, whole endpoints.

They need Hypothesis: `pip install "broadcast-conformance[mock]"`. All of them shrink to few rows,
few pages and short texts. docs/pytest.md has an example.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import PagedRows, Row
from mockserver.recipients.faults import find_fault
from schemas import ROW_LIMIT

__all__ = ["ENDS", "GeneratedEndpoint", "endpoints", "pages", "rows", "texts", "tokens"]

ENDS = ("", "OK-null-next", "OK-empty-last-page", "OK-204")
"""How the data may end: an empty `next`, and the names of the scenarios with another end."""

_LINE_ENDS = ("\n", "\r\n", "\u2028")
_SAMPLES = (
    "สวัสดี",
    "お知らせ 🎉",
    "👨‍👩‍👧‍👦",
    "שלום",
    "e\u0301",
    "a\r\nb",
    "9007199254740993",
    "<b>&amp;",
)


@dataclass(frozen=True, kw_only=True)
class GeneratedEndpoint:
    """An endpoint as data; `config` makes a mock serve it."""

    pages: tuple[tuple[Row, ...], ...]
    tokens: tuple[str, ...]
    """Those of pages 2, 3, …"""
    end: str = ""
    """One of `ENDS`."""
    faults: tuple[str, ...] = ()
    """`NAME` or `NAME@page`; none unless faults were asked for."""

    @property
    def rows(self) -> list[Row]:
        """All rows in order: what a client must read of an endpoint without faults."""
        return [row for page in self.pages for row in page]

    @property
    def config(self) -> MockConfig:
        """The settings for `MockServer`, its method `play`, or `create_app`."""
        faults = (self.end, *self.faults) if self.end else self.faults
        return MockConfig(rows=PagedRows(self.pages), tokens=self.tokens, faults=faults)


def texts(*, max_size: int = 20, control_characters: bool = False) -> SearchStrategy[str]:
    """Texts that a row may hold: of any script, not blank, without surrogates and NUL.

    `control_characters` lets in the other ones, about which a check warns (ROW010).
    """
    excluded: list[str] = ["Cs"] if control_characters else ["Cs", "Cc"]
    characters = st.characters(
        exclude_categories=excluded,  # type: ignore[arg-type]  # a Literal of each category
        exclude_characters=["\x00"],
    )
    line = st.text(characters, min_size=1, max_size=max_size)
    lines = st.tuples(line, st.sampled_from(_LINE_ENDS), st.just("") | line).map("".join)
    samples = st.sampled_from(_SAMPLES)
    return st.one_of(line, lines, samples).filter(lambda text: bool(text.strip()))


def rows(text: SearchStrategy[str] | None = None) -> SearchStrategy[Row]:
    """Rows with the members `uid` and `msg`."""
    text = texts() if text is None else text
    return st.fixed_dictionaries({"uid": text, "msg": text})


def pages(
    row: SearchStrategy[Row] | None = None, *, min_rows: int = 0, max_rows: int = 8
) -> SearchStrategy[tuple[Row, ...]]:
    """The lists of rows of one page, which holds fewer than 500."""
    if max_rows > ROW_LIMIT:
        raise ValueError(f"max_rows must be {ROW_LIMIT} or less, not {max_rows}")
    row = rows() if row is None else row
    return st.lists(row, min_size=min_rows, max_size=max_rows).map(tuple)


def tokens(*, max_size: int = 12) -> SearchStrategy[str]:
    """Tokens of any characters, but none that a client must take for a URL (NEXT013).

    They hold no percent escapes, which a check reports as encoded twice (NEXT012).
    """
    characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=["%", "="])
    plain = st.text(characters, min_size=1, max_size=max_size)
    special = st.text(st.sampled_from("+/=&?#:;@ é☕"), min_size=1, max_size=max_size)
    return st.one_of(plain, special.map("t{}".format), st.just("100% sure")).filter(_is_token)


def _is_token(token: str) -> bool:
    url_like = "://" in token or token.startswith("/") or ("?" in token and "=" in token)
    return bool(token.strip()) and not url_like


@st.composite
def endpoints(
    draw: st.DrawFn,
    *,
    row: SearchStrategy[Row] | None = None,
    max_pages: int = 6,
    max_rows: int = 8,
    ends: Sequence[str] = ENDS,
    faults: Collection[str] = (),
) -> GeneratedEndpoint:
    """Whole endpoints; with `faults`, each has one of these faults, or none, on some page.

    A fault of the whole endpoint is played as a whole.
    """
    each = pages(row, max_rows=max_rows)
    drawn = tuple(draw(st.lists(each, min_size=1, max_size=max_pages)))
    count = len(drawn) - 1
    names = draw(st.lists(tokens(), min_size=count, max_size=count, unique=True))
    played = draw(st.sampled_from(["", *faults]))
    if played and find_fault(played).page is not None:
        played = f"{played}@{draw(st.integers(1, len(drawn)))}"
    return GeneratedEndpoint(
        pages=drawn,
        tokens=tuple(names),
        end=draw(st.sampled_from(list(ends))),
        faults=(played,) if played else (),
    )
