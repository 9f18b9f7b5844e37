"""How the stand-in fails: with which probability, and how. No I/O.

A fault is drawn from the seed, the request's key and the number of tries under this key, so that
the same requests meet the same faults in whatever order they come.
"""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from mockserver.errors import BadOption

__all__ = ["FAULTS", "FaultKind", "FaultPlan", "Faults", "LineFault", "checked"]


class FaultKind(Enum):
    """What a client sees of a fault."""

    CLOSE = "the connection is closed without a response"
    RESET = "the connection is reset without a response"
    HALF = "half of the response, then the connection is closed"
    HANG = "no response until the client gives up"
    ERROR = "500"
    RATE = "429, rate limit"
    CONCURRENT = "429, concurrent operations"
    SLOW = "the response, late"


class LineFault(NamedTuple):
    """One way to fail, and whether the message is delivered nevertheless."""

    kind: FaultKind
    delivers: bool


FAULTS: Mapping[str, LineFault] = {
    "answer_lost": LineFault(FaultKind.CLOSE, delivers=True),
    "request_lost": LineFault(FaultKind.CLOSE, delivers=False),
    "reset_after": LineFault(FaultKind.RESET, delivers=True),
    "reset_before": LineFault(FaultKind.RESET, delivers=False),
    "half_answer": LineFault(FaultKind.HALF, delivers=True),
    "hang_after": LineFault(FaultKind.HANG, delivers=True),
    "hang_before": LineFault(FaultKind.HANG, delivers=False),
    "error_after": LineFault(FaultKind.ERROR, delivers=True),
    "error_before": LineFault(FaultKind.ERROR, delivers=False),
    "rate_limited": LineFault(FaultKind.RATE, delivers=False),
    "concurrent": LineFault(FaultKind.CONCURRENT, delivers=False),
    "slow": LineFault(FaultKind.SLOW, delivers=True),
}


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The probability of each fault, 0 to 1, and what else may be wrong; nothing unless given.

    At most one fault meets a request, so the probabilities add up to 1 at most.
    """

    answer_lost: float = 0.0
    request_lost: float = 0.0
    reset_after: float = 0.0
    reset_before: float = 0.0
    half_answer: float = 0.0
    hang_after: float = 0.0
    hang_before: float = 0.0
    error_after: float = 0.0
    error_before: float = 0.0
    rate_limited: float = 0.0
    concurrent: float = 0.0
    slow: float = 0.0
    seed: int = 0
    times: int | None = None
    """After this many faults there are no more."""
    burst: int = 1
    """How many requests in a row a `rate_limited` refuses."""
    slow_seconds: float = 1.0
    latency_seconds: float = 0.0
    """Of every response; half of it passes before the effect, half after it."""
    unauthorized: bool = False
    """Every token is refused with 401, as when it was revoked."""

    def __post_init__(self) -> None:
        """Refuse what is out of range, with a BadOption."""
        total = 0.0
        for name in FAULTS:
            probability = getattr(self, name)
            if not 0 <= probability <= 1:
                raise BadOption(f"{name} must be a probability, 0 to 1, not {probability}")
            total += probability
        if total > 1.000_000_001:
            raise BadOption(
                f"the faults' probabilities add up to {total:g}; they must add up to 1 at most"
            )
        for name in ("slow_seconds", "latency_seconds"):
            if not 0 <= getattr(self, name) <= 3600:
                raise BadOption(f"{name} must be 0 to 3600, not {getattr(self, name)}")
        if self.burst < 1 or (self.times is not None and self.times < 0):
            raise BadOption("burst must be 1 or more, and times 0 or more")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Faults":
        """Return the faults that a JSON object names; BadOption for an unknown or odd one."""
        return cls(**checked(cls, values))


_KINDS: Mapping[Any, tuple[str, tuple[type, ...]]] = {
    bool: ("true or false", (bool,)),
    int: ("a whole number", (int,)),
    int | None: ("a whole number or null", (int, type(None))),
    float: ("a number", (int, float)),
}


def checked(settings: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as fields of the dataclass `settings`, or raise BadOption."""
    fields = {field.name: field.type for field in dataclasses.fields(settings)}
    for name, value in values.items():
        if name not in fields:
            raise BadOption(f"unknown setting {name!r}; known are {', '.join(fields)}")
        words, kinds = _KINDS[fields[name]]
        # Python's booleans are integers, too; JSON's are not.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise BadOption(f"{name} must be {words}, not {value!r}")
    return dict(values)


class FaultPlan:
    """Draws the fault of each request, and counts those that were played."""

    def __init__(self, faults: Faults) -> None:
        self.played: Counter[str] = Counter()
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """From now on, these; `times` counts anew."""
        self.faults = faults
        self._left = faults.times
        self._burst_left = 0
        self._salt = str(faults.seed).encode()
        self._steps: list[tuple[float, str]] = []
        total = 0.0
        for name in FAULTS:
            if probability := getattr(faults, name):
                total += probability
                self._steps.append((total, name))

    def draw(self, identity: bytes, attempt: int) -> str | None:
        """Return the name of the fault that meets this try of a request, if any."""
        if not self._steps or self._left == 0:
            return None
        if self._burst_left:
            self._burst_left -= 1
            return self._play("rate_limited")
        name = self._drawn(identity, attempt)
        if name is None:
            return None
        if name == "rate_limited":
            self._burst_left = self.faults.burst - 1
        return self._play(name)

    def _drawn(self, identity: bytes, attempt: int) -> str | None:
        drawn = hashlib.blake2b(identity, digest_size=7, salt=_salt(self._salt, attempt)).digest()
        point = int.from_bytes(drawn, "big") / (1 << 56)
        return next((name for total, name in self._steps if point < total), None)

    def _play(self, name: str) -> str:
        if self._left is not None:
            self._left -= 1
        self.played[name] += 1
        return name


def _salt(seed: bytes, attempt: int) -> bytes:
    return hashlib.blake2b(seed + b"/%d" % attempt, digest_size=16).digest()
