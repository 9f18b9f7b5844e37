"""In which line of a TOML file a key stands, which the standard reader does not tell. Pure."""

import re

from checker.core.schema_errors import Path

__all__ = ["line_of"]

_TABLE = re.compile(r"\s*\[\[?\s*(?P<keys>[^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"\s*(?P<keys>(?:\"[^\"]*\"|'[^']*'|[\w.\s-])+?)\s*=")
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)")


def line_of(text: str, path: Path) -> int:
    """The line of the key, or of the nearest key or table around it, from 1."""
    wanted = tuple(part for part in path if isinstance(part, str))
    best, best_line = 0, 1
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = found = _parts(match["keys"])
        elif match := _ASSIGNMENT.match(line):
            found = table + _parts(match["keys"])
        else:
            continue
        shared = _shared(found, wanted)
        if shared > best and shared == min(len(found), len(wanted)):
            best, best_line = shared, number
    return best_line


def _parts(keys: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(keys))


def _shared(found: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    """How many parts the two have in common from their beginning."""
    count = 0
    for one, other in zip(found, wanted, strict=False):
        if one != other:
            break
        count += 1
    return count
