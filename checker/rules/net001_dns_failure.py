"""NET001 dns-failure: the host name does not resolve."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["DnsFailure"]


class DnsFailure(FailureRule):
    """See the help beside this file."""

    id = "NET001"
    name = "dns-failure"
    severity = Severity.ERROR
    clause = "G5"
    summary = "the host name does not resolve"
    fix = (
        "Check the host name for typing errors, and that it is registered in the public DNS, "
        "not only in your own network's."
    )

    def message(self, count: int, first: Location) -> str:
        return "The host name does not resolve: no DNS server knows it."
