"""Which process sends a broadcast, and until when no other may start to. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("sender", sa.Text(), nullable=True))
    op.add_column("broadcasts", sa.Column("sender_until", sa.Float(), nullable=True))
