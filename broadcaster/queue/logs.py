"""Logs of workers: one JSON object a line, with the ids of broadcast and chunk.

No customer's data and no secret gets in: only the fields that our own code names, and of an
exception its type and places, never its words.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TextIO

__all__ = ["log_as_json"]

_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_QUIET = ("procrastinate", "psycopg", "psycopg.pool", "aiohttp", "alembic", "asyncio")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One line. The message is an event's name where it is ours."""
        ours = record.name.startswith("broadcaster")
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if ours else "library",
            "process": record.process,
        }
        if not ours:
            line["logger"] = record.name
        if ours:
            line |= {k: v for k, v in vars(record).items() if k not in _ORDINARY}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["places"] = [f"{one.filename}:{one.lineno}" for one in frames][-10:]
        return json.dumps(line, default=str)


def log_as_json(output: TextIO, level: int = logging.INFO) -> None:
    """From now on the process logs so, and libraries only what is wrong."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(_Json())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
