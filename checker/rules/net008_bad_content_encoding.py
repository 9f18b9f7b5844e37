"""NET008 bad-content-encoding: the body does not decode as its Content-Encoding says."""

from checker.core.model import Location
from checker.core.report import Severity
from checker.rules.base import FailureRule
from checker.rules.wording import pages_with

__all__ = ["BadContentEncoding"]


class BadContentEncoding(FailureRule):
    """See the help beside this file."""

    id = "NET008"
    name = "bad-content-encoding"
    severity = Severity.ERROR
    clause = "G2"
    summary = "the body does not decode as its Content-Encoding says"
    fix = (
        "Compress in one place only, with gzip, and only set Content-Encoding where the body "
        "really is compressed."
    )

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} could not be decoded: {first.note}."
