"""What tests of a fleet share: endpoints with histories, put into a store all at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from broadcaster.store import Store
from broadcaster.store.fleet import FleetEndpoint, FleetResult
from broadcaster.store.schema.fleet_tables import fleet_checks

__all__ = ["ended", "enroll", "keep"]


def enroll(store: Store, names: Sequence[str], endpoint: str = "https://{}.example/r") -> None:
    """These are the fleet, at made-up addresses."""
    found = [
        FleetEndpoint(name=name, host=f"{name}.example", endpoint=endpoint.format(name))
        for name in names
    ]
    store.fleet.enroll(found, every_seconds=None, now=1e12)


def ended(
    name: str,
    at: float,
    rules: Mapping[str, str] | None = None,
    *,
    reason: str = "",
    report: Mapping[str, Any] | None = None,
) -> FleetResult:
    """A result: passed without an error among its rules, without a report for a reason."""
    broken = dict(rules or {})
    verdict = "fail" if "error" in broken.values() else "pass"
    return FleetResult(
        name=name,
        began_at=at - 1.0,
        ended_at=at,
        verdict=None if reason else verdict,
        reason=reason,
        rules=broken,
        report=report,
    )


def keep(store: Store, results: Iterable[FleetResult]) -> None:
    """Put results in as workers record them, but in one transaction."""
    with store.writing() as connection:
        connection.execute(sa.insert(fleet_checks), [asdict(one) for one in results])
