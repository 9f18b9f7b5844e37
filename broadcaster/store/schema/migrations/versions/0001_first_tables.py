"""The first tables: broadcasts, their pages, deliveries and chunks, and the history of checks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_key", sa.Text(), nullable=False),
        sa.Column("token_param", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("at_least_once", sa.Boolean(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.Column("first_sent_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("forgotten_at", sa.Float(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("loader", sa.Text(), nullable=True),
        sa.Column("loader_until", sa.Float(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("final_counts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("broadcasts_by_endpoint", "broadcasts", ["endpoint_key", "state"], unique=False)
    op.create_table(
        "checks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("checks_by_time", "checks", ["created_at"], unique=False)
    op.create_table(
        "chunks",
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("sending", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("not_before", sa.Float(), nullable=True),
        sa.CheckConstraint("accepted >= 0", name="chunks_accepted"),
        sa.CheckConstraint("held >= 0", name="chunks_held"),
        sa.CheckConstraint(
            "ready + sending + accepted + refused + unknown + held = rows", name="chunks_add_up"
        ),
        sa.CheckConstraint("ready >= 0", name="chunks_ready"),
        sa.CheckConstraint("refused >= 0", name="chunks_refused"),
        sa.CheckConstraint("sending >= 0", name="chunks_sending"),
        sa.CheckConstraint("unknown >= 0", name="chunks_unknown"),
        sa.PrimaryKeyConstraint("broadcast", "first_row"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "chunks_open",
        "chunks",
        ["broadcast", "first_row"],
        unique=False,
        sqlite_where=sa.text("ready + sending + unknown > 0"),
        postgresql_where=sa.text("ready + sending + unknown > 0"),
    )
    op.create_table(
        "deliveries",
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("generation", sa.SmallInteger(), nullable=False),
        sa.Column("sent_with", sa.BigInteger(), nullable=True),
        sa.Column("first_attempt_at", sa.Float(), nullable=True),
        sa.Column("not_before", sa.Float(), nullable=True),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("request_hash", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("msg", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("broadcast", "row"),
        postgresql_with={"fillfactor": 80},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pages",
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("next_token", sa.LargeBinary(), nullable=True),
        sa.Column("first_row", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast", "page"),
        sqlite_with_rowid=False,
    )
