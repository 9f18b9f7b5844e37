"""Brings the store's tables up to this version, with Alembic.

A released migration is never edited. While workers of the previous version still work, a migration
only adds: what is no longer needed goes one version later.
"""

from pathlib import Path

import sqlalchemy as sa

__all__ = ["migrate"]

_NEWEST = max(path.name[:4] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
_VERSION_TABLE = "alembic_version"


def migrate(engine: sa.Engine) -> None:
    """Raises StoreError when the tables were made by a newer version, or by something else."""
    if _revision(engine) != _NEWEST:
        # Alembic takes longer to load than most commands to run, and is seldom needed
        from broadcaster.store.schema.migrations.upgrading import upgrade

        upgrade(engine)


def _revision(engine: sa.Engine) -> str | None:
    """The revision of the tables, None where there are none."""
    with engine.connect() as connection:
        reading = connection.execution_options(reading=True)
        if not sa.inspect(reading).has_table(_VERSION_TABLE):
            return None
        version = sa.column("version_num", sa.Text)
        query = sa.select(version).select_from(sa.table(_VERSION_TABLE))
        found = reading.execute(query).scalars().all()
        return found[0] if len(found) == 1 else None
