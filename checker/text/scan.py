"""A quick look at a whole page's text for several words at once. Pure.

Patterns are those of JSON Schema: the schema library's engine looks for all their words in one
pass, thirty times as fast as `in` or `re` look for them one by one. A text's UTF-8 stays with it
after the first scan, so that only that one has to make it.
"""

from typing import Any

__all__ = ["TextScan"]


class TextScan:
    """A pattern; best one of which every alternative begins with a rare word or character."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._absence: Any = None

    def hits(self, text: str) -> bool:
        """Whether the pattern appears anywhere in the text."""
        if self._absence is None:
            self._absence = self._compiled()
        return not self._absence.is_valid(text)

    def _compiled(self) -> Any:
        """Made at the first use: most commands that load the rules look at no text."""
        import jsonschema_rs

        return jsonschema_rs.validator_for(
            {"not": {"pattern": self._pattern}}, pattern_options=jsonschema_rs.RegexOptions()
        )
