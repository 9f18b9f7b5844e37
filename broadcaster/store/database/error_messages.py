"""What a database says when it fails, as one sentence for a person. Pure, but for a look at how
much room a disk has; it never repeats what the database said, which may name a password or a row.
"""

import shutil
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from broadcaster.errors import StoreError, StoreUnreachable
from broadcaster.store.database.address import masked_address

__all__ = ["error_of", "wrong_encoding"]

_NO_ROOM = "has no room left on its disk; make room and run the same command again."
_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("disk is full", "no space left", "no room"), _NO_ROOM),
    (
        ("database is locked", "table is locked", "lock timeout", "locking protocol"),
        "is locked by another process; wait for it, or stop it, and try again.",
    ),
    (
        ("malformed", "not a database", "corrupt"),
        "is damaged, or no store at all; put a copy in its place, and keep the damaged file.",
    ),
    (
        ("read-only transaction", "during recovery"),
        "can only be read: it is a standby server, or set to read-only; name the primary server.",
    ),
    (
        ("readonly", "read-only"),
        "can only be read; its file and its folder must be writable.",
    ),
    (
        ("no write-ahead log",),
        "is on a disk that processes cannot share; name a place on another with BROADCAST_STORE.",
    ),
    (
        ("permission denied for", "must be owner"),
        (
            "does not allow this role to create or change tables; make the role the owner of the "
            "database, or let the owner run broadcast migrate and grant the rights that "
            "docs/operating.md lists."
        ),
    ),
    (
        ("unable to open", "disk i/o error"),
        "cannot be opened; its file or folder is gone or not ours to use.",
    ),
    (
        ("no such table", "no such column", "undefinedtable", "undefinedcolumn"),
        "lacks tables that it had; put a copy in its place.",
    ),
    (
        ("already exists",),
        "holds tables of another program; name another place with BROADCAST_STORE.",
    ),
    (
        ("password", "authentication", "role ", "no pg_hba.conf entry"),
        "refuses us; check the user and the password in BROADCAST_STORE.",
    ),
    (
        ('database "',),
        "has no such database; make it with createdb, or name another with BROADCAST_STORE.",
    ),
    (
        ("invalid connection option", "invalid dsn", "invalid integer value", "invalid sslmode"),
        "has a setting in its address that PostgreSQL does not know; see BROADCAST_STORE.",
    ),
    (
        ("too many clients", "connection slots", "too many connections", "queuepool limit"),
        "has too many users at once; wait for some of them, or allow it more connections.",
    ),
)
_UNREACHABLE = (
    "connection",
    "could not translate",
    "server closed",
    "terminat",
    "starting up",
    "shutting down",
    "recovery mode",
)
_LITTLE_ROOM_BYTES = 256 * 1024


def error_of(url: URL, error: Exception) -> StoreError:
    """What went wrong and what to do, without a secret."""
    place = f"The store {masked_address(url)!r}"
    cause = str(getattr(error, "orig", None) or error).lower()
    cause = f"{type(getattr(error, 'orig', None) or error).__name__.lower()}: {cause}"
    if ("disk i/o error" in cause or "unable to open" in cause) and _is_full(url):
        return StoreError(f"{place} {_NO_ROOM}")
    for words, rest in _SENTENCES:
        if any(word in cause for word in words):
            return StoreError(f"{place} {rest}")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or any(word in cause for word in _UNREACHABLE):
        return StoreUnreachable(
            f"{place} cannot be reached; once it can, run the same command again."
        )
    return StoreError(
        f"{place} failed ({type(error).__name__}); what was committed is still there. "
        "Please report it."
    )


def wrong_encoding(url: URL, encoding: str | None) -> str:
    """Why a database of PostgreSQL is of no use that is not in UTF-8."""
    return (
        f"The store {masked_address(url)!r} is a database in the encoding {encoding}, which cannot "
        "hold every text; create one with ENCODING 'UTF8' TEMPLATE template0, and name it in "
        "BROADCAST_STORE."
    )


def _is_full(url: URL) -> bool:
    # where there is no room for the file of shared memory, SQLite only says that it cannot write it
    try:
        free = shutil.disk_usage(Path(url.database or "").parent).free
    except OSError:
        return False
    return url.drivername == "sqlite" and free < _LITTLE_ROOM_BYTES
