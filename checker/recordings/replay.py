"""Judges a recording of ours again, without a network: answers each request out of the file."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker.core.errors import NotRecordedError, UsageError
from checker.core.model import Exchange, Headers, Purpose
from checker.core.needs import Need
from checker.recordings.har import BadEntryError, exchange_of
from checker.recordings.har_file import HarFile, entries_of
from checker.recordings.recorder import RECORDING_VERSION
from checker.text.redact import MASK

__all__ = ["Recording", "ReplayClient", "read_recording"]

Key = Callable[[Purpose, int | None, str | None, str], Hashable]
"""Where the answer to a request lies: by its purpose, page, token and method."""

Reasons = Mapping[Need, str]
"""What rules need and cannot have, with the reason."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A file that can be judged: where it came from, and who answers for it."""

    client: "ReplayClient"
    endpoint: str
    token_param: str | None = None
    max_pages: int | None = None
    headers: Headers = ()
    methods: tuple[str, ...] = ()


_NEED_OF = {
    Purpose.METHOD: Need.METHOD_PROBE,
    Purpose.REPLAY: Need.REPLAY_PROBE,
    Purpose.BAD_TOKEN: Need.BAD_TOKEN_PROBE,
    Purpose.COOKIE: Need.COOKIE_PROBE,
    Purpose.NO_CREDENTIALS: Need.NO_CREDENTIALS_PROBE,
    Purpose.ALTERED_CREDENTIALS: Need.ALTERED_CREDENTIALS_PROBE,
}


_NOTHING: Reasons = {}


class ReplayClient:
    """A source of pages that sends nothing."""

    def __init__(
        self,
        tape: HarFile,
        key: Key,
        *,
        lacking: Reasons = _NOTHING,
        missing: str = "the recording holds no answer to the request of page {page}",
    ) -> None:
        self._tape = tape
        self._key = key
        self._lacking = lacking
        self._missing = missing
        self._unanswered: dict[Purpose, None] = {}
        self._answered: set[Purpose] = set()
        self.requests = 0
        self.bytes = 0

    def close(self) -> None:
        """Let go of the file."""
        self._tape.close()

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """The recorded answer. Raises NotRecordedError."""
        exchange = self._answer(purpose, page, token, "GET")
        if purpose is not Purpose.BAD_TOKEN:
            exchange = replace(exchange, token=token)
        return replace(exchange, purpose=purpose, page=page)

    def try_method(self, method: str) -> Exchange:
        """The recorded answer to another method. Raises NotRecordedError."""
        return self._answer(Purpose.METHOD, None, None, method)

    def lacks(self) -> Reasons:
        """What no recording can tell, and what this one does not."""
        why = "the recording holds no answer to this probe"
        missing = [purpose for purpose in self._unanswered if purpose not in self._answered]
        probes = {_NEED_OF[purpose]: why for purpose in missing if purpose in _NEED_OF}
        return {**self._lacking, **probes}

    def _answer(
        self, purpose: Purpose, page: int | None, token: str | None, method: str
    ) -> Exchange:
        entry = self._tape.get(self._key(purpose, page, token, method))
        bodiless = entry is not None and (entry.get("_broadcast") or {}).get("body_left_out")
        if entry is None or bodiless:
            self._unanswered[purpose] = None
            why = "the recording holds no body of page {page}" if bodiless else self._missing
            raise NotRecordedError(why.replace("{page}", str(page)))
        self._answered.add(purpose)
        exchange = exchange_of(entry)
        self.requests += exchange.attempts + len(exchange.redirects)
        self.bytes += exchange.wire_bytes
        return exchange


def read_recording(name: str, head: dict[str, Any]) -> Recording:
    """A recording of ours, all of whose entries were looked at. Raises UsageError."""
    if head.get("recording_version") != RECORDING_VERSION:
        raise UsageError(
            f"{name} is a recording of another version of broadcast-check; "
            f"version {RECORDING_VERSION} was expected (log._broadcast.recording_version)."
        )
    tape = HarFile()
    with tape.closed_on_failure():
        methods = _taken_up(name, tape)
    max_pages = head.get("max_pages")
    return Recording(
        client=ReplayClient(tape, _key_of_ours, lacking=_NEVER_RECORDED),
        endpoint=str(head["endpoint"]),
        token_param=str(head.get("token_param") or "next"),
        max_pages=max_pages if isinstance(max_pages, int) else None,
        headers=tuple((str(header), MASK) for header in head.get("headers") or ()),
        methods=methods,
    )


def _taken_up(name: str, tape: HarFile) -> tuple[str, ...]:
    """Puts every entry on the tape; gives the methods that were probed beside POST."""
    methods = dict[str, None]()
    for number, entry in enumerate(entries_of(name), 1):
        try:
            exchange = exchange_of(entry)
        except BadEntryError as error:
            raise UsageError(f"{name}: entry {number} of log.entries is not {error}.") from None
        key = _key_of_ours(exchange.purpose, exchange.page, exchange.token, exchange.method)
        tape.add(key, entry)
        if exchange.purpose is Purpose.METHOD and exchange.method != "POST":
            methods[exchange.method] = None
    return tuple(methods)


_NEVER_RECORDED: Reasons = {Need.LOAD_TEST: "the crawls of --load are not recorded"}


def _key_of_ours(purpose: Purpose, page: int | None, _token: str | None, method: str) -> Hashable:
    if purpose in (Purpose.PAGE, Purpose.REPLAY):
        return purpose, page
    return (purpose, method) if purpose is Purpose.METHOD else purpose
