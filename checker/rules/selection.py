"""Which rules --select and --ignore leave: ids, names, or families such as ROW. Pure."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from checker.core.config import Config
from checker.core.errors import UsageError

__all__ = ["left_out", "matching", "selected"]

_UNEXPLAINED = "left out by --select or --ignore"


def selected(config: Config, rules: Mapping[str, Any]) -> frozenset[str]:
    """The ids of the rules that are reported. Raises UsageError for an unknown one."""
    chosen = matching(config.select, rules) if config.select else frozenset(rules)
    return chosen - matching(config.ignore, rules)


def left_out(config: Config, rules: Mapping[str, Any]) -> dict[str, str]:
    """The rules that are not reported, each with the reason: the first one given for it."""
    chosen = selected(config, rules)
    found = {rule_id: _UNEXPLAINED for rule_id in rules if rule_id not in chosen}
    for word, reason in reversed(config.ignore_reasons):
        for rule_id in matching([word], rules) & found.keys():
            found[rule_id] = f"left out: {reason}"
    return found


def matching(wanted: Iterable[str], rules: Mapping[str, Any]) -> frozenset[str]:
    """The ids that the words stand for. Raises UsageError with what was probably meant."""
    found: set[str] = set()
    for word in wanted:
        hits = {
            rule_id
            for rule_id, rule in rules.items()
            if word.upper() in (rule_id, rule_id.rstrip("0123456789")) or word.lower() == rule.name
        }
        if not hits:
            raise UsageError(f"There is no rule {word!r}.{_suggestion(word, rules)}")
        found |= hits
    return frozenset(found)


def _suggestion(word: str, rules: Mapping[str, Any]) -> str:
    known = [*rules, *(rule.name for rule in rules.values())]
    similar = difflib.get_close_matches(word.upper(), known, 1) or difflib.get_close_matches(
        word.lower(), known, 1
    )
    meant = f" Did you mean {similar[0]}?" if similar else ""
    return f"{meant} 'broadcast-check rules' lists them all."
