"""JSON003 byte-order-mark: the body starts with a byte order mark."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import DefectRule
from checker.rules.wording import agree, pages_with

__all__ = ["ByteOrderMark"]


class ByteOrderMark(DefectRule):
    """See the help beside this file."""

    id = "JSON003"
    name = "byte-order-mark"
    severity = Severity.ERROR
    clause = "G2"
    summary = "the body starts with a byte order mark"
    fix = (
        "Save the source and data files as UTF-8 without a BOM, and write the response "
        "without one (RFC 8259, section 8.1)."
    )
    needs = frozenset({Need.RAW_BYTES, Need.PAGE})

    def message(self, count: int, first: Location) -> str:
        return f"{pages_with(count, first)} {agree(count, 'starts', 'start')} with {first.note}."
