"""Judges bodies that were saved as files, in the order in which they are given (--page)."""

from collections.abc import Sequence
from pathlib import Path

from checker.core.errors import NotRecordedError, UsageError
from checker.core.model import Exchange, Headers, Purpose
from checker.core.needs import Need
from checker.recordings.replay import Reasons

__all__ = ["SavedPages"]


class SavedPages:
    """A source of pages: the first file is page 1, and each token leads to the next file."""

    def __init__(self, files: Sequence[str], limit_bytes: int, *, has_url: bool) -> None:
        """Raises UsageError for a file that cannot be read or is too large."""
        for name in files:
            _check(name, limit_bytes)
        self._files = list(files)
        self._limit_bytes = limit_bytes
        self._has_url = has_url
        self._read = 0
        self.requests = 0
        self.bytes = 0

    @property
    def unread(self) -> list[str]:
        """The files behind the page at which the crawl ended."""
        return self._files[self._read :]

    def close(self) -> None:
        """Nothing is held."""

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """The file in the place of this page. Raises NotRecordedError."""
        if purpose is not Purpose.PAGE or page is None:
            raise NotRecordedError("saved pages answer no probes")
        if page > len(self._files):
            raise NotRecordedError(
                f"page {page - 1} has a token, and no file of the page that it leads to was given"
            )
        self._read = page
        path = Path(self._files[page - 1])
        body = _content(path.name, path)
        self.requests += 1
        self.bytes += len(body)
        return Exchange(
            purpose=purpose,
            method="GET",
            url=path.absolute().as_uri(),
            token=token,
            page=page,
            status=200,
            reason="OK",
            headers=(("Content-Type", "application/json"),),
            body=body,
            wire_bytes=len(body),
        )

    def try_method(self, method: str) -> Exchange:
        """Raises NotRecordedError."""
        raise NotRecordedError("saved pages answer no probes")

    def lacks(self) -> Reasons:
        """What only a server can show."""
        reasons = {Need.SERVER: "files were judged: this needs the server"}
        if not self._has_url:
            reasons[Need.URL] = "files were judged, and no URL was given"
        return reasons


def _check(name: str, limit_bytes: int) -> None:
    path = Path(name)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.read(1)
    except (OSError, ValueError):
        raise UsageError(f"The page {name!r} cannot be read: give a file (--page).") from None
    if size > limit_bytes:
        raise UsageError(
            f"The page {name!r} is over the size limit of {limit_bytes:,} bytes (--body-limit)."
        )


def _content(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UsageError(f"The page {name!r} cannot be read any more (--page).") from None
