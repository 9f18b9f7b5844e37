"""A private PostgreSQL for one measurement, as durable as in production unless told otherwise."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.serving import MissingProgramError

__all__ = ["database"]

_SETTINGS = ("listen_addresses=''", "shared_buffers=512MB", "max_wal_size=4GB")


@contextmanager
def database(*, durable: bool = True) -> Iterator[str]:
    """Its address, for BROADCAST_STORE. Not `durable`: nothing is forced to the disk."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = {"user": "postgres" if "postgres" in names else "nobody", "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user["user"])

        def run(*command: str | Path) -> None:
            with (folder / "output").open("w") as output:
                subprocess.run(command, cwd=folder, check=True, stdout=output, **user)

        run(
            initdb,
            "-D",
            "data",
            "--no-sync",
            "-U",
            "bench",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
        )
        settings: Sequence[str] = (*_SETTINGS, *(() if durable else ("fsync=off",)))
        options = " ".join(f"-c {one}" for one in settings) + f" -k {folder}"
        run(pg_ctl, "-D", "data", "-w", "-l", "log", "-o", options, "start")
        try:
            yield f"postgresql://bench@/postgres?host={folder}"
        finally:
            run(pg_ctl, "-D", "data", "-w", "-m", "immediate", "stop")


def _program(name: str) -> Path:
    newest_first = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *newest_first]))
    if found is None:
        raise MissingProgramError(f"{name} of PostgreSQL is not here")
    return Path(found)
