"""What texts of rows may have in common, so that a fault of only these has a likely cause. Pure."""

import re
from collections.abc import Callable, Mapping

__all__ = ["TRAITS"]

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
_THAI = re.compile("[\u0e01-\u0e5b]")
_HAN_KANA = re.compile("[\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")

TRAITS: Mapping[str, Callable[[str], object]] = {
    "an emoji": _EMOJI.search,
    "a Thai letter": _THAI.search,
    "a Chinese, Japanese or Korean letter": _HAN_KANA.search,
    "a letter beyond ASCII": lambda text: not text.isascii(),
    "a line break": lambda text: "\n" in text or "\r" in text,
    "a double quote": lambda text: '"' in text,
    "a backslash": lambda text: "\\" in text,
    "an ampersand": lambda text: "&" in text,
}
"""In the order in which they are asked: the narrowest first."""
