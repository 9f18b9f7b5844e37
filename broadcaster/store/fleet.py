"""A fleet of endpoints: when each is to be checked, who is checking it, and how it went each time.

A worker asks here for what is due; no engine is behind it, since a second more or less is nothing
to a check. Of one host only one endpoint is checked at a time, whoever asks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from broadcaster.store.database.database import Database
from broadcaster.store.schema.fleet_tables import fleet_checks, fleet_endpoints

__all__ = ["Fleet", "FleetEndpoint", "FleetResult", "FleetRun", "FleetStanding"]

_LOCK = 0x62666C74  # any number that nobody else's advisory lock has
_ERASED_A_STEP = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEndpoint:
    """An endpoint by its name in the settings file. `endpoint` is masked."""

    name: str
    host: str
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetResult:
    """How a check ended. `rules` are those that were broken, with their severity; `not_judged` are
    those that this check could not judge, None where a version that did not note it checked.
    Without a verdict there is no report, and `reason` tells why.
    """

    name: str
    began_at: float
    ended_at: float
    verdict: str | None
    reason: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    not_judged: Sequence[str] | None = None
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRun:
    """A result in an endpoint's history, with its number, which grows from result to result."""

    number: int
    result: FleetResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStanding:
    """How many endpoints there are, are due, and are being checked now; the newest verdicts of all,
    `failed` being those without a report.
    """

    endpoints: int
    due: int
    running: int
    passing: int
    failing: int
    failed: int


