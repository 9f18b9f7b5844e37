"""Uploaded files, until the process that reads them ends: each server has one private folder among
the temporary files, with a folder in it for each upload.

A server that is killed leaves its folder behind, and the next one that starts removes it. A lock on
the folder, which the system drops with the process, says whether its server still runs.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from broadcaster.errors import NotNow

if sys.platform != "win32":
    import fcntl

__all__ = ["Uploads", "sweep", "upload_errors"]

_PREFIX = "broadcast-window-"


class Uploads:
    """The folder of one server, made for the first upload. Safe from any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._root: Path | None = None
        self._held: int | None = None

    def folder(self) -> str:
        """A new folder for one upload, which the caller removes. Raises NotNow."""
        with self._guard, upload_errors():
            if self._root is None or not self._root.is_dir():
                self._begin()
            return tempfile.mkdtemp(dir=self._root)

    def close(self) -> None:
        """Remove the folder."""
        with self._guard:
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
            self._unlock()

    def _begin(self) -> None:
        self._unlock()
        while True:
            root = Path(tempfile.mkdtemp(prefix=_PREFIX))
            held = _locked(root)
            if held is not None or sys.platform == "win32":
                self._root, self._held = root, held
                return
            # another server that started just now removed it as one left behind

    def _unlock(self) -> None:
        if self._held is not None:
            os.close(self._held)
        self._root = self._held = None


@contextlib.contextmanager
def upload_errors() -> Iterator[None]:
    """Raises NotNow where a file cannot be written, as on a full disk."""
    try:
        yield
    except OSError as error:
        raise NotNow(f"The file could not be stored ({error.strerror}).") from None


def sweep() -> None:
    """Remove the folders of servers of the same user that do not run any more."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        held = _locked(path)
        if held is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(held)


def _locked(path: Path) -> int | None:
    """The descriptor of a folder that is locked now; None where another process holds the lock,
    where the path is not a folder of this user, and on a system that has no such locks.
    """
    if sys.platform == "win32":
        return None
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        opened, named = os.fstat(held), path.lstat()
        if opened.st_uid == os.getuid() and os.path.samestat(opened, named):
            return held
    except OSError:
        pass
    os.close(held)
    return None
