"""Work as it stands in a line: what was ordered, how far it is, what it brings. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from broadcaster.web.child import BEGINNING

__all__ = ["Order", "Outcome", "Progress", "WorkState"]

Outcome = Any
"""What a process sends last: a Failed, or what its work brings."""


class WorkState(StrEnum):
    """Where work stands that has not ended."""

    IN_LINE = "in line"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of work at a moment: `step` is what its process told last, `before` how many
    stand before it in the line; `version` changes with each change.
    """

    state: WorkState
    endpoint: str
    before: int = 0
    step: Any = BEGINNING
    seconds: float = 0.0
    version: int = 0


class Order(Protocol):
    """What can stand in a line. `endpoint` is masked; `host` is where the requests go; `folder`, if
    there is one, is removed at the end.
    """

    @property
    def endpoint(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def folder(self) -> str: ...
