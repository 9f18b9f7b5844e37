"""Which rules a check of a fleet could not judge. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fleet_checks", sa.Column("not_judged", sa.JSON(), nullable=True))
