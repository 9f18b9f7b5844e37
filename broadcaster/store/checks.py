"""The history of checks that were run from the window: what, when, and the report, masked."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from broadcaster.store.database.database import Database
from broadcaster.store.schema.tables import checks

__all__ = ["CheckRecord", "Checks", "Moment"]

Moment = tuple[float, str]
"""When a check began, and its id: no two are alike, so that a list can be gone on with there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """A check: `state` is running, done, stopped or failed. `report` is the JSON report."""

    id: str
    endpoint: str
    endpoint_key: str
    state: str
    reason: str
    verdict: str | None
    created_at: float
    ended_at: float | None
    report: Mapping[str, Any] | None = None


class Checks:
    """One transaction a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, endpoint: str, endpoint_key: str, now: float) -> str:
        """A check that starts to run; gives its unguessable id. `endpoint` must be masked."""
        name = secrets.token_urlsafe(16)
        with self._database.writing() as connection:
            connection.execute(
                sa.insert(checks).values(
                    id=name,
                    endpoint=endpoint,
                    endpoint_key=endpoint_key,
                    state="running",
                    created_at=now,
                )
            )
        return name

    def end(
        self,
        name: str,
        *,
        state: str,
        now: float,
        reason: str = "",
        report: Mapping[str, Any] | None = None,
    ) -> None:
        """How it ended."""
        values = {
            "state": state,
            "reason": reason,
            "ended_at": now,
            "verdict": None if report is None else report["verdict"],
            "report": None if report is None else dict(report),
        }
        with self._database.writing() as connection:
            connection.execute(sa.update(checks).where(checks.c.id == name).values(values))

    def end_all_running(self, reason: str, now: float) -> None:
        """Checks that a stopped server left behind."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(checks)
                .where(checks.c.state == "running")
                .values(state="failed", reason=reason, ended_at=now)
            )

    def forget_before(self, moment: float) -> None:
        """Checks that ended before this moment, with their reports, are no more."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(checks).where(checks.c.ended_at < moment))

    def get(self, name: str) -> CheckRecord | None:
        """A check with its report."""
        with self._database.reading() as connection:
            query = sa.select(checks).where(checks.c.id == name)
            found = connection.execute(query).mappings().first()
            return None if found is None else CheckRecord(**found)

    def of_endpoint(self, endpoint_key: str, *, before: float, at_most: int) -> list[CheckRecord]:
        """The checks of one endpoint that began before a moment, the newest first, without their
        reports.
        """
        query = (
            sa.select(*(column for column in checks.c if column.name != "report"))
            .where(checks.c.endpoint_key == endpoint_key, checks.c.created_at < before)
            .order_by(checks.c.created_at.desc())
            .limit(at_most)
        )
        with self._database.reading() as connection:
            return [CheckRecord(**row) for row in connection.execute(query).mappings()]

    def newest(
        self, limit: int, *, before: Moment | None = None, after: Moment | None = None
    ) -> list[CheckRecord]:
        """The newest first, without their reports; those begun before one that began at a moment,
        or those nearest to it begun after.
        """
        at, name = checks.c.created_at, checks.c.id
        query = sa.select(*(column for column in checks.c if column.name != "report")).limit(limit)
        if before is not None:
            then, than = before
            query = query.where(at <= then, sa.or_(at < then, name < than))
        if after is not None:
            then, than = after
            query = query.where(at >= then, sa.or_(at > then, name > than))
            query = query.order_by(at, name)
        else:
            query = query.order_by(at.desc(), name.desc())
        with self._database.reading() as connection:
            found = [CheckRecord(**row) for row in connection.execute(query).mappings()]
        return found if after is None else found[::-1]
