"""Paging tokens: signed ones, which are safe in a URL, and listed ones of any characters.

The server keeps nothing between two pages: the token alone is enough to find the page.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from itsdangerous import BadData, URLSafeSerializer

from mockserver.recipients.data import Position

__all__ = ["Cursor", "ListedTokens", "SignedTokens", "Tokens"]


class Cursor(NamedTuple):
    """Which page a token leads to, counted from 1, and the position of the rows before it."""

    page: int
    position: Position


class Tokens(Protocol):
    """Writes and reads the tokens of one endpoint."""

    def issue(self, cursor: Cursor) -> str:
        """Return the token that leads to the cursor."""

    def read(self, token: str) -> Cursor | None:
        """Return the token's cursor, or None for a token that was never issued here."""


class SignedTokens:
    """Opaque tokens that only this endpoint can make; another endpoint's (`salt`) are refused."""

    def __init__(self, secret: str, salt: str) -> None:
        self._signer = URLSafeSerializer(secret, salt=salt)

    def issue(self, cursor: Cursor) -> str:
        """Return the token that leads to the cursor."""
        return str(self._signer.dumps([cursor.page, cursor.position]))

    def read(self, token: str) -> Cursor | None:
        """Return the token's cursor, or None for a token that was never issued here."""
        try:
            page, position = self._signer.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        cursor = Cursor(page, position)
        # Base64 leaves bits unused at the end: another spelling of a good token is tampering, too.
        return cursor if self.issue(cursor) == token else None


class ListedTokens:
    """Given tokens for pages 2, 3, …, and another scheme's tokens for the pages after these.

    The position of page n is n - 1, so the rows must be `PagedRows`.
    """

    def __init__(self, tokens: Sequence[str], others: Tokens) -> None:
        self._tokens = tokens
        self._pages = {token: page for page, token in enumerate(tokens, start=2)}
        self._others = others

    def issue(self, cursor: Cursor) -> str:
        """Return the token that leads to the cursor."""
        if 2 <= cursor.page < len(self._tokens) + 2:
            return self._tokens[cursor.page - 2]
        return self._others.issue(cursor)

    def read(self, token: str) -> Cursor | None:
        """Return the token's cursor, or None for a token that was never issued here."""
        page = self._pages.get(token)
        return Cursor(page, page - 1) if page else self._others.read(token)
