"""Writes a HAR 1.2 of all that was sent and received, entry by entry, while the check runs.

A listener of events: holds no page longer than it takes to write it. Secrets are masked in
everything, customers' data in bodies (masking.py) unless they are to be shown.
"""

import contextlib
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from checker.core.config import Config
from checker.core.events import CheckStarted, Event, Exchanged, Listener
from checker.core.model import Exchange, Headers
from checker.output.report_file import open_report
from checker.recordings.har import entry_of
from checker.recordings.masking import Masker
from checker.recordings.pseudonyms import Pseudonyms
from checker.text.redact import MASK, Redactor
from schemas import __version__

__all__ = ["BODY_RECORDED_BYTES", "RECORDING_VERSION", "Recorder", "open_recorder"]

RECORDING_VERSION = 1
BODY_RECORDED_BYTES = 4 * 1024 * 1024
"""A longer body is left out, and the entry says so."""

_COOKIES = frozenset({"cookie", "set-cookie"})


@contextlib.contextmanager
def open_recorder(name: str | None, config: Config) -> Iterator[Listener | None]:
    """A listener that records into this file, whole after an interrupt, too; None without a name.

    The file is tried at once, and replaced at the end. Raises UsageError.
    """
    if name is None:
        yield None
        return
    with open_report(name, "--record") as write:
        recorder = Recorder(write, config)
        yield recorder
        recorder.finish()


class Recorder:
    """Hands the recording over in parts, which make one JSON text once it is finished."""

    def __init__(
        self,
        write: Callable[[str], object],
        config: Config,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        key: bytes | None = None,
    ) -> None:
        """`key` makes the pseudonyms, and is stored nowhere."""
        self._write = write
        self._config = config
        self._now = now
        self._redactor = Redactor(config.all_secrets())
        self._given = {name.lower() for name, _ in config.headers}
        pseudonyms = None if config.show_data else Pseudonyms(key or secrets.token_bytes(32))
        self._masker = Masker(pseudonyms, self._redactor.text)
        self._run = ""
        self._entries = -1

    def __call__(self, event: Event) -> None:
        if isinstance(event, CheckStarted):
            self._run = event.run
            self._begin()
        elif isinstance(event, Exchanged):
            self._record(event.exchange)

    def finish(self) -> None:
        """The end of the file."""
        self._begin()
        self._write("\n]}}\n")

    def _begin(self) -> None:
        if self._entries >= 0:
            return
        self._entries = 0
        config = self._config
        head = {
            "version": "1.2",
            "creator": {"name": "broadcast-check", "version": __version__},
            "_broadcast": {
                "recording_version": RECORDING_VERSION,
                "run": self._run,
                "endpoint": self._redactor.text(config.endpoint.url),
                "token_param": config.endpoint.token_param,
                "max_pages": config.max_pages,
                "headers": [name for name, _ in config.headers],
                "data_shown": config.show_data,
            },
        }
        self._write(f'{{"log": {_json(head)[:-1]}, "entries": [')

    def _record(self, exchange: Exchange) -> None:
        self._begin()
        self._learn(exchange)
        entry = entry_of(
            exchange,
            started=self._now() - timedelta(seconds=exchange.seconds),
            body=self._body(exchange),
            mask=self._redactor.text,
            request_headers=self._request_headers(exchange),
        )
        _mask_cookies(entry["response"]["headers"])
        self._write((",\n" if self._entries else "\n") + _json(entry))
        self._entries += 1

    def _learn(self, exchange: Exchange) -> None:
        """Secrets that only the exchange shows: cookies, one-time addresses, and the altered
        credentials of a probe.
        """
        for url in (*exchange.redirects, exchange.final_url):
            for _, secret in self._config.endpoint.secret_parameters(url):
                self._redactor.add_passing(secret)
        for name, value in exchange.headers:
            if name.lower() == "set-cookie":
                self._redactor.add(value.partition(";")[0].partition("=")[2])
        for name, value in exchange.request_headers:
            if name.lower() in self._given and name.lower() != "user-agent":
                self._redactor.add(value)

    def _request_headers(self, exchange: Exchange) -> Headers:
        return tuple(
            (name, MASK if name.lower() in self._given | _COOKIES else self._redactor.text(value))
            for name, value in exchange.request_headers
        )

    def _body(self, exchange: Exchange) -> bytes | None:
        if len(exchange.body) > BODY_RECORDED_BYTES:
            return None
        return self._masker.body(exchange.body, is_page=exchange.succeeded)


def _mask_cookies(headers: list[dict[str, str]]) -> None:
    """A cookie keeps its name, which the probe with cookies needs, and loses its value."""
    for header in headers:
        if header["name"].lower() == "set-cookie":
            pair, semicolon, attributes = header["value"].partition(";")
            name, equals, value = pair.partition("=")
            header["value"] = f"{name}{equals}{MASK if value else ''}{semicolon}{attributes}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
