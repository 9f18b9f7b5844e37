"""A job and its progress, as plain data. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

__all__ = ["FIRST_STEP", "Activity", "Failed", "Job", "JobState", "Outcome", "Progress", "Step"]

Outcome = Any
"""What the process of a job sends last: a Failed, or the result of its work."""


class JobState(StrEnum):
    """The state of a job that has not ended."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"


class Activity(StrEnum):
    """What a crawl is doing."""

    CONNECTING = "connecting"
    READING = "reading"
    WAITING = "waiting"
    PROBING = "probing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a crawl is. `why` is the reason of a pause or the name of a probe; it is masked."""

    activity: Activity
    pages: int = 0
    rows: int = 0
    why: str = ""
    pause_seconds: float = 0.0


FIRST_STEP = Step(activity=Activity.CONNECTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """There is no result. `interrupted`: a person stopped the work before there could be one."""

    reason: str
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of a job at a moment. `step` is what its process reported last, `before` the
    number of jobs that run before it; `version` changes with each change.
    """

    state: JobState
    endpoint: str
    before: int = 0
    step: Any = FIRST_STEP
    seconds: float = 0.0
    version: int = 0


class Job(Protocol):
    """What a queue runs. `endpoint` is masked; the requests go to `host`; a `folder` is removed at
    the end.
    """

    @property
    def endpoint(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def folder(self) -> str: ...
