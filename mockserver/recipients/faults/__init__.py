"""Every fault of the reference API, each named after the rule that it provokes.

The modules beside this one are scanned for their `FAULTS`; no list needs to be edited.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mockserver.errors import BadOption, UnknownFault
from mockserver.recipients.exchange import Handler
from mockserver.recipients.faults.fault import Fault

__all__ = ["Fault", "catalogue", "find_fault", "placed"]


@cache
def catalogue() -> Mapping[str, Fault]:
    """Return every scenario by name, in the order of the names."""
    faults: dict[str, Fault] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for fault in getattr(importlib.import_module(module.name), "FAULTS", ()):
            if fault.name in faults:
                raise ValueError(f"two faults are named {fault.name}")
            faults[fault.name] = fault
    return MappingProxyType(dict(sorted(faults.items())))


def find_fault(name: str) -> Fault:
    """Return the scenario of this name."""
    try:
        return catalogue()[name]
    except KeyError:
        raise UnknownFault(
            f"there is no fault {name!r}; list them with broadcast-mock --list"
        ) from None


def placed(spec: str | Fault, handler: Handler) -> Handler:
    """Wrap the handler by a fault, given as it is or as `NAME` or `NAME@page`."""
    if isinstance(spec, Fault):
        return spec.wrap(handler)
    name, at, number = spec.partition("@")
    fault = find_fault(name)
    if fault.scenario_only:
        raise BadOption(f"{name} cannot be played on /recipients; use /faults/{name}/recipients")
    if not at:
        return fault.wrap(handler)
    if fault.page is None:
        raise BadOption(f"{name} concerns the whole endpoint and cannot be placed on one page")
    if not (number.isascii() and number.isdecimal() and int(number) >= 1):
        raise BadOption(f"{spec}: expected a page number after @, from 1")
    return fault.wrap(handler, int(number))
