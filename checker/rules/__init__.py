"""The rules of the contract, found by scanning this folder.

One file a rule, named by its id and name, with its help beside it as Markdown. A rule yields
places and composes its sentence; it does no I/O, and never raises for what a server sent.
"""

import importlib
import pkgutil
import re
from functools import cache

from checker.rules.base import Rule

__all__ = ["all_rules", "rule_by_id"]

_RULE_FILE = re.compile(r"([a-z]+)(\d{3})_[a-z0-9_]+\Z")
_FAMILIES = ("NET", "HTTP", "JSON", "PAGE", "ROW", "NEXT", "PERF", "SEC")


@cache
def all_rules() -> dict[str, type[Rule]]:
    """Every rule by its id, in the contract's order."""
    found = {rule.id: rule for name in _rule_files() for rule in _rules_in(name)}
    return dict(sorted(found.items(), key=lambda pair: _order(pair[0])))


def rule_by_id(rule_id: str) -> type[Rule]:
    """One rule, without loading the others. Raises KeyError for an unknown id."""
    for name in _rule_files():
        if name.partition("_")[0].upper() == rule_id:
            return next(rule for rule in _rules_in(name) if rule.id == rule_id)
    raise KeyError(rule_id)


def _rule_files() -> list[str]:
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return [name for name in names if _RULE_FILE.match(name)]


def _rules_in(name: str) -> list[type[Rule]]:
    module = importlib.import_module(f"{__name__}.{name}")
    return [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == module.__name__
    ]


def _order(rule_id: str) -> tuple[int, str]:
    family = rule_id.rstrip("0123456789")
    return (_FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES), rule_id)
