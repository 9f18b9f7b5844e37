"""Where the store is: `BROADCAST_STORE`, or a private file in the user's data directory."""

from collections.abc import Mapping
from pathlib import Path

import platformdirs
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from broadcaster.errors import WrongCommand

__all__ = ["default_address", "masked_address", "parse_address"]

VARIABLE = "BROADCAST_STORE"
_WANTED = "use sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def default_address(environ: Mapping[str, str]) -> str:
    """The URL from the environment, or that of the file in the user's data directory."""
    given = environ.get(VARIABLE, "").strip()
    if given:
        return given
    folder = Path(platformdirs.user_data_dir("broadcast-conformance", appauthor=False))
    return f"sqlite:///{folder / 'broadcasts.sqlite'}"


def parse_address(address: str) -> URL:
    """The URL with the driver that we use. Raises WrongCommand, which never repeats a password."""
    try:
        url = sa.make_url(address)
    except (ArgumentError, ValueError):
        raise WrongCommand(f"The store's address cannot be read ({VARIABLE}): {_WANTED}.") from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite":
        if not url.database or url.database == ":memory:" or url.query:
            raise WrongCommand(f"The store must be a file ({VARIABLE}): sqlite:///PATH.")
        return url.set(database=str(Path(url.database).expanduser().absolute()))
    raise WrongCommand(f"The store cannot be a {url.drivername!r} ({VARIABLE}): {_WANTED}.")


def masked_address(url: URL) -> str:
    """The address for a person: without its password, which may also stand in its query."""
    if url.drivername == "sqlite":
        return url.database or ""
    host = url.query.get("host", "")
    kept = {"host": host} if isinstance(host, str) and host else {}
    return url.set(drivername="postgresql", query=kept).render_as_string()
