"""Writes what is generated from rules and causes: `docs/rules/`, `docs/precedence.md`,
`docs/causes.md`, `rules.json`.

`python -m scripts.generate` writes, with `--check` it only says what is stale.
"""

import json
import string
import sys
from collections.abc import Sequence
from pathlib import Path

from checker.diagnosis.causes import all_causes
from checker.rules import all_rules
from checker.rules.help import help_page
from checker.rules.precedence import PRECEDENCE

__all__ = ["generated_files", "main"]

_ROOT = Path(__file__).resolve().parent.parent


def generated_files() -> dict[str, str]:
    """Every generated file's path from the project's root, and its text."""
    files = {f"docs/rules/{rule_id}.md": help_page(rule_id) for rule_id in all_rules()}
    files["docs/rules/README.md"] = _index()
    files["docs/precedence.md"] = _precedence()
    files["docs/causes.md"] = _causes()
    files["schemas/rules.json"] = _rules_json()
    return files


def _index() -> str:
    lines = [
        "# Every rule",
        "",
        "| id | name | severity | what is wrong |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| [{rule.id}]({rule.id}.md) | {rule.name} | {rule.severity.value} | {rule.summary} |"
        for rule in all_rules().values()
    ]
    return "\n".join(lines) + "\n"


def _precedence() -> str:
    lines = [
        "# One cause, one finding",
        "",
        "Where one rule's fault makes others true or hides them, the cause is reported, and the",
        "others are listed as not judged. Read from the top: a rule that is itself left out hides",
        "nothing.",
        "",
        "| when this fires | these are not judged | because |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {_link(cause.rule)} | {', '.join(_link(rule) for rule in sorted(set(cause.hides)))} "
        f"| {cause.why} |"
        for cause in PRECEDENCE
    ]
    return "\n".join(lines) + "\n"


def _causes() -> str:
    lines = [
        "# Causes",
        "",
        "Where the evidence tells, a finding names the likeliest mistake in the server's code.",
        "It is named only when the check has seen what speaks for it, which the report lists.",
        "`…` stands for what was seen.",
        "",
        "| rules | cause | what to change |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {', '.join(map(_link, sorted(cause.rules)))} "
        f"| {_sentence(cause.sentence)} | {_sentence(cause.fix)} |"
        for cause in sorted(all_causes(), key=lambda cause: (sorted(cause.rules), cause.name))
    ]
    return "\n".join(lines) + "\n"


def _sentence(template: str) -> str:
    """A sentence of a cause with `…` in the place of its words, for a cell of a table."""
    pieces = string.Formatter().parse(template)
    text = "".join(before + ("…" if name else "") for before, name, _, _ in pieces)
    return text.replace("|", "\\|").replace("<", "&lt;")


def _link(rule_id: str) -> str:
    return f"[{rule_id}](rules/{rule_id}.md)"


def _rules_json() -> str:
    rules = [
        {
            "id": rule.id,
            "name": rule.name,
            "severity": rule.severity.value,
            "clause": rule.clause,
            "summary": rule.summary,
        }
        for rule in all_rules().values()
    ]
    return json.dumps(rules, indent=2, ensure_ascii=False) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all is written or fresh, 1 when something is stale."""
    check_only = "--check" in (sys.argv[1:] if argv is None else argv)
    stale = 0
    for name, text in generated_files().items():
        path = _ROOT / name
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale += 1
        if check_only:
            sys.stderr.write(f"{name} is stale; run make generate.\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return 1 if check_only and stale else 0


if __name__ == "__main__":
    sys.exit(main())
