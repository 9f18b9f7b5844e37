"""What is wrong with a document by its schema, in words. Pure.

Never repeats a value of the document: a settings file may hold secrets.
"""

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from schemas import read

__all__ = ["Fault", "Path", "did_you_mean", "dotted", "faults_of"]

Path = tuple[str | int, ...]

_SHOWN_NAME = 60
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_LIMITS = {
    "exclusiveMinimum": "must be more than {}",
    "maximum": "must be {} or less",
    "minimum": "must be {} or more",
    "maxItems": "must have at most {} items",
    "minItems": "must have at least {} item",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where, and what is wrong there: the end of a sentence whose subject is the place."""

    path: Path
    what: str


def faults_of(name: str, document: Any, at: str = "") -> list[Fault]:
    """All that the schema of that name says of a document; `at` points to a part of the schema."""
    errors = _validator(name, at).iter_errors(_plain(document))
    found = [_fault(error, read(name), document) for error in errors]
    return sorted(found, key=lambda fault: [str(part) for part in fault.path])


def dotted(path: Path) -> str:
    """`endpoints.orders.headers.X-Key`, `ignore[0].rule`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if len(part) <= _SHOWN_NAME else part[:_SHOWN_NAME] + "…"
            text += f".{name}" if text else name
    return text


def did_you_mean(word: str, known: list[str]) -> str:
    """`; did you mean 'timeout'?`, or nothing."""
    similar = difflib.get_close_matches(word.lower().replace("_", "-"), known, 1, 0.6)
    return f"; did you mean {similar[0]!r}?" if similar else ""


@cache
def _validator(name: str, at: str) -> Any:
    schema = read(name)
    if at:
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#{at}"}
    return jsonschema_rs.validator_for(schema, retriever=_retrieve)


def _retrieve(uri: str) -> dict[str, Any]:
    """A schema of ours that another one refers to by its `$id`."""
    return read(uri.split(":")[2])


def _plain(value: Any) -> Any:
    """What JSON can say: dates, NaN and infinities become null, which no setting may be."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else None


def _fault(error: Any, schema: Mapping[str, Any], document: Any) -> Fault:
    path: Path = tuple(error.instance_path)
    keyword, value = error.kind.name, error.kind.value
    node = _node(schema, error.schema_path[:-1])
    if keyword == "additionalProperties":
        unknown = min(value)
        known = list(node.get("properties", ()))
        return Fault(path=(*path, unknown), what=f"is not known{did_you_mean(unknown, known)}")
    if keyword == "propertyNames":
        pattern = re.compile(str(node["pattern"]))  # the node is that of the names
        # `$` in Python also stands before a line's end, in JSON Schema it does not
        wrong = next(key for key in _value_at(document, path) if not pattern.fullmatch(key))
        return Fault(path=(*path, wrong), what=_NAME)
    if keyword == "required":
        return Fault(path=path, what=f"lacks {value!r}")
    if keyword == "type":
        expected = " or ".join(_TYPES[name] for name in value)
        return Fault(path=path, what=f"must be {expected}, not {_kind(_value_at(document, path))}")
    return Fault(path=path, what=_limit(keyword, value))


def _node(schema: Mapping[str, Any], path: Sequence[str | int]) -> Mapping[str, Any]:
    """The part of the schema that refused; nothing when that lies in another schema."""
    node: Any = schema
    for part in path:
        try:
            node = node[part]
        except (KeyError, IndexError):
            return {}
    return node if isinstance(node, Mapping) else {}


_NAME = "is not a name for an endpoint: letters, digits, - and _, and not diff, explain or rules"


def _limit(keyword: str, value: Any) -> str:
    if keyword in _LIMITS:
        return _LIMITS[keyword].format(value)
    if keyword == "minLength":
        return "must not be empty"
    if keyword == "pattern":
        return f"must match {value}"
    if keyword in ("enum", "const"):
        options = value if keyword == "enum" else [value]
        return f"must be {' or '.join(repr(option) for option in options)}"
    return f"is not as its schema asks ({keyword})"


def _value_at(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float) and not math.isfinite(value):
        return "infinity or NaN"
    kinds = (
        (int, "a whole number"),
        (float, "a fraction"),
        (str, "a string"),
        (list, "a list"),
        (dict, "an object"),
        (type(None), "null"),
    )
    return next((word for kind, word in kinds if isinstance(value, kind)), "a date or time")
