"""Paging tokens: opaque, signed, safe in a URL, and enough by themselves to find the page.

The server keeps nothing between two pages; whatever a token says was written and signed here.
"""

from typing import NamedTuple

from itsdangerous import BadData, URLSafeSerializer

from mockserver.recipients.data import Position

__all__ = ["Cursor", "Tokens"]


class Cursor(NamedTuple):
    """Which page a token leads to, counted from 1, and the position of the rows before it."""

    page: int
    position: Position


class Tokens:
    """Writes and reads the tokens of one endpoint; another endpoint's (`salt`) are refused."""

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
