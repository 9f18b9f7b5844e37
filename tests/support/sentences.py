"""Exact sentences, in one text file beside their test: `NAME: sentence`, a line for each.

A better sentence costs a change of that file alone. `RENEW_SENTENCES=1` in the environment of the
test writes the file from what is said now; then read the difference as you would read code.
"""

import os
from collections.abc import Sequence
from pathlib import Path

__all__ = ["kept_sentences"]


def kept_sentences(table: Path, name: str, said: Sequence[str]) -> list[str]:
    """What the file has under this name; with RENEW_SENTENCES=1, what is said now."""
    lines = table.read_text("utf-8").splitlines() if table.exists() else []
    mark = f"{name}: "
    if os.environ.get("RENEW_SENTENCES") == "1":
        at = next((index for index, line in enumerate(lines) if line.startswith(mark)), len(lines))
        others = [line for line in lines if not line.startswith(mark)]
        lines = [*others[:at], *(mark + sentence for sentence in said), *others[at:]]
        table.write_text("\n".join(lines) + "\n", "utf-8")
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]
