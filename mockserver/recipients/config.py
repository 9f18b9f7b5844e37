"""The mock's settings, checked when they are made. No I/O."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.errors import BadOption
from mockserver.recipients.data import GeneratedRows, PagedRows, RowSource
from mockserver.recipients.faults.fault import Fault
from schemas import ROW_LIMIT

__all__ = ["MockConfig"]


@dataclass(frozen=True, kw_only=True)
class MockConfig:
    """What the endpoint serves and how."""

    rows: RowSource = field(default_factory=lambda: GeneratedRows(1000))
    page_size: int = 100
    required_headers: Mapping[str, str] = field(default_factory=dict)
    """Each must come with exactly this value; without it, 401."""
    token_param: str = "next"  # noqa: S105 - a parameter's name
    faults: tuple[str | Fault, ...] = ()
    """`NAME`, `NAME@page` or a fault of your own, played on `/recipients` from the inside out."""
    latency_seconds: float = 0.0
    tokens: tuple[str, ...] = ()
    """The tokens of pages 2, 3, … of `PagedRows`; other pages get signed tokens."""
    token_secret: str = field(default_factory=secrets.token_hex, repr=False)
    """Give one of your own to have tokens outlive a restart."""

    def __post_init__(self) -> None:
        if not 1 <= self.page_size <= ROW_LIMIT:
            raise BadOption(f"the page size must be 1 to {ROW_LIMIT}, not {self.page_size}")
        if not self.token_param.strip():
            raise BadOption("the token parameter must have a name")
        if self.tokens and not isinstance(self.rows, PagedRows):
            raise BadOption("tokens can be given only for PagedRows")
        if len(set(self.tokens)) < len(self.tokens) or not all(map(str.strip, self.tokens)):
            raise BadOption("the tokens must differ, and none may be blank")
        if not 0 <= self.latency_seconds <= 3600:
            raise BadOption(f"the latency must be 0 to 3600 seconds, not {self.latency_seconds}")
