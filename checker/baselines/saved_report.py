"""Reads a JSON report, or a summary of several, that was saved earlier; refuses anything else."""

import json
from pathlib import Path
from typing import Any

from checker.baselines.json_position import line_of
from checker.core.errors import UsageError
from checker.core.schema_errors import dotted, faults_of

__all__ = ["read_saved", "report_of"]

_LARGEST_BYTES = 64 * 1024 * 1024
_EXPECTED = "a JSON report as --format json, -o or --write-baseline of broadcast-check gives it"


def read_saved(name: str, what: str) -> dict[str, Any]:
    """The document, right by its schema. Raises UsageError: file, line, and what was expected."""
    text = _text(name, what)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{name}, line {error.lineno}: expected {_EXPECTED}; {error.msg}."
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{name}, line 1: expected {_EXPECTED}.") from None
    kind = next((k for k in ("report", "summary") if _is(document, k)), None)
    if kind is None:
        line = line_of(text, ())
        raise UsageError(f"{name}, line {line}: expected {_EXPECTED} (no 'report_version').")
    for fault in faults_of(kind, document):
        subject = repr(dotted(fault.path)) if fault.path else "the report"
        line = line_of(text, fault.path)
        raise UsageError(f"{name}, line {line}: expected {_EXPECTED}; {subject} {fault.what}.")
    return document  # type: ignore[no-any-return]


def report_of(document: dict[str, Any], endpoint: str | None, name: str) -> dict[str, Any]:
    """The one report that is meant: the document itself, or that of an endpoint in a summary."""
    if "report_version" in document:
        return document
    reports: dict[str, Any] = document["reports"]
    if endpoint in reports:
        return dict(reports[endpoint])
    raise UsageError(
        f"{name}, line 1: expected the report of one endpoint; this is a summary of several."
    )


def _text(name: str, what: str) -> str:
    try:
        with Path(name).open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, ValueError):
        raise UsageError(f"The {what} {name!r} cannot be read as text.") from None
    if len(raw) > _LARGEST_BYTES:
        raise UsageError(f"The {what} {name!r} is over 64 MiB, too large for a report.")
    return text


def _is(document: Any, kind: str) -> bool:
    return isinstance(document, dict) and f"{kind}_version" in document
