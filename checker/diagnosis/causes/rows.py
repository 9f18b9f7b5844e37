"""Rows that lack a member or have it as something else."""

import re
from collections.abc import Mapping
from typing import Any

from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts, json_of
from checker.diagnosis.words import quoted

_MISSING = ("ROW002", "ROW005")
_LIKE = {
    "uid": re.compile(
        r"(?:line|channel|user|customer|member|recipient)?[_-]?(?:user)?[_-]?(?:id|uid)|to"
        r"|recipient|userid",
        re.IGNORECASE,
    ),
    "msg": re.compile(r"message|text|body|content|messages?|msg_?text|description", re.IGNORECASE),
}


def _member(rule: str) -> str:
    return "uid" if rule in ("ROW002", "ROW003", "ROW004") else "msg"


def _rows(facts: Facts, rule: str) -> list[Any]:
    """The rows of the page with the first fault, where its body was kept."""
    document = json_of(facts.body(rule))
    rows = document.get("list") if isinstance(document, dict) else None
    return rows if isinstance(rows, list) else []


def _faulty(facts: Facts, rule: str) -> Any:
    """The first faulty row itself."""
    value = facts.first(rule).value
    if isinstance(value, Mapping):
        return value
    match = re.match(r"/list/(\d+)", facts.first(rule).pointer or "")
    rows = _rows(facts, rule)
    index = int(match[1]) if match else 0
    return rows[index] if index < len(rows) else None


def _shown(facts: Facts, name: str) -> str:
    return quoted(facts.mask, name, 40).strip('"')


def _typed_values(facts: Facts, rule: str) -> Seen | None:
    value = facts.first(rule).value
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    name = next(iter(value))
    if name not in ("S", "N", "$oid", "$numberLong", "_text", "#text", "value"):
        return None
    whose = {
        "S": "DynamoDB's typed JSON",
        "N": "DynamoDB's typed JSON",
        "$oid": "MongoDB's extended JSON",
        "$numberLong": "MongoDB's extended JSON",
    }
    return seen(
        f'The value is an object with the one member "{name}".',
        whose=whose.get(name, "a converter from XML"),
    )


def _other_case(facts: Facts, rule: str) -> Seen | None:
    row, member = _faulty(facts, rule), _member(rule)
    if not isinstance(row, Mapping):
        return None
    names = [name for name in row if name != member and name.lower() == member]
    return (
        seen(f"The row has {names[0]} in place of {member}.", name=names[0], member=member)
        if names
        else None
    )


def _other_name(facts: Facts, rule: str) -> Seen | None:
    row, member = _faulty(facts, rule), _member(rule)
    if not isinstance(row, Mapping):
        return None
    names = [name for name in row if len(name) <= 40 and _LIKE[member].fullmatch(name)]
    if len(names) != 1:
        return None
    name = _shown(facts, names[0])
    return seen(f"The row has the member {name} and no {member}.", name=name, member=member)


def _nested(facts: Facts, rule: str) -> Seen | None:
    row, member = _faulty(facts, rule), _member(rule)
    if not isinstance(row, Mapping):
        return None
    for name, value in row.items():
        if isinstance(value, Mapping) and member in value and len(name) <= 40:
            shown = _shown(facts, name)
            return seen(f"{member} is inside the row's member {shown}.", name=shown, member=member)
    return None


def _left_out(facts: Facts, rule: str) -> Seen | None:
    """Members that only some rows lack, as serializers that skip nulls leave them out."""
    rows = facts.rows.get(rule)
    if rows is None or rows.faulty == facts.rows_read or facts.rows_read < 2:
        return None
    row, member = _faulty(facts, rule), _member(rule)
    if not isinstance(row, Mapping):
        return None
    return seen(f"Other rows of the same crawl have {member}.", member=member)


def _numbers(facts: Facts, rule: str) -> Seen | None:
    rows = facts.rows.get(rule)
    if rows is None or not rows.values or 2 * rows.faulty < rows.judged:
        return None
    numbers = [v for v in rows.values if isinstance(v, int) and not isinstance(v, bool)]
    if len(numbers) < len(rows.values):
        return None
    return seen(
        f"All {len(numbers)} values looked at are whole numbers."
        if len(numbers) > 1
        else "The value is a whole number.",
        member=_member(rule),
    )


def _mixed(facts: Facts, rule: str) -> Seen | None:
    """Numbers in a few rows, where all others have strings."""
    rows = facts.rows.get(rule)
    if rows is None or not rows.values or 2 * rows.faulty >= rows.judged:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in rows.values):
        return None
    return seen("The other rows have strings.", member=_member(rule))


def _nulls(facts: Facts, rule: str) -> Seen | None:
    rows = facts.rows.get(rule)
    if rows is None or not rows.values or any(value is not None for value in rows.values):
        return None
    if rows.faulty == facts.rows_read and facts.rows_read > 1:
        return seen(
            "It is null in every row.",
            member=_member(rule),
            why="the member is filled from a column or property that does not exist",
        )
    return seen(
        "It is null in these rows and a string in the others.",
        member=_member(rule),
        why=(
            "these customers have none: an outer join (LEFT JOIN) found no match, or the "
            "column is empty"
        ),
    )


def _pdo_both(facts: Facts, rule: str) -> Seen | None:
    rows = _rows(facts, rule) or _first_page_rows(facts)
    row = rows[0] if rows else None
    if not isinstance(row, Mapping) or not {"0", "1"} <= set(row):
        return None
    return seen("Each row has its values twice: by name, and by the numbers 0, 1 beside.")


