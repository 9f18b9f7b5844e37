"""What a stateful fault remembers of each crawl; the correct endpoint remembers nothing."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Memory", "counted"]

_CAPACITY = 10_000
_Value = TypeVar("_Value")


class Memory(Generic[_Value]):
    """A value for each key, safe among threads; the least used go when it is full."""

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> _Value | None:
        """Return the value, or None."""
        with self._lock:
            return self._values.get(key)

    def change(self, key: Hashable, change: Callable[[_Value | None], _Value]) -> _Value:
        """Replace the value by what `change` makes of it, and return that."""
        with self._lock:
            value = change(self._values.get(key))
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > _CAPACITY:
                self._values.popitem(last=False)
            return value

    def forget(self, key: Hashable) -> None:
        """Drop the value, if there is one."""
        with self._lock:
            self._values.pop(key, None)


def counted(value: int | None) -> int:
    """Count one more; to be given to `Memory.change`."""
    return (value or 0) + 1