class Fleet:
    """One transaction a method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enroll(
        self, endpoints: Sequence[FleetEndpoint], *, every_seconds: float | None, now: float
    ) -> None:
        """These are the fleet from now on, each due at once; the others' results are kept."""
        names = [one.name for one in endpoints]
        known = sa.select(fleet_endpoints.c.name)
        due = {"every_seconds": every_seconds, "due_at": now}
        with self._database.writing() as connection:
            self._alone(connection)
            gone = fleet_endpoints.c.name.not_in(names)
            connection.execute(sa.delete(fleet_endpoints).where(gone))
            found = set(connection.execute(known).scalars())
            fresh = [asdict(one) | due for one in endpoints if one.name not in found]
            if fresh:
                connection.execute(sa.insert(fleet_endpoints), fresh)
            for one in endpoints:
                if one.name in found:
                    mine = fleet_endpoints.c.name == one.name
                    values = {"host": one.host, "endpoint": one.endpoint, **due}
                    connection.execute(sa.update(fleet_endpoints).where(mine).values(values))

    def claim(self, owner: str, *, now: float, lease_seconds: float) -> str | None:
        """The name of an endpoint that is due and whose host nobody is busy with, leased."""
        busy = sa.select(fleet_endpoints.c.host).where(fleet_endpoints.c.lease_until > now)
        query = (
            sa.select(fleet_endpoints.c.name)
            .where(fleet_endpoints.c.due_at <= now)
            .where(sa.func.coalesce(fleet_endpoints.c.lease_until, 0.0) <= now)
            .where(fleet_endpoints.c.host.not_in(busy))
            .order_by(fleet_endpoints.c.due_at, fleet_endpoints.c.name)
            .limit(1)
        )
        with self._database.writing() as connection:
            self._alone(connection)
            name: str | None = connection.execute(query).scalar()
            if name is not None:
                lease = {"owner": owner, "lease_until": now + lease_seconds}
                mine = fleet_endpoints.c.name == name
                connection.execute(sa.update(fleet_endpoints).where(mine).values(lease))
            return name

    def renew(self, owner: str, until: float) -> None:
        """Keep what the owner holds for longer."""
        with self._database.writing() as connection:
            mine = fleet_endpoints.c.owner == owner
            change = sa.update(fleet_endpoints).where(mine)
            connection.execute(change.values(lease_until=until))

    def release(self, owner: str) -> None:
        """Give up what the owner holds; it stays due."""
        with self._database.writing() as connection:
            mine = fleet_endpoints.c.owner == owner
            change = sa.update(fleet_endpoints).where(mine)
            connection.execute(change.values(owner=None, lease_until=None))

    def record(self, owner: str, result: FleetResult) -> bool:
        """Keep a result, and say when the endpoint is due again; False when the lease had gone to
        another owner, whose result it will be.
        """
        mine = sa.and_(fleet_endpoints.c.name == result.name, fleet_endpoints.c.owner == owner)
        again = result.began_at + fleet_endpoints.c.every_seconds  # None stays None
        done = {"owner": None, "lease_until": None, "due_at": again}
        with self._database.writing() as connection:
            if not connection.execute(sa.update(fleet_endpoints).where(mine).values(done)).rowcount:
                return False
            connection.execute(sa.insert(fleet_checks).values(asdict(result)))
            return True

    def standing(self, now: float, newest: Sequence[FleetResult] | None = None) -> FleetStanding:
        """Where the fleet stands; `newest` are the results up to now, where they are known."""
        c = fleet_endpoints.c
        running = sa.func.coalesce(c.lease_until, 0.0) > now
        counts = sa.select(
            sa.func.count().label("endpoints"),
            sa.func.count().filter(c.due_at <= now, sa.not_(running)).label("due"),
            sa.func.count().filter(running).label("running"),
        )
        with self._database.reading() as connection:
            found = connection.execute(counts).one()
        verdicts = [one.verdict for one in (self.newest(now) if newest is None else newest)]
        return FleetStanding(
            endpoints=found.endpoints,
            due=found.due,
            running=found.running,
            passing=verdicts.count("pass"),
            failing=verdicts.count("fail"),
            failed=verdicts.count(None),
        )

    def holds_results(self) -> bool:
        """Whether any check of a fleet ended."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(fleet_checks.c.number).limit(1)).first() is not None

    def endpoints(self) -> list[FleetEndpoint]:
        """The endpoints that are the fleet now, in no order."""
        c = fleet_endpoints.c
        with self._database.reading() as connection:
            found = connection.execute(sa.select(c.name, c.host, c.endpoint)).mappings()
            return [FleetEndpoint(**row) for row in found]

    def newest(self, until: float) -> list[FleetResult]:
        """Of each endpoint of the fleet its last result up to a moment, without the report."""
        # a seek for each endpoint, so that it costs the same however long the histories are
        run = fleet_checks.alias()
        last = (
            sa.select(run.c.number)
            .where(run.c.name == fleet_endpoints.c.name, run.c.ended_at <= until)
            .order_by(run.c.ended_at.desc(), run.c.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        columns = [column for column in fleet_checks.c if column.name not in ("report", "number")]
        query = sa.select(*columns).join(fleet_endpoints, fleet_checks.c.number == last)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(fleet_checks.c.name)).mappings()
            return [FleetResult(**row) for row in found]

    def runs(
        self, name: str, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[FleetRun]:
        """An endpoint's results without their reports, the newest first; those before a number, or
        those nearest to it after.
        """
        c = fleet_checks.c
        query = sa.select(*(column for column in c if column is not c.report)).limit(limit)
        query = query.where(c.name == name)
        if before is not None:
            query = query.where(c.number < before)
        if after is not None:
            query = query.where(c.number > after)
        query = query.order_by(c.number.desc() if after is None else c.number)
        with self._database.reading() as connection:
            found = [_run(row) for row in connection.execute(query).mappings()]
        return found if after is None else found[::-1]

    def run(self, number: int) -> FleetRun | None:
        """A result with its report."""
        query = sa.select(fleet_checks).where(fleet_checks.c.number == number)
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().first()
            return None if found is None else _run(found)

    def count_before(self, moment: float) -> int:
        """How many results are older."""
        query = sa.select(sa.func.count()).where(fleet_checks.c.ended_at < moment)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def forget_before(self, moment: float) -> int:
        """Erase older results, in bounded steps; gives their number."""
        return sum(self._erased(moment))

    def _erased(self, moment: float) -> Iterator[int]:
        some = sa.select(fleet_checks.c.number).where(fleet_checks.c.ended_at < moment)
        step = sa.delete(fleet_checks).where(fleet_checks.c.number.in_(some.limit(_ERASED_A_STEP)))
        erased = _ERASED_A_STEP
        while erased == _ERASED_A_STEP:
            with self._database.writing() as connection:
                erased = connection.execute(step).rowcount
            yield erased

    def _alone(self, connection: sa.Connection) -> None:
        """Until the end of the transaction nobody else claims: two of one host must not be."""
        if not self._database.is_sqlite:  # which has one writer anyhow
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _run(row: sa.RowMapping) -> FleetRun:
    found = dict(row)
    return FleetRun(number=found.pop("number"), result=FleetResult(**found))
