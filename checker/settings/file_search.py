"""Finds the settings file: from the current folder upwards to the root of the repository."""

from pathlib import Path

from checker.core.errors import UsageError

__all__ = ["FILE", "PYPROJECT", "TABLE", "find_file"]

FILE = "broadcast-check.toml"
PYPROJECT = "pyproject.toml"
TABLE = ("tool", "broadcast-check")


def find_file(folder: Path) -> Path | None:
    """The nearest settings file, or None. Outside of a repository only `folder` is looked at:
    a file further up may be anybody's.
    """
    places = [folder, *folder.parents]
    root = next((place for place in places if (place / ".git").exists()), folder)
    for place in places[: places.index(root) + 1]:
        if (place / FILE).is_file():
            return place / FILE
        if _has_our_table(place / PYPROJECT):
            return place / PYPROJECT
    return None


def _has_our_table(path: Path) -> bool:
    """Whether a pyproject.toml may hold settings of ours; it is read as TOML only then, since one
    that is broken and says nothing of us is not our concern.
    """
    try:
        return path.is_file() and f"[{'.'.join(TABLE)}" in path.read_text("utf-8", "replace")
    except OSError:
        raise UsageError(f"{path} cannot be read; --no-config leaves it out.") from None
