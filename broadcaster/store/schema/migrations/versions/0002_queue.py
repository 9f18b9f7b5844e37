"""The queue: what of which broadcast was handed to workers. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queued_broadcasts",
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("next_row", sa.BigInteger(), nullable=False),
        sa.Column("next_turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast"),
    )
    op.create_table(
        "queued_chunks",
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("look_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast", "first_row"),
    )
    op.create_index("queued_chunks_by_time", "queued_chunks", ["look_at"], unique=False)
    op.create_index("queued_chunks_by_turn", "queued_chunks", ["queue", "turn"], unique=False)
    op.create_table(
        "paces",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
