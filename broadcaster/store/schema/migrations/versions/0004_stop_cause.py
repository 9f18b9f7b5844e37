"""Why a broadcast is paused or ended, as a cause. Adds a column, and fills it from the sentences
that version 0003 wrote; one that is not known leaves it empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BY_REASON = (
    ("interrupted", "interrupted"),
    ("server-stopped", "the server was stopped"),
    ("person", "paused by a person"),
    ("person", "stopped by a person"),
    ("person", "paused by somebody else"),
    ("canary", "the first % rows are sent; the others wait"),
    ("reopened", "rows of it wait again"),
    ("uncertain", "% calls in a row had no certain answer"),
    ("refused", "the first % calls were all refused: %"),
    ("failed", "the channel itself failed (%); please report it"),
    ("failed", "the channel could not be opened"),
)


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("cause", sa.Text(), nullable=True))
    state, reason = sa.column("state", sa.Text), sa.column("reason", sa.Text)
    for cause, pattern in _BY_REASON:
        _fill(cause, state == "paused", reason.like(pattern))
    changed = reason.like("page % is no longer what it was when the load was interrupted%")
    _fill("changed", state == "blocked", changed)
    _fill("check-failed", state == "blocked", sa.not_(changed))
    ended, forgotten = sa.column("ended_at", sa.Float), sa.column("forgotten_at", sa.Float)
    by_forgetting = sa.and_(forgotten.is_not(None), forgotten == ended)
    _fill("forgotten", state == "cancelled", by_forgetting)
    _fill("person", state == "cancelled", sa.not_(sa.func.coalesce(by_forgetting, sa.false())))


def _fill(cause: str, *where: sa.ColumnElement[bool]) -> None:
    broadcasts = sa.table("broadcasts", sa.column("cause", sa.Text))
    op.execute(sa.update(broadcasts).values(cause=cause).where(*where))
