"""Every cause, found by scanning this folder: one file a subject, one `Cause` a mistake.

Within a file, the surer cause stands above the likelier one: the first that is seen is told.
"""

import importlib
import pkgutil
from functools import cache

from checker.diagnosis.cause import Cause

__all__ = ["all_causes"]


@cache
def all_causes() -> tuple[Cause, ...]:
    """In the order of the files' names, and in a file as they are written."""
    return tuple(
        item
        for module_info in pkgutil.iter_modules(__path__)
        for item in vars(importlib.import_module(f"{__name__}.{module_info.name}")).values()
        if isinstance(item, Cause)
    )
