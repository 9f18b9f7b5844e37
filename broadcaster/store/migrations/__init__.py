"""Brings the store's tables up to this version, with Alembic.

A released migration is never edited. While workers of the previous version still work, a migration
only adds: what is no longer needed goes one version later.
"""

import threading
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from broadcaster.errors import StoreError

__all__ = ["migrate"]

_LOCK = 0x62726F61  # any number that nobody else's advisory lock has
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps the migration at hand in a global


def migrate(engine: sa.Engine) -> None:
    """Raises StoreError when the tables were made by a newer version, or by something else."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        reading = connection.execution_options(reading=True)
        if MigrationContext.configure(reading).get_current_revision() == newest:
            return
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreError(
                "The store was made by a newer version of this program; use that one."
            ) from None
