"""What the engine tells while it runs. Reports and progress lines are listeners of these."""

from collections.abc import Callable
from dataclasses import dataclass

from checker.core.model import Exchange, Page, Purpose
from checker.core.report import Report

__all__ = [
    "CheckStarted",
    "Event",
    "Exchanged",
    "Finished",
    "Listener",
    "PageRead",
    "Probed",
    "Waiting",
    "all_listeners",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStarted:
    """The first request is about to be sent; the endpoint is masked."""

    endpoint: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request is to be repeated after a pause."""

    why: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A request of the crawl or of a probe is done, after its retries and redirects."""

    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """A page of the crawl came, readable or not."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A probe was answered, or was not."""

    purpose: Purpose
    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All is judged."""

    report: Report


Event = CheckStarted | Waiting | Exchanged | PageRead | Probed | Finished
Listener = Callable[[Event], None]


def all_listeners(*listeners: Listener | None) -> Listener:
    """One listener that tells all that there are."""

    def tell(event: Event) -> None:
        for listener in listeners:
            if listener is not None:
                listener(event)

    return tell
