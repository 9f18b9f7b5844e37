"""The store's tables. A change here goes with a migration beside it, in `migrations/versions/`.

A row's state is a small number, so that it changes in place; `DeliveryState` names them.
"""

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from broadcaster.model import DeliveryState

__all__ = [
    "LONGEST_REASON",
    "STATE_CODES",
    "broadcasts",
    "checks",
    "chunks",
    "deliveries",
    "metadata",
    "pages",
    "sent_digests",
    "storable",
    "write_checks",
]

LONGEST_REASON = 1000
"""Characters of a reason, or of a channel's reference, that are kept."""

STATE_CODES = {
    DeliveryState.READY: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.ACCEPTED: 2,
    DeliveryState.REFUSED: 3,
    DeliveryState.UNKNOWN: 4,
    DeliveryState.HELD: 5,
}
_STATES = {code: state for state, code in STATE_CODES.items()}


class StateCode(TypeDecorator[DeliveryState]):
    """A DeliveryState as the number that stands for it."""

    impl = sa.SmallInteger
    cache_ok = True

    def process_bind_param(self, value: DeliveryState | None, _dialect: sa.Dialect) -> int | None:
        return None if value is None else STATE_CODES[value]

    def process_result_value(self, value: int | None, _dialect: sa.Dialect) -> DeliveryState | None:
        return None if value is None else _STATES[value]


class Utf8(TypeDecorator[str]):
    """Text as UTF-8 bytes: a message may hold NUL, which PostgreSQL's text refuses, and which cuts
    SQLite's `length()`.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> bytes | None:
        return None if value is None else value.encode()

    def process_result_value(self, value: bytes | None, _dialect: sa.Dialect) -> str | None:
        return None if value is None else value.decode()


class Plain(TypeDecorator[str]):
    """Text that came from anywhere, as every database takes it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        return storable(value)


def storable(text: str | None) -> str | None:
    """Without what a database refuses: NUL and halves of surrogate pairs; and not endless."""
    if text is None:
        return None
    if text.isascii() and len(text) <= LONGEST_REASON and "\0" not in text:
        return text
    cut = text[:LONGEST_REASON].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return cut.encode(errors="surrogatepass").decode(errors="replace")


metadata = sa.MetaData()

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cause", sa.Text),  # a StopCause, None where nothing stopped it
    sa.Column("reason", Plain, nullable=False, default=""),  # for people
    sa.Column("source", sa.Text, nullable=False, default="api"),
    sa.Column("endpoint", Plain, nullable=False, default=""),
    sa.Column("endpoint_key", sa.Text, nullable=False, default=""),
    sa.Column("token_param", sa.Text, nullable=False, default="next"),
    sa.Column("channel", sa.Text),
    sa.Column("via", Plain, nullable=False, default=""),
    sa.Column("at_least_once", sa.Boolean, nullable=False, default=False),
    sa.Column("rate", sa.Float),
    sa.Column("limit", sa.Integer),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("first_sent_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("forgotten_at", sa.Float),
    sa.Column("pages", sa.Integer, nullable=False, default=0),
    sa.Column("rows", sa.BigInteger, nullable=False, default=0),
    sa.Column("loader", sa.Text),  # who loads it, and until when nobody else may
    sa.Column("loader_until", sa.Float),
    sa.Column("sender", sa.Text),  # who sends it, and until when nobody else may start to
    sa.Column("sender_until", sa.Float),
    sa.Column("summary", sa.JSON),
    sa.Column("report", sa.JSON),
    sa.Column("final_counts", sa.JSON),  # of a forgotten broadcast, whose rows are gone
    sa.Column("name", Plain, nullable=False, default="", server_default=sa.text("''")),
    sa.Index("broadcasts_by_endpoint", "endpoint_key", "state"),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("broadcast", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("token", Utf8),  # that was asked with; None for the first page
    sa.Column("next_token", Utf8),  # None at the end of the data
    sa.Column("first_row", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("broadcast", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", StateCode, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("generation", sa.SmallInteger, nullable=False, default=0),
    sa.Column("sent_with", sa.BigInteger),
    sa.Column("first_attempt_at", sa.Float),
    sa.Column("not_before", sa.Float),
    sa.Column("answered_at", sa.Float),
    sa.Column("request_hash", sa.LargeBinary),
    sa.Column("uid", Utf8, nullable=False),
    sa.Column("msg", Utf8, nullable=False),
    sa.Column("reason", Plain),
    sa.Column("reference", Plain),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},  # a change of state finds room beside the row
)

_COUNTED = tuple(state.value for state in DeliveryState)

chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("broadcast", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first_row", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("rows", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False, default=0) for name in _COUNTED),
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", sa.Float),
    sa.Column("not_before", sa.Float),
    # an owner's record of the calls that it may have made; of no use when somebody else owns it now
    sa.Column("called_by", sa.Text),
    sa.Column("called_row", sa.BigInteger),
    # the ledger's law: every row is in exactly one state, whatever is interrupted
    sa.CheckConstraint(" + ".join(_COUNTED) + " = rows", name="chunks_add_up"),
    *(sa.CheckConstraint(f"{name} >= 0", name=f"chunks_{name}") for name in _COUNTED),
    sa.Index(
        "chunks_open",
        "broadcast",
        "first_row",
        sqlite_where=sa.text("ready + sending + unknown > 0"),
        postgresql_where=sa.text("ready + sending + unknown > 0"),
    ),
    sqlite_with_rowid=False,
)

sent_digests = sa.Table(  # of forgotten broadcasts: of each uid and msg that may have arrived
    "sent_digests",
    metadata,
    sa.Column("broadcast", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("endpoint", Plain, nullable=False),
    sa.Column("endpoint_key", sa.Text, nullable=False, default=""),
    sa.Column("state", sa.Text, nullable=False),  # running, done, stopped, failed
    sa.Column("reason", Plain, nullable=False, default=""),
    sa.Column("verdict", sa.Text),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("report", sa.JSON),
    sa.Index("checks_by_time", "created_at"),
)

write_checks = sa.Table(
    "write_checks",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("written_at", sa.Float, nullable=False),
)
