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
    if _is_ambiguous(address):
        raise WrongCommand(
            f"The store's address has more than one @ ({VARIABLE}): write each @ of the user or "
            "the password as %40, and in the same way : as %3A, / as %2F, ? as %3F and % as %25."
        )
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


def _is_ambiguous(address: str) -> bool:
    """Whether what stands behind the first @ may still be a part of the password."""
    if address.startswith("sqlite:"):
        return False
    rest, _, query = address.partition("@")[2].partition("?")
    return "@" in rest or any("@" in pair.partition("=")[0] for pair in query.split("&"))


def masked_address(url: URL) -> str:
    """The address for a person: without its password, which may also stand in its query."""
    if url.drivername == "sqlite":
        return url.database or ""
    host = url.query.get("host", "")
    kept = {"host": host} if isinstance(host, str) and host else {}
    return url.set(drivername="postgresql", query=kept).render_as_string()
