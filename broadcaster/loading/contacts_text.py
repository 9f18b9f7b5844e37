"""The text of a contacts file: its encoding, and the separator of its values. Pure but for reading.

UTF-8 and UTF-16 are read as they are. Any other encoding is a guess, which a person confirms.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from broadcaster.errors import WrongCommand
from checker import cut, visible

__all__ = ["EncodingUnsure", "decoded_lines", "encoding_of"]

_SAMPLE_BYTES = 256 * 1024
_SHOWN = 40
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY = ("cp874", "cp932", "big5", "gb18030", "euc_kr", "cp1258", "cp1251", "cp1252", "cp1250")
"""What spreadsheets of these countries write, for the detection to choose among."""
_NAMES = {
    "cp874": "Thai, Windows-874",
    "tis_620": "Thai, TIS-620",
    "cp932": "Japanese, Shift JIS",
    "big5": "Chinese, Big5",
    "gb18030": "Chinese, GB 18030",
    "euc_kr": "Korean, EUC-KR",
    "cp1258": "Vietnamese, Windows-1258",
    "cp1251": "Cyrillic, Windows-1251",
    "cp1252": "Western European, Windows-1252",
    "cp1250": "Central European, Windows-1250",
}

_SIGN = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")
_PLACED_SIGN = re.compile("(?<=[\u0e01-\u0e2e\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])" + _SIGN.pattern)


class EncodingUnsure(WrongCommand):
    """The encoding is a guess: `encoding`, with its `label` and a `sample` of the text in it."""

    def __init__(self, name: str, encoding: str, sample: str) -> None:
        self.encoding = encoding
        self.label = _NAMES.get(encoding, encoding)
        self.sample = sample
        super().__init__(
            f"The file {name} is not UTF-8. It looks like {self.label}: {sample}. If that text is "
            f"right, add --encoding {encoding}; otherwise export the file as CSV in UTF-8."
        )


def encoding_of(path: Path, wanted: str = "") -> str:
    """Python's name of the file's encoding; `wanted` is what the user said. Raises EncodingUnsure
    for a guess, WrongCommand for an unknown encoding or none that fits, OSError.
    """
    if wanted:
        try:
            return codecs.lookup(wanted).name
        except LookupError:
            raise WrongCommand(
                f"Unknown encoding {visible(wanted)!r} (--encoding): give a name such as utf-8, "
                "cp874, cp932 or big5."
            ) from None
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if b"\0" in start[:200]:
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    if _is_utf8(path):
        return "utf-8"
    return _guess(path, start)


def _is_utf8(path: Path) -> bool:
    try:
        for _ in decoded_lines(path, "utf-8"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _guess(path: Path, start: bytes) -> str:
    name = visible(path.name)
    whole_lines = start[: start.rfind(b"\n") + 1] or start
    found = _thai(whole_lines)
    if found is None:
        best = from_bytes(whole_lines, cp_isolation=list(_LIKELY)).best()
        found = None if best is None else (best.encoding, str(best))
    if found is None:
        raise WrongCommand(
            f"The file {name} is not UTF-8, and its encoding is not known: export it as CSV in "
            "UTF-8, or add --encoding NAME."
        )
    encoding, text = found
    line = next((one for one in text.splitlines() if not one.isascii()), text)
    first = next((index for index, char in enumerate(line) if not char.isascii()), 0)
    raise EncodingUnsure(name, encoding, cut(visible(line[first:]), _SHOWN))


def _thai(content: bytes) -> tuple[str, str] | None:
    """As Windows-874, if its vowel signs and tones follow a consonant as they do in Thai. Asked
    first, since the same bytes are valid, and senseless, in the encodings of Japan and China.
    """
    try:
        text = content.decode("cp874")
    except UnicodeDecodeError:
        return None
    signs = len(_SIGN.findall(text))
    placed = len(_PLACED_SIGN.findall(text))
    return ("cp874", text) if signs and placed >= signs * 0.95 else None


def decoded_lines(path: Path, encoding: str) -> Iterator[str]:
    """The file's lines with their ends, as `csv` wants them. Raises UnicodeDecodeError, OSError."""
    with path.open(encoding=encoding, newline="") as file:
        yield from file
