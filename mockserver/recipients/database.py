"""Rows from a table of any database that SQLAlchemy reaches, by keyset pagination.

Pages are cut by the key column (`key > last ORDER BY key LIMIT n`), never by OFFSET: page 10,000
costs what page 1 does, and rows added meanwhile shift nothing. Nothing is ever written.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchTableError, SQLAlchemyError

from mockserver.errors import BadInput, UnknownPosition
from mockserver.recipients.data import Position, Row, Slice

__all__ = ["TableRows"]


class TableRows:
    """The rows of one table, in the order of its key column."""

    def __init__(
        self,
        url: str,
        table: str,
        *,
        uid_column: str = "uid",
        msg_column: str = "msg",
        key_column: str | None = None,
    ) -> None:
        self._engine = _engine(url)
        try:
            reflected = _reflect(self._engine, table)
            self._uid = _column(reflected, uid_column)
            self._msg = _column(reflected, msg_column)
            self._key = _key_column(reflected, key_column or _usual_key(reflected, uid_column))
            self._require_usable_key()
        except BaseException:
            self.close()
            raise

    def read(self, after: Position | None, size: int) -> Slice:
        """Return up to `size` rows whose key follows the position."""
        query = sa.select(self._key, self._uid, self._msg).order_by(self._key).limit(size + 1)
        if after is not None:
            if not isinstance(after, self._key.type.python_type):
                raise UnknownPosition("the token belongs to another source of rows")
            query = query.where(self._key > after)
        with self._engine.connect() as connection:
            found = connection.execute(query).all()
        rows: list[Row] = [{"uid": str(uid), "msg": str(msg)} for _, uid, msg in found[:size]]
        onward = found[:size][-1][0] if rows else (after or _nowhere(self._key))
        return Slice(rows, onward, len(found) > size)

    def close(self) -> None:
        """Close the connections; the next read opens them anew."""
        self._engine.dispose()

    def _require_usable_key(self) -> None:
        """A key that is NULL or not unique would lose rows between two pages."""
        table, key = self._key.table, self._key
        if list(table.primary_key.columns) == [key]:
            return
        twice = sa.select(key).group_by(key).having(sa.func.count() > 1).limit(1)
        absent = sa.select(sa.literal(1)).where(key.is_(None)).limit(1)
        with self._engine.connect() as connection:
            if connection.execute(absent).first():
                raise BadInput(f"key column {key.name} holds NULL; name a unique column")
            if connection.execute(twice).first():
                raise BadInput(f"key column {key.name} holds a value twice; name a unique column")


def _engine(url: str) -> sa.Engine:
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        _require_file(address)
        return sa.create_engine(address, pool_pre_ping=True)
    except (ArgumentError, ValueError) as error:
        raise BadInput(f"not a database URL: {error}") from None
    except ModuleNotFoundError as error:
        raise BadInput(f"the database's driver is not installed: {error.name}") from None


def _require_file(url: URL) -> None:
    """SQLite would make an empty file of a misspelt name."""
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise BadInput(f"{url.database or 'an SQLite database in memory'}: no such file")


def _reflect(engine: sa.Engine, name: str) -> sa.Table:
    schema, _, table = name.rpartition(".")
    try:
        return sa.Table(table, sa.MetaData(), schema=schema or None, autoload_with=engine)
    except NoSuchTableError:
        raise BadInput(f"the database has no table {name}") from None
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise BadInput(f"the database cannot be read: {str(cause).splitlines()[0]}") from None


def _column(table: sa.Table, name: str) -> sa.Column[Any]:
    if name not in table.columns:
        raise BadInput(f"table {table.name} has no column {name}")
    return table.columns[name]


def _usual_key(table: sa.Table, uid_column: str) -> str:
    primary = list(table.primary_key.columns)
    return primary[0].name if len(primary) == 1 else uid_column


def _key_column(table: sa.Table, name: str) -> sa.Column[Any]:
    column = _column(table, name)
    try:
        fits = column.type.python_type in {int, str}
    except NotImplementedError:
        fits = False
    if not fits:
        raise BadInput(f"key column {name} holds neither integers nor text; name another")
    return column


def _nowhere(key: sa.Column[Any]) -> Position:
    return 0 if key.type.python_type is int else ""
