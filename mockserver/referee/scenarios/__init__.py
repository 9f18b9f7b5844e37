"""The scenarios, a subject a module.

The modules are scanned for their `SCENARIOS`; no list needs to be edited.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from mockserver.referee.scenario import Scenario

__all__ = ["scenarios"]


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Return every scenario by its id, in the order of the ids."""
    found: dict[str, Scenario] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for scenario in getattr(importlib.import_module(module.name), "SCENARIOS", ()):
            if scenario.id in found:
                raise ValueError(f"two scenarios have the id {scenario.id}")
            found[scenario.id] = scenario
    return dict(sorted(found.items()))
