"""Alembic's entry point: runs the migrations on the connection that it is given."""

from alembic import context

from broadcaster.store.schema.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds all of them
)
context.run_migrations()
