"""Runs the window on waitress: `serve(options)`, until it is interrupted.

A stream of events occupies a thread of the server, so there are more threads than streams.
"""

import argparse
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask

from broadcaster.errors import WrongCommand
from broadcaster.store import default_address, open_store
from broadcaster.web.access.sessions import Sessions
from broadcaster.web.app import create_app
from broadcaster.web.config import WindowConfig
from broadcaster.web.http_server import open_server
from broadcaster.web.jobs.queues import open_queues
from broadcaster.web.jobs.uploads import sweep

__all__ = ["add_arguments", "serve"]

PASSWORD_VARIABLE = "BROADCAST_PASSWORD"  # noqa: S105  a variable's name
METRICS_VARIABLE = "BROADCAST_METRICS_TOKEN"
_OF_THE_SERVER = frozenset({PASSWORD_VARIABLE, METRICS_VARIABLE})
_NEEDED = frozenset(
    (
        *("HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"),
        *("APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA"),
        *("SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "WINDIR"),
        "VIRTUAL_ENV",
    )
)
_NEEDED_BEGINNINGS = ("LC_", "PG", "PYTHON", "COV", "SSL_", "XDG_")
"""PG: of the store's database; SSL_: certificates; COV: of a measurement of test coverage."""

_LEFT_BEHIND = "the server was stopped before the check ended"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `broadcast serve`."""
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on (default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8322,
        metavar="N",
        help="port to listen on; 0 takes a free one (default: 8322)",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="also answer to this host name; repeatable",
    )
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help="read the password from this file (default: BROADCAST_PASSWORD)",
    )
    parser.add_argument(
        "--no-token",
        action="store_true",
        help="let every user of this machine in: put no token into the printed address",
    )
    parser.add_argument(
        "--public-checker",
        action="store_true",
        help="serve only the check, to anyone, within limits",
    )
    parser.add_argument(
        "--allow-private",
        action="store_true",
        help="let checks and loads connect to addresses that are not public",
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="trust one proxy for the client's address and the scheme",
    )
    parser.add_argument(
        "--via",
        action="append",
        default=[],
        metavar="CHANNEL",
        help="channel to send by; repeatable (default: those that the environment configures)",
    )
    parser.add_argument(
        "--channel-ca-bundle",
        metavar="FILE",
        help="also trust the certificate authorities in this PEM file for channels",
    )
    parser.add_argument(
        "--checks-at-once",
        type=int,
        default=8,
        metavar="N",
        help="run at most N checks at a time; more wait (default: 8)",
    )


def serve(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> int:
    """Serve until SIGINT or SIGTERM; 0 then. Raises BroadcastError when it cannot be started."""
    config = config_of(options, environ)
    environ = _leave_to_children(environ)
    logging.getLogger("waitress").setLevel(logging.ERROR)
    sweep()
    address = getattr(options, "store", None) or default_address(environ)
    with open_store(address) as store:
        store.checks.end_all_running(_LEFT_BEHIND, time.time())
        queues = open_queues(config, store, environ)
        try:
            if not config.public_checker:
                queues.sends.resume_left()
            sessions = Sessions()
            _run(create_app(config, store, queues, sessions), config, sessions)
        finally:
            queues.close()
    return 0


def _leave_to_children(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The channels' own settings. From now on this process and its children have only the variables
    that they need, and import nothing from the current folder.
    """
    given = dict(environ)
    if environ is os.environ:
        for name in [one for one in given if not _is_needed(one)]:
            del os.environ[name]
        os.environ["PYTHONSAFEPATH"] = "1"
    return {
        name: value
        for name, value in given.items()
        if name not in _OF_THE_SERVER and (name.startswith("BROADCAST_") or _is_needed(name))
    }


def _is_needed(name: str) -> bool:
    return name in _NEEDED or name.startswith(_NEEDED_BEGINNINGS)


def config_of(options: argparse.Namespace, environ: Mapping[str, str]) -> WindowConfig:
    """The settings that the command and the environment give. Raises WrongCommand."""
    config = WindowConfig(
        host=options.host,
        port=options.port,
        names=tuple(options.name),
        password=_password(options.password_file, environ),
        metrics_token=environ.get(METRICS_VARIABLE, "").strip() or None,
        public_checker=options.public_checker,
        allow_private=options.allow_private,
        behind_proxy=options.behind_proxy,
        via=tuple(options.via),
        channel_ca_bundle=options.channel_ca_bundle,
        checks_at_once=options.checks_at_once,
    )
    if options.no_token or config.hosted or config.password is not None:
        return config
    return replace(config, token=secrets.token_urlsafe(24))


def _password(file: str | None, environ: Mapping[str, str]) -> str | None:
    if file is None:
        return environ.get(PASSWORD_VARIABLE) or None
    try:
        text = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WrongCommand(f"The password file {file!r} cannot be read as text.") from None
    if not text:
        raise WrongCommand(f"The password file {file!r} is empty.")
    return text


def _run(app: Flask, config: WindowConfig, sessions: Sessions) -> None:
    asks_for_login = config.password is not None or config.token is not None
    try:
        server = open_server(app, config, sessions.holds_any if asks_for_login else None)
    except OSError as error:
        raise WrongCommand(
            f"Cannot listen on {config.host}, port {config.port}: {error.strerror}."
        ) from None
    _until_stopped(server, config)


def _until_stopped(server: Any, config: WindowConfig) -> None:
    """Serve until Ctrl-C, or the signal of a process manager."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        _print_address(server, config)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        server.close()


def _print_address(server: Any, config: WindowConfig) -> None:
    host = f"[{config.host}]" if ":" in config.host else config.host
    token = f"?token={config.token}" if config.token is not None else ""
    sys.stdout.write(f"The window is at http://{host}:{server.effective_port}/{token}\n")
    if config.password is not None and not config.behind_proxy:
        sys.stdout.write(
            "The password travels unencrypted: put a proxy with TLS before this "
            "(--behind-proxy), or use it in a network that you trust.\n"
        )
    sys.stdout.flush()
