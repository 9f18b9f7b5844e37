"""The rules of the contract, found by scanning this folder.

One file a rule, named by its id and name, with its help beside it as Markdown. A rule yields
places and composes its sentence; it does no I/O, and never raises for what a server sent.
"""

import importlib
import pkgutil
import re
from functools import cache

from checker.rules.base import Rule

__all__ = ["all_rules"]

_RULE_FILE = re.compile(r"([a-z]+)(\d{3})_[a-z0-9_]+\Z")
_FAMILIES = ("NET", "HTTP", "JSON", "PAGE", "ROW", "NEXT", "PERF", "SEC")


@cache
def all_rules() -> dict[str, type[Rule]]:
    """Every rule by its id, in the contract's order."""
    found: dict[str, type[Rule]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        if _RULE_FILE.match(module_info.name):
            module = importlib.import_module(f"{__name__}.{module_info.name}")
            found.update(
                (item.id, item)
                for item in vars(module).values()
                if isinstance(item, type)
                and issubclass(item, Rule)
                and item.__module__ == module.__name__
            )
    return dict(sorted(found.items(), key=lambda pair: _order(pair[0])))


def _order(rule_id: str) -> tuple[int, str]:
    family = rule_id.rstrip("0123456789")
    return (_FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES), rule_id)
