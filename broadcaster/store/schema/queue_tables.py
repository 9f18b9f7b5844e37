"""The tables of the queue. A change here goes with a migration, as with the other tables.

The chunk's own row stays the truth about what is sent. These say only what was handed to workers,
so that it can be handed out again; they hold a few rows for each broadcast that is being sent.
"""

import sqlalchemy as sa

from broadcaster.store.schema.tables import metadata

__all__ = ["paces", "queued_broadcasts", "queued_chunks", "workers"]

queued_broadcasts = sa.Table(
    "queued_broadcasts",
    metadata,
    sa.Column("broadcast", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("next_row", sa.BigInteger, nullable=False),  # chunks below it were handed out
    sa.Column("next_turn", sa.Integer, nullable=False),
)

queued_chunks = sa.Table(
    "queued_chunks",
    metadata,
    sa.Column("broadcast", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first_row", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer),
    sa.Column("waiting", sa.Boolean, nullable=False),  # until its rows may be sent again
    sa.Column("look_at", sa.Float, nullable=False),
    sa.Column("queued_at", sa.Float),  # None: handed out by a version that did not note it
    sa.Index("queued_chunks_by_time", "look_at"),
    sa.Index("queued_chunks_by_turn", "queue", "turn"),
)

paces = sa.Table(
    "paces",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("state", sa.JSON, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # host:process
    sa.Column("channels", sa.JSON, nullable=False),  # names as the store knows them
    sa.Column("checks", sa.Integer, nullable=False),  # of a fleet, at the same time
    sa.Column("began_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
)
