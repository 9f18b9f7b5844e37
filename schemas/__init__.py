"""The contract as data: JSON Schemas, and the few figures that are read out of them.

Imports nothing of ours, and does no validating: it only hands out documents. A schema is shared by
whoever asks for it, so nobody may change what `load` returns.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

__version__ = "0.1.0"

__all__ = ["CHANNELS", "REPORT_VERSION", "ROW_LIMIT", "__version__", "read"]


@cache
def read(name: str) -> dict[str, Any]:
    """The schema of that name: `page`, `report`, or `channels/line`.

    Raises FileNotFoundError for a name that is none of ours.
    """
    text = resources.files(__name__).joinpath(f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _row_limit() -> int:
    assertions = read("page")["properties"]["list"]["allOf"]
    return next(int(a["maxItems"]) for a in assertions if "maxItems" in a)


ROW_LIMIT = _row_limit()
"""The most rows that a page may hold (guide clause G4: fewer than 500)."""

REPORT_VERSION = int(read("report")["properties"]["report_version"]["const"])
"""The version of the JSON report that `report.schema.json` describes."""

CHANNELS = tuple(
    sorted(
        entry.name.removesuffix(".schema.json")
        for entry in resources.files(__name__).joinpath("channels").iterdir()
        if entry.name.endswith(".schema.json")
    )
)
"""The channels with rules of their own."""
