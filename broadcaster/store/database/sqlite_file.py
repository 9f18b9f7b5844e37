"""The file of a SQLite store: made for its owner alone, opened but never made anew, and known by
its inode, since SQLite itself goes on writing happily to a file that was deleted.
"""

import os
import sqlite3
import stat
from pathlib import Path
from urllib.parse import quote

from broadcaster.errors import StoreError

__all__ = ["SqliteFile"]

_OTHERS = stat.S_IRWXO


class SqliteFile:
    """Raises StoreError when the file or its folder cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = Path(f"{path}-wal")
        try:
            _make_private(path)
            self._identity = _identity(path)
        except OSError as error:
            raise StoreError(
                f"The store {str(path)!r} cannot be made ({error.strerror}); "
                "name another place with BROADCAST_STORE."
            ) from None

    def open(self, busy_seconds: float) -> sqlite3.Connection:
        """A connection for any thread; it waits so long for a lock. Raises sqlite3.Error."""
        # mode=rw: a file that is gone must not come back empty, and readable by everybody
        return sqlite3.connect(
            f"file:{quote(str(self.path))}?mode=rw",
            uri=True,
            timeout=busy_seconds,
            check_same_thread=False,
            isolation_level=None,
        )

    def check(self, *, written: bool) -> None:
        """Whether the path still leads to the file that is open. Raises StoreError.

        Asked after each transaction: what went to a deleted file is never reported as done.
        """
        try:
            there = _identity(self.path) == self._identity
        except OSError:
            there = False
        if not there or (written and not self._log.exists()):
            raise StoreError(
                f"The store {str(self.path)!r} was deleted or replaced while it was in use; "
                "put the file back, and run the same command again."
            )


def _make_private(path: Path) -> None:
    """Before anything stands in it; SQLite gives the same mode to the files beside it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
    except FileExistsError:
        found = path.stat()
        # such as a copy that was put back under a common umask
        if found.st_mode & _OTHERS and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