def _first_page_rows(facts: Facts) -> list[Any]:
    for page in facts.pages[:1]:
        document = json_of(page.exchange.body)
        rows = document.get("list") if isinstance(document, dict) else None
        return rows if isinstance(rows, list) else []
    return []


def _tuples(facts: Facts, rule: str) -> Seen | None:
    value = facts.first(rule).value
    rows = facts.rows.get(rule)
    if not isinstance(value, list) or not value or rows is None or 2 * rows.faulty < rows.judged:
        return None
    return seen(f"The row is an array of {len(value)} values, without names.")


def _null_rows(facts: Facts, rule: str) -> Seen | None:
    rows = facts.rows.get(rule)
    place = facts.first(rule)
    if rows is None or place.value is not None or place.pointer is None:
        return None
    return seen("The row is null.")


def _text_rows(facts: Facts, rule: str) -> Seen | None:
    value = facts.first(rule).value
    if not isinstance(value, str) or value.lstrip()[:1] != "{":
        return None
    return seen("The row is a string that begins as a JSON object does.")


typed_values = Cause(
    name="typed-values",
    rules=("ROW003", "ROW006"),
    looks=_typed_values,
    sentence="The value is wrapped in its type, as in {whose}.",
    fix=(
        "Unwrap it before it is sent: unmarshall(item) for DynamoDB, str(_id) or $toString for "
        "MongoDB."
    ),
)
row_other_case = Cause(
    name="row-other-case",
    rules=_MISSING,
    looks=_other_case,
    sentence="The member is spelt {name}; names in JSON are case-sensitive.",
    fix=(
        'Name it {member}: a tag `json:"{member}"` in Go, JsonPropertyName in .NET, an alias '
        "in lower case and quotes in Oracle."
    ),
    follows=("ROW014",),
)
row_other_name = Cause(
    name="row-other-name",
    rules=_MISSING,
    looks=_other_name,
    sentence="The rows name it {name} in place of {member}.",
    fix="Name it {member} where the row is built, such as SELECT {name} AS {member}.",
    follows=("ROW014",),
)
row_nested = Cause(
    name="row-nested",
    rules=_MISSING,
    looks=_nested,
    sentence="The row has {member} one level too deep, inside {name}.",
    fix="Flatten the row: {member} must be a member of the row itself.",
    follows=("ROW014",),
)
pdo_fetch_both = Cause(
    name="pdo-fetch-both",
    rules=("ROW014", "ROW002", "ROW005"),
    looks=_pdo_both,
    sentence=(
        "PHP's PDO (or mysqli_fetch_array) fetches each column twice, by name and by "
        "number, which is its default."
    ),
    fix=(
        "Fetch by name alone: $statement->fetchAll(PDO::FETCH_ASSOC), or set "
        "PDO::ATTR_DEFAULT_FETCH_MODE; mysqli_fetch_assoc."
    ),
)
rows_as_arrays = Cause(
    name="rows-as-arrays",
    rules=("ROW001",),
    looks=_tuples,
    sentence="The rows are the database driver's tuples, columns without names.",
    fix=(
        "Build an object for each row: [{{'uid': uid, 'msg': msg}} for uid, msg in rows] in "
        "Python, "
        "PDO::FETCH_ASSOC in PHP."
    ),
)
rows_as_text = Cause(
    name="rows-as-text",
    rules=("ROW001",),
    looks=_text_rows,
    sentence="Each row was encoded as JSON text before the page was, so it is a string.",
    fix=(
        "Put the rows in as data and encode the page once; parse JSON that comes out of a "
        "database column or a cache."
    ),
)
null_rows = Cause(
    name="null-rows",
    rules=("ROW001",),
    looks=_null_rows,
    sentence=(
        "A row that was not filled is sent as null: a loop that goes one too far, an "
        "array of a fixed size, or a lookup that found nobody."
    ),
    fix=(
        "Send only rows that exist: bound the loop by the number of rows, and leave out what a "
        "lookup does not find."
    ),
)
integer_column = Cause(
    name="integer-column",
    rules=("ROW003", "ROW006"),
    looks=_numbers,
    sentence="{member} comes from an integer column and is written as a number.",
    fix=(
        "Send text: CAST({member} AS CHAR) in SQL, or str(), String(), (string), "
        "strconv.FormatInt where the row is built. For LINE it must be the LINE user id (U and "
        "32 hex digits), not your own number."
    ),
)
mixed_types = Cause(
    name="mixed-types",
    rules=("ROW003", "ROW006"),
    looks=_mixed,
    sentence=(
        "The store keeps a type with each value (a spreadsheet, SQLite, MongoDB, JSON), "
        "and in these rows {member} was saved as a number."
    ),
    fix=(
        "Turn {member} into text where the row is built (str(), String(), (string)), and save "
        "it as text; digits at the front (0812…) are lost in a number."
    ),
)
null_values = Cause(
    name="null-values",
    rules=("ROW003", "ROW006"),
    looks=_nulls,
    sentence="{member} is null: {why}.",
    fix=(
        "Select only rows that have it (JOIN in place of LEFT JOIN, WHERE {member} IS NOT "
        "NULL), and check the column's name."
    ),
)
member_left_out = Cause(
    name="member-left-out",
    rules=_MISSING,
    looks=_left_out,
    sentence=(
        "Only some rows lack {member}: the serializer leaves out what is null or empty, "
        "and these customers have none."
    ),
    fix=(
        "Select only customers who have it (WHERE … IS NOT NULL); no omitempty in Go, no "
        "JsonInclude(NON_NULL) in Java; undefined in JavaScript is left out, too."
    ),
)
