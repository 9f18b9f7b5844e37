"""The function `checker.check`: a check from plain arguments."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checker.core.config import Config, parse_headers
from checker.core.endpoint import Endpoint
from checker.core.events import Listener
from checker.core.model import BODY_LIMIT_BYTES
from checker.core.protocols import HostResolver
from checker.core.report import Report
from checker.engine.run import run
from checker.rules import all_rules
from checker.rules.selection import selected
from checker.transport.inprocess import HOST, sender_for

__all__ = ["check"]


def check(
    url: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    token_param: str = "next",  # noqa: S107  a parameter's name
    channel: str | None = None,
    probes: bool = True,
    probe_methods: Iterable[str] = (),
    max_pages: int = 100_000,
    max_empty_pages: int = 100,
    timeout: float = 30.0,
    retries: int = 2,
    delay: float = 0.0,
    ca_bundle: str | None = None,
    load: int = 0,
    strict: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    show_data: bool = False,
    body_limit_bytes: int = BODY_LIMIT_BYTES,
    resolver: HostResolver | None = None,
    listener: Listener | None = None,
    app: Callable[..., Any] | None = None,
) -> Report:
    """Crawl the endpoint at `url`, judge it by every rule, and return the report.

    With `app`, a WSGI or ASGI 3 application, no socket is opened, and `url` is the endpoint's path
    in it, such as "/recipients", or a whole URL where the app cares for its host. What it raises is
    reported as the status 500 that a server would answer.

    `timeout` bounds each request as a whole, `delay` is the pause between two of them, both in
    seconds. Prints nothing. Raises UsageError for a
    wrong argument, before anything is sent; what is wrong with the endpoint is in the report.
    """
    sender = None
    if app is not None:
        url = f"{HOST}{url}" if url.startswith("/") else url
        sender = sender_for(app, timeout_seconds=timeout, body_limit_bytes=body_limit_bytes)
    config = Config(
        endpoint=Endpoint.parse(url, token_param),
        headers=parse_headers(headers),
        channel=channel,
        probes=probes,
        probe_methods=tuple(probe_methods),
        max_pages=max_pages,
        max_empty_pages=max_empty_pages,
        timeout_seconds=timeout,
        retries=retries,
        delay_seconds=delay,
        ca_bundle=ca_bundle,
        load=load,
        strict=strict,
        select=tuple(select),
        ignore=tuple(ignore),
        show_data=show_data,
        body_limit_bytes=body_limit_bytes,
        resolver=resolver,
        sender=sender,
    )
    selected(config, all_rules())
    report = run(config, listener)
    if report.interrupted:
        raise KeyboardInterrupt
    return report
