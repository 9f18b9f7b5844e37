"""Runs the window on waitress: `serve(options)`, until it is interrupted.

A stream of events occupies a thread of the server, so there are more threads than streams.
"""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask
from waitress.server import create_server

from broadcaster.errors import WrongCommand
from broadcaster.store import default_address, open_store
from broadcaster.web.app import create_app
from broadcaster.web.config import WindowConfig
from broadcaster.web.jobs.queues import open_queues
from broadcaster.web.jobs.uploads import sweep

__all__ = ["add_arguments", "serve"]

PASSWORD_VARIABLE = "BROADCAST_PASSWORD"  # noqa: S105  a variable's name
METRICS_VARIABLE = "BROADCAST_METRICS_TOKEN"
_THREADS_BESIDE_STREAMS = 8
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
    logging.getLogger("waitress").setLevel(logging.ERROR)
    sweep()
    address = getattr(options, "store", None) or default_address(environ)
    with open_store(address) as store:
        store.checks.end_all_running(_LEFT_BEHIND, time.time())
        queues = open_queues(config, store, environ)
        try:
            if not config.public_checker:
                queues.sends.resume_left()
            _run(create_app(config, store, queues), config)
        finally:
            queues.close()
    return 0


def config_of(options: argparse.Namespace, environ: Mapping[str, str]) -> WindowConfig:
    """The settings that the command and the environment give. Raises WrongCommand."""
    return WindowConfig(
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


def _run(app: Flask, config: WindowConfig) -> None:
    proxy: dict[str, Any] = {}
    if config.behind_proxy:
        headers = {"x-forwarded-for", "x-forwarded-proto"}
        proxy = {"trusted_proxy": "*", "trusted_proxy_count": 1, "trusted_proxy_headers": headers}
    try:
        server = create_server(
            app,
            host=config.host,
            port=config.port,
            ident=None,
            threads=config.streams + _THREADS_BESIDE_STREAMS,
            max_request_body_size=config.request_limit_bytes + 1024 * 1024,
            connection_limit=500,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=True,
            **proxy,
        )
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
    sys.stdout.write(f"The window is at http://{host}:{server.effective_port}/\n")
    if config.password is not None and not config.behind_proxy:
        sys.stdout.write(
            "The password travels unencrypted: put a proxy with TLS before this "
            "(--behind-proxy), or use it in a network that you trust.\n"
        )
    sys.stdout.flush()
