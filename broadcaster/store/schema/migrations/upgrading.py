"""The upgrade itself: Alembic on the store's own connection, one at a time."""

import threading
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from broadcaster.errors import StoreError

__all__ = ["upgrade"]

_LOCK = 0x62726F61  # any number that nobody else's advisory lock has
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps the migration at hand in a global


def upgrade(engine: sa.Engine) -> None:
    """Raises StoreError when the tables were made by a newer version, or by something else."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    newest = ScriptDirectory.from_config(config).get_current_head()
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
