"""What came in at one of the stand-in's doors and what came of it: keys, effects, violations.

Nothing here knows HTTP. What must outlive a restart goes into the journal before it is counted.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from mockserver.line_api.inboxes import Delivery, Inboxes, PeakRate, text_digest
from mockserver.line_api.journal import Journal
from mockserver.line_api.keys import KeyRing, KeyUse

__all__ = ["Ledger", "Violation"]

_SHOWN_VIOLATIONS = 100


class Violation(NamedTuple):
    """A key that came with another request than before."""

    key: str
    at: float


class Ledger:
    """The ledger of one endpoint: `line` for pushes and multicasts, `webhook` for the sink."""

    def __init__(
        self,
        name: str,
        *,
        keep_texts: bool,
        lifetime_seconds: float | None,
        journal: Journal | None,
    ) -> None:
        self.name = name
        self._keep_texts = keep_texts
        self._lifetime_seconds = lifetime_seconds
        self._journal = journal
        self.reset()

    def reset(self) -> None:
        """Forget everything; the caller clears the journal."""
        self.keys = KeyRing(self._lifetime_seconds)
        self.inboxes = Inboxes(keep_texts=self._keep_texts)
        self.rate = PeakRate()
        self.statuses: Counter[str] = Counter()
        self.requests = 0
        self.effects = 0
        self.keyless_effects = 0
        self.repeats_refused = 0
        self.resent_after_expiry = 0
        self.most_effects_of_a_key = 0
        self.violations = 0
        self.first_violations: list[Violation] = []
        self.last_number = 0

    def record_use(self, key: bytes, digest: int, at: float) -> KeyUse:
        """Note that a request came with this key; a different one than before is a violation."""
        if self.keys.is_new(key, at):
            self._write(["key", self.name, key.hex(), at, digest])
        key_use = self.keys.record_use(key, digest, at)
        if not key_use.identical:
            self._write(["violation", self.name, key.hex(), at])
            self._violated(key, at)
        return key_use

    def _violated(self, key: bytes, at: float) -> None:
        self.violations += 1
        if len(self.first_violations) < _SHOWN_VIOLATIONS:
            self.first_violations.append(Violation(key.hex(), at))

    def deliver(
        self,
        *,
        number: int,
        at: float,
        key: bytes | None,
        uids: Sequence[str],
        texts: tuple[str, ...],
    ) -> None:
        """The effect itself: each of the users receives the texts."""
        digest = text_digest(texts)
        kept = list(texts) if self._keep_texts else digest
        named = None if key is None else key.hex()
        self._write(["effect", self.name, number, at, named, list(uids), kept])
        self._count(Delivery(at, number, texts), key, uids, digest)

    def _count(
        self, delivery: Delivery, key: bytes | None, uids: Sequence[str], digest: int
    ) -> None:
        self.last_number = delivery.number
        if key is None:
            self.keyless_effects += 1
        else:
            effects = self.keys.accept(self.keys.row(key), delivery.number)
            self.resent_after_expiry += effects > 1
            self.most_effects_of_a_key = max(self.most_effects_of_a_key, effects)
        for uid in uids:
            self.inboxes.put(uid, delivery, digest)
        self.effects += len(uids)
        self.rate.add(delivery.at, len(uids))

    def _write(self, record: list[Any]) -> None:
        if self._journal is not None:
            self._journal.append(record)

    def replay(self, record: list[Any]) -> None:
        """Take in one record of an earlier run."""
        match record:
            case ["key", _, key, at, digest]:
                self.keys.record_use(bytes.fromhex(key), digest, at)
            case ["violation", _, key, at]:
                self._violated(bytes.fromhex(key), at)
            case ["effect", _, number, at, named, uids, kept]:
                texts = tuple(kept) if isinstance(kept, list) else ()
                digest = text_digest(texts) if isinstance(kept, list) else kept
                key = None if named is None else bytes.fromhex(named)
                self._count(Delivery(at, number, texts), key, uids, digest)
            case _:
                raise ValueError("not a record of a ledger")

    def summary(self) -> dict[str, Any]:
        """The figures, for the control API."""
        return {
            "requests": self.requests,
            "by_status": dict(sorted(self.statuses.items())),
            "effects": self.effects,
            "users": len(self.inboxes),
            "keys": len(self.keys),
            "keyless_effects": self.keyless_effects,
            "repeats_refused": self.repeats_refused,
            "resent_after_expiry": self.resent_after_expiry,
            "most_effects_of_a_key": self.most_effects_of_a_key,
            "violations": self.violations,
            "first_violations": [violation._asdict() for violation in self.first_violations],
            "peak_rate": self.rate.peak,
        }
