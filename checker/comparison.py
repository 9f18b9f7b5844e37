"""Two reports side by side, as data."""

from dataclasses import dataclass

from checker.outcome import Severity

__all__ = ["Comparison", "Counted", "Recurring"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A finding in short."""

    rule: str
    name: str
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring(Counted):
    """A finding that the older report has, too."""

    count_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of each finding; of `not_judged` the newer report cannot tell."""

    new: tuple[Counted, ...] = ()
    known: tuple[Recurring, ...] = ()
    fixed: tuple[Counted, ...] = ()
    not_judged: tuple[Counted, ...] = ()

    @property
    def changed(self) -> tuple[Recurring, ...]:
        """What is known with another count."""
        return tuple(item for item in self.known if item.count != item.count_before)

    def knows(self, rule: str) -> bool:
        """Whether the older report has a finding of that rule, too."""
        return any(item.rule == rule for item in self.known)
