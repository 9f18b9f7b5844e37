"""The environment's part: `${NAME}` in a settings file, and settings as variables.

A sentence of ours names a variable, never its value.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from checker.core.errors import UsageError
from checker.core.schema_errors import faults_of
from schemas import read

__all__ = ["PREFIX", "SETTINGS", "from_environment", "substituted", "variable_of"]

PREFIX = "BROADCAST_CHECK_"
SETTINGS: Mapping[str, Any] = {
    key: read("config")["$defs"][key] for key in read("config")["properties"] if key != "endpoints"
}
"""Every setting with its schema, by the name that it has in the file."""

_REFERENCE = re.compile(r"\$(?:\$|\{(?P<name>[^{}]*)(?P<end>\}?))")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TRUTHS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def variable_of(setting: str) -> str:
    """The variable that gives a setting: `BROADCAST_CHECK_MAX_PAGES`."""
    return PREFIX + setting.upper().replace("-", "_")


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment gives. An empty variable gives none; variables of other
    names are none of ours, since a `${NAME}` of a settings file may be called anything.
    """
    found = {}
    for setting, schema in SETTINGS.items():
        variable = variable_of(setting)
        text = environment.get(variable, "").strip()
        if not text:
            continue
        found[setting] = value = _value(text, schema.get("type"))
        for fault in faults_of("config", value, f"/$defs/{setting}"):
            what = _EXPECTED.get(schema.get("type", ""), fault.what)
            raise UsageError(f"The environment variable {variable} {what}.")
    return found


_EXPECTED = {"boolean": "must be 1, true, yes or on, or 0, false, no or off"}


def _value(text: str, kind: str | None) -> Any:
    """What the text says as that type; the text itself where it says no such thing."""
    if kind == "array":
        return [word.strip() for word in text.split(",") if word.strip()]
    if kind == "boolean":
        return _TRUTHS.get(text.lower(), text)
    readers: dict[str | None, Callable[[str], Any]] = {"integer": int, "number": float}
    try:
        return readers.get(kind, str)(text)
    except ValueError:
        return text


def substituted(text: str, environment: Mapping[str, str], where: str) -> tuple[str, list[str]]:
    """The text with each `${NAME}` replaced and `$$` as `$`, and the values that were put in.

    Raises UsageError that begins with `where` for a variable that is unset or empty: a header made
    of an empty secret is never what was meant.
    """
    values: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "$"
        if not match["end"]:
            raise UsageError(
                f"{where} has a '${{' without its '}}'; '$$' stands for a dollar sign."
            )
        if not _NAME.match(name):
            raise UsageError(f"{where}: '${{…}}' holds the name of a variable and nothing else.")
        if not environment.get(name):
            raise UsageError(f"{where} needs the environment variable {name!r}, which is not set.")
        values.append(environment[name])
        return environment[name]

    return _REFERENCE.sub(replace, text), values
