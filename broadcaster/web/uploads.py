"""Where uploaded files wait for the process that reads them: one private folder of each server
among the temporary files, a folder below it for each upload.

A server that is killed leaves its folder behind. The next one that starts removes it, and knows
that nobody uses it by its lock, which the system drops with the process, however that ends.
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

__all__ = ["Uploads", "kept_or_told", "sweep"]

_PREFIX = "broadcast-window-"


class Uploads:
    """The folder of one server, made when the first upload comes. Safe from any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._root: Path | None = None
        self._held: int | None = None

    def folder(self) -> str:
        """A new folder for one upload, which whoever asked removes. Raises NotNow."""
        with self._guard, kept_or_told():
            if self._root is None or not self._root.is_dir():
                self._begin()
            return tempfile.mkdtemp(dir=self._root)

    def close(self) -> None:
        """Remove all that is left."""
        with self._guard:
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
            self._let_go()

    def _begin(self) -> None:
        self._let_go()
        while True:
            root = Path(tempfile.mkdtemp(prefix=_PREFIX))
            held = _locked(root)
            if held is not None or sys.platform == "win32":
                self._root, self._held = root, held
                return
            # a server that starts just now took it for one that is left behind: it is removed

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
        self._root = self._held = None


@contextlib.contextmanager
def kept_or_told() -> Iterator[None]:
    """Raises NotNow where a file cannot be kept, as on a full disk."""
    try:
        yield
    except OSError as error:
        raise NotNow(f"The file cannot be kept ({error.strerror}).") from None


def sweep() -> None:
    """Remove what servers of the same user left behind that run no more."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        held = _locked(path)
        if held is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(held)


def _locked(path: Path) -> int | None:
    """The lock of a folder of ours, as its descriptor; None where another process has it, where it
    is not ours or no folder, and on a system that has no such locks.
    """
    if sys.platform == "win32":
        return None
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mine, there = os.fstat(held), path.lstat()
        if mine.st_uid == os.getuid() and os.path.samestat(mine, there):
            return held
    except OSError:
        pass
    os.close(held)
    return None
