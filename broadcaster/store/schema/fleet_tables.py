"""The tables of a fleet's checks. A change here goes with a migration, as with the other tables."""

import sqlalchemy as sa

from broadcaster.store.schema.tables import Plain, metadata

__all__ = ["fleet_checks", "fleet_endpoints"]

fleet_endpoints = sa.Table(
    "fleet_endpoints",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("endpoint", Plain, nullable=False),  # masked
    sa.Column("every_seconds", sa.Float),  # None: once
    sa.Column("due_at", sa.Float),  # None: not any more
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", sa.Float),
    sa.Index("fleet_endpoints_due", "due_at"),
)

fleet_checks = sa.Table(
    "fleet_checks",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("began_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float, nullable=False),
    sa.Column("verdict", sa.Text),  # None: there is no report
    sa.Column("reason", Plain, nullable=False, default=""),
    sa.Column("rules", sa.JSON, nullable=False),  # the rules that were broken, with their severity
    sa.Column("not_judged", sa.JSON),  # rules that this check could not judge
    sa.Column("report", sa.JSON),
    sa.Index("fleet_checks_by_name", "name", "ended_at"),
    sa.Index("fleet_checks_by_time", "ended_at"),
)
