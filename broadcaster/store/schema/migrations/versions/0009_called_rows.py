"""Up to which row the owner of a chunk may have called, by its own record. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chunks", sa.Column("called_by", sa.Text(), nullable=True))
    op.add_column("chunks", sa.Column("called_row", sa.BigInteger(), nullable=True))
