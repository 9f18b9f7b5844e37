"""HTTP008 rate-limited: 429, still after the retries."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import StatusRule

__all__ = ["RateLimited"]


class RateLimited(StatusRule):
    """See the help beside this file."""

    id = "HTTP008"
    name = "rate-limited"
    severity = Severity.ERROR
    clause = "G5"
    summary = "429, still after the retries"
    fix = (
        "Let the application's requests through: one page after the other, without a pause, "
        "and as many as there are pages."
    )

    def message(self, count: int, first: Location) -> str:
        return f"{super().message(count, first)} The check can go slower: --delay SECONDS."
