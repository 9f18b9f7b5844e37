"""What a channel asks of a uid and a msg, read out of its schema. Pure."""

from collections.abc import Sequence
from typing import Any

from schemas import read

__all__ = ["Channel", "utf16_units"]


def utf16_units(text: str) -> int:
    """The length that LINE counts: UTF-16 code units, two for most emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Channel:
    """One channel of `schemas/channels/`."""

    def __init__(self, name: str) -> None:
        import jsonschema_rs  # only a check with --channel needs it

        schema = read(f"channels/{name}")
        self._row = jsonschema_rs.validator_for(schema)
        self._rows = jsonschema_rs.validator_for({"type": "array", "items": schema})
        limit = schema["properties"]["msg"].get("x-max-utf16-code-units")
        self._msg_units: int | None = limit

    def takes_all(self, uids: Sequence[str | None], msgs: Sequence[str | None]) -> bool:
        """A quick yes when nothing of a page can be wrong."""
        longest = max((len(msg) for msg in msgs if msg is not None), default=0)
        if self._msg_units is not None and 2 * longest > self._msg_units:
            return False
        rows: list[Any] = [{"uid": uid} for uid in uids if uid is not None]
        return bool(self._rows.is_valid(rows))

    def fault(self, member: str, text: str) -> str | None:
        """What the channel has against a blank-free text, in its figures; None if nothing."""
        if not text.strip():
            return None
        if member == "msg" and self._msg_units is not None:
            units = utf16_units(text)
            if units > self._msg_units:
                return f"{units:,} UTF-16 code units; the limit is {self._msg_units:,}"
        return None if self._row.is_valid({member: text}) else f"{len(text)} characters"
