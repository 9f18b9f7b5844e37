"""The contract as data: JSON Schemas, and the few figures that are read out of them.

Imports nothing of ours, and does no validating: it only hands out documents. A schema is shared by
whoever asks for it, so nobody may change what `read` returns. Figures are read when they are first
asked for, since most starts of a command need none.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["CHANNELS", "REPORT_VERSION", "ROW_LIMIT", "__version__", "read"]

if TYPE_CHECKING:
    CHANNELS: tuple[str, ...]
    """The channels with rules of their own."""
    REPORT_VERSION: int
    """The version of the JSON report that `report.schema.json` describes."""
    ROW_LIMIT: int
    """The most rows that a page may hold (contract, section 1: fewer than 500)."""


@cache
def read(name: str) -> dict[str, Any]:
    """The schema of that name: `page`, `report`, or `channels/line`.

    Raises FileNotFoundError for a name that is none of ours.
    """
    import json
    from importlib import resources

    text = resources.files(__name__).joinpath(f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def __getattr__(name: str) -> Any:
    """A figure, read once."""
    figures = {"CHANNELS": _channels, "REPORT_VERSION": _report_version, "ROW_LIMIT": _row_limit}
    if name not in figures:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = figures[name]()
    return value


def _row_limit() -> int:
    assertions = read("page")["properties"]["list"]["allOf"]
    return next(int(a["maxItems"]) for a in assertions if "maxItems" in a)


def _report_version() -> int:
    return int(read("report")["properties"]["report_version"]["const"])


def _channels() -> tuple[str, ...]:
    from importlib import resources

    folder = resources.files(__name__).joinpath("channels")
    names = (entry.name for entry in folder.iterdir())
    return tuple(
        sorted(name.removesuffix(".schema.json") for name in names if name.endswith(".schema.json"))
    )
