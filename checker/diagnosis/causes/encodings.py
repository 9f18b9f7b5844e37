"""Text whose bytes or characters were spoilt on the way: JSON002, ROW015, ROW010, ROW019."""

import re

from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.signatures.encodings import cut_characters
from checker.text.display import plural

_QUESTION_RUN = re.compile(r"\?{2,}")


def _cut_character(facts: Facts, rule: str) -> Seen | None:
    found = cut_characters(facts.body(rule))
    if found is None:
        return None
    count = plural(found.broken, "broken byte sequence")
    return seen(
        f"{count}, and {found.whole:,} whole characters beyond ASCII around.",
        "The broken bytes are at an end of a text, where it was cut.",
    )


def _question_marks(facts: Facts, rule: str) -> Seen | None:
    rows = facts.rows.get(rule)
    if rows is None or not rows.values:
        return None
    texts = [value for value in rows.values if isinstance(value, str)]
    runs = [text for text in texts if _QUESTION_RUN.search(text)]
    if len(runs) * 2 < len(texts) or not runs:
        return None
    count = max(rows.faulty, facts.counts.get(rule, 0))
    only_ascii = all(text.isascii() for text in texts)
    lines = [
        f"{count:,} of {facts.rows_read:,} rows have runs of question marks in place of letters."
    ]
    if only_ascii:
        lines.append("No row of these has a letter beyond ASCII.")
    return Seen(tuple(lines))


def _replacement(facts: Facts, rule: str) -> Seen | None:
    rows = facts.rows.get(rule)
    texts = [value for value in rows.values if isinstance(value, str)] if rows is not None else []
    marked = [text for text in texts if "\ufffd" in text]
    if rows is None or not marked or len(marked) * 2 < len(texts):
        return None
    return Seen(
        (f"{rows.faulty} of {rows.judged} rows contain U+FFFD, which replaces a broken byte.",)
    )


def _double_utf8(facts: Facts, rule: str) -> Seen | None:
    rows = facts.rows.get(rule)
    if rows is None:
        return None
    texts = [value for value in rows.values if isinstance(value, str)]
    hits = 0
    for text in texts:
        for encoding in ("cp1252", "latin-1", "cp874"):
            try:
                again = text.encode(encoding).decode("utf-8")
            except ValueError:
                continue
            if again != text:
                hits += 1
                break
    if not hits or hits * 2 < len(texts):
        return None
    return Seen((f"{hits} of {len(texts)} texts become sound when their bytes are read as UTF-8.",))


cut_character = Cause(
    name="character-cut-in-two",
    rules=("JSON002",),
    looks=_cut_character,
    sentence="A text was cut at a number of bytes, in the middle of a character.",
    fix=(
        "Cut by characters: mb_substr in place of substr in PHP, LEFT() on a text column, "
        "runes in Go; a database column measured in bytes also cuts it."
    ),
    snippets={
        "php": "mb_substr($text, 0, 100, 'UTF-8').",
        "go": "string([]rune(text)[:100]).",
    },
    follows=("ROW010", "ROW015"),
)
question_marks = Cause(
    name="question-marks",
    rules=("ROW015",),
    looks=_question_marks,
    sentence=(
        "The letters were turned into question marks before they were sent: the database "
        "column or its connection has a character set without them (MySQL's three-byte utf8 or "
        "latin1)."
    ),
    fix=(
        "Use utf8mb4 for the column and the connection (in the DSN: charset=utf8mb4), and save "
        "these texts again: what is a question mark in the table is lost."
    ),
    snippets={
        "php": "new PDO('mysql:host=…;charset=utf8mb4', …), or $mysqli->set_charset('utf8mb4').",
        "python": "connect(…, charset='utf8mb4').",
        "node": "createConnection({charset: 'utf8mb4'}).",
    },
)
replacement_characters = Cause(
    name="replacement-characters",
    rules=("ROW015",),
    looks=_replacement,
    sentence=(
        "The text was read as UTF-8 although it is not, and broken bytes became U+FFFD: "
        "cut by bytes, or stored in another encoding."
    ),
    fix=(
        "Cut texts by characters, not bytes, and read the data in the encoding in which it was "
        "saved."
    ),
)
double_utf8 = Cause(
    name="decoded-as-latin1",
    rules=("ROW015",),
    looks=_double_utf8,
    sentence="UTF-8 text was read as Latin-1 (Windows-1252) and encoded once more.",
    fix=(
        "Set the connection to the encoding of the data (charset=utf8mb4) and leave out "
        "utf8_encode: the text is UTF-8 already."
    ),
)
