"""A name that a person gave to a broadcast. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "broadcasts", sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
