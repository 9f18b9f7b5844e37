"""All that one stand-in knows and remembers: ledgers, limits, faults, time. No HTTP."""

import contextlib
from collections import Counter, deque
from typing import Any

from mockserver.errors import BadInput
from mockserver.line_api.buckets import Bucket
from mockserver.line_api.config import RETRY_KEY_SECONDS, Limits, LineConfig
from mockserver.line_api.faults import FaultPlan
from mockserver.line_api.journal import Journal
from mockserver.line_api.ledger import Ledger

__all__ = ["StandIn"]

_SHOWN_WEBHOOKS = 100
_LARGEST_START = 1 << 60  # numbers are kept in 64 bits


class StandIn:
    """The state behind the endpoints; used by one thread only, that of the server's loop."""

    def __init__(self, config: LineConfig) -> None:
        """Read the state file, if there is one; raises BadInput when it can't be used."""
        self.config = config
        self.plan = FaultPlan(config.faults)
        self.in_flight = 0
        self.advanced_seconds = 0.0
        self.signatures: Counter[str] = Counter()
        self.recent_webhooks: deque[dict[str, Any]] = deque(maxlen=_SHOWN_WEBHOOKS)
        self.set_limits(config.limits)
        self._journal = Journal(config.state) if config.state else None
        self.line = self._ledger("line", RETRY_KEY_SECONDS)
        self.webhook = self._ledger("webhook", None)
        with contextlib.ExitStack() as failing:
            failing.callback(self.close)
            self._replay()
            failing.pop_all()
        last = max(self.line.last_number, self.webhook.last_number)
        # Numbers begin at the time, so that those of two runs differ.
        self._number = max(last, min(int(self.now() * 1_000_000), _LARGEST_START))

    def _ledger(self, name: str, lifetime_seconds: float | None) -> Ledger:
        return Ledger(
            name,
            keep_texts=self.config.keep_texts,
            lifetime_seconds=lifetime_seconds,
            journal=self._journal,
        )

    def _replay(self) -> None:
        if self._journal is None:
            return
        ledgers = {ledger.name: ledger for ledger in (self.line, self.webhook)}
        for record in self._journal.records():
            try:
                if record[0] == "clock":
                    self.advanced_seconds = float(record[1])
                else:
                    ledgers[record[1]].replay(record)
            except (ArithmeticError, LookupError, TypeError, ValueError):
                raise BadInput(f"{self.config.state}: damaged at {str(record)[:80]}") from None

    def now(self) -> float:
        """The time by which keys and rates are judged."""
        return self.config.clock() + self.advanced_seconds

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        self.advanced_seconds += seconds
        if self._journal is not None:
            self._journal.append(["clock", self.advanced_seconds])

    def next_number(self) -> int:
        """A number for the next request."""
        self._number += 1
        return self._number

    def set_limits(self, limits: Limits) -> None:
        """From now on, these; the rates begin anew."""
        self.limits = limits
        self.push_bucket = Bucket(limits.rate)
        self.multicast_bucket = Bucket(limits.multicast_rate)

    def reset(self) -> None:
        """Forget what came in; faults, limits and the time stay as they are."""
        if self._journal is not None:
            self._journal.clear()
            self._journal.append(["clock", self.advanced_seconds])
        self.line.reset()
        self.webhook.reset()
        self.signatures.clear()
        self.recent_webhooks.clear()
        self.plan.played.clear()

    def close(self) -> None:
        """Give the state file back."""
        if self._journal is not None:
            self._journal.close()

    def summary(self) -> dict[str, Any]:
        """All the figures, for the control API."""
        return {
            **self.line.summary(),
            "faults_played": dict(sorted(self.plan.played.items())),
            "in_flight": self.in_flight,
            "webhook": {
                **self.webhook.summary(),
                "signatures": dict(sorted(self.signatures.items())),
            },
        }
