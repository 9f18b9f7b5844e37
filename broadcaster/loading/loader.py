"""Loads an endpoint into the store: the checker's own crawl and rules, page by page.

A page is stored with its token in one transaction, once its rules found no error. A load that was
killed is resumed at its last page: stored pages are judged again from the store, so that loops and
repeats across the gap are found, and the last of them is fetched again and must have the same rows.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from broadcaster.delivery.owner import is_dead, new_owner
from broadcaster.errors import NotNow
from broadcaster.loading.csv_source import ContactsSource
from broadcaster.loading.resuming_client import ResumingClient, kept_headers
from broadcaster.model import Broadcast, BroadcastState, StopCause
from broadcaster.store import Store
from broadcaster.store.loads import StoredPage
from checker import Redactor
from checker.api import (
    Check,
    Config,
    Event,
    Listener,
    NextKind,
    Page,
    PageRead,
    Report,
    all_listeners,
    as_document,
)

__all__ = ["LoadResult", "Loader", "endpoint_key", "masked_endpoint"]

_LEASE_SECONDS = 300.0
_PATIENCE_SECONDS = 5.0
_PASSING = frozenset(
    {
        "connection-failed",
        "dns-failure",
        "rate-limited",
        "server-error",
        "timeout",
        "truncated-response",
        "auth-rejected",
    }
)
"""Names of rules whose fault may be gone, or be corrected by other headers, at the next try: a load
that one of them stopped is resumed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """How a load ended: the broadcast as it is now, and the check's report.

    `resumed_pages` were in the store already.
    """

    broadcast: Broadcast
    report: Report
    resumed_pages: int = 0


def endpoint_key(config: Config) -> str:
    """What tells whether two loads are of one endpoint, without telling the endpoint."""
    parts = [config.endpoint.url, config.endpoint.token_param, config.channel or ""]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def masked_endpoint(config: Config) -> str:
    """The URL as it may be shown and stored: every secret of the check is masked, also where a
    header's value appears in the path.
    """
    return Redactor(config.all_secrets()).text(config.endpoint.url)


class Loader:
    """Loads; knows nothing of channels and of how it is shown."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def find_or_create(
        self, config: Config, *, new: bool = False, source: str = "api"
    ) -> Broadcast:
        """The unfinished load of this endpoint, or a new one."""
        key = endpoint_key(config)
        found = None if new else self._store.broadcasts.unfinished_load(key)
        if found is None and not new:
            found = self._stopped_by_a_passing_fault(key)
        if found is not None:
            return found
        return self._store.broadcasts.create(
            now=self._clock(),
            source=source,
            endpoint=masked_endpoint(config),
            endpoint_key=key,
            token_param=config.endpoint.token_param,
            channel=config.channel,
        )

    def _stopped_by_a_passing_fault(self, key: str) -> Broadcast | None:
        newest = self._store.broadcasts.newest_of(key)
        if newest is None or newest.state is not BroadcastState.BLOCKED or not newest.pages:
            return None
        if newest.forgotten_at is not None or not _may_pass(newest.report):
            return None
        self._store.loads.reopen(newest.number, self._clock())
        return self._store.broadcasts.get(newest.id)

    def load(
        self,
        broadcast: Broadcast,
        config: Config,
        listener: Listener | None = None,
        *,
        begun: Callable[[Broadcast], None] | None = None,
    ) -> LoadResult:
        """Load until the end of the data, or the first error. An interrupt leaves the broadcast
        loading, to be resumed. `begun` is called with where it begins, once we own the load. Raises
        NotNow when another process loads it.
        """
        owner = new_owner()
        self._begin(broadcast, owner)
        try:
            # while we waited for another process to end, it may have stored more
            broadcast = self._store.broadcasts.get(broadcast.id)
            if begun is not None:
                begun(broadcast)
            run = _Run(self._store, broadcast, owner, config, self._clock)
            report = run.check(listener)
            self._end(broadcast, owner, run, report)
        finally:
            self._store.loads.release(broadcast.number, owner)
        return LoadResult(
            broadcast=self._store.broadcasts.get(broadcast.id),
            report=report,
            resumed_pages=len(run.stored),
        )

    def _begin(self, broadcast: Broadcast, owner: str) -> None:
        """Own the load; of a process that is just ending, wait for its end."""
        patient_until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            holder = self._store.loads.loader(broadcast.number)
            if holder is not None and is_dead(holder):
                self._store.loads.release(broadcast.number, holder)
            now = self._clock()
            try:
                self._store.loads.begin(
                    broadcast.number, owner, until=now + _LEASE_SECONDS, now=now
                )
            except NotNow:
                if holder is None or time.monotonic() >= patient_until:
                    raise
                time.sleep(0.1)
            else:
                return

    def _end(self, broadcast: Broadcast, owner: str, run: "_Run", report: Report) -> None:
        document = as_document(report)
        now = self._clock()
        if report.interrupted:
            return
        reason = run.changed or _why_blocked(report)
        if reason is None:
            self._store.loads.finish(broadcast.number, owner, document, now)
        else:
            cause = StopCause.CHANGED if run.changed else StopCause.CHECK_FAILED
            self._store.loads.block(broadcast.number, owner, reason, document, now, cause=cause)


def _may_pass(report: Mapping[str, Any] | None) -> bool:
    return report is not None and report["crawl"]["ended_by"] in _PASSING


def _why_blocked(report: Report) -> str | None:
    """The first error in a few words; None for a load that may be sent."""
    errors = [finding for finding in report.findings if finding.severity == "error"]
    if errors:
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        return f"{errors[0].rule} {errors[0].name}{more}"
    if not report.complete:
        return f"the end of the data was not reached ({report.crawl.ended_by})"
    if report.crashes:
        return "the checker itself failed, so not everything was judged"
    return None


class _ChangedError(KeyboardInterrupt):
    """Ends the crawl as an interrupt does: a page is not what it was when it was stored."""


class _Run:
    """One run of the checker over an endpoint, with what it reads going into the store."""

    def __init__(
        self,
        store: Store,
        broadcast: Broadcast,
        owner: str,
        config: Config,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._number = broadcast.number
        self._owner = owner
        self._config = replace(config, stop_at_error=True)
        self._clock = clock
        self._rows = broadcast.rows
        self.stored = store.loads.pages(broadcast.number)
        self.changed: str | None = None
        self._check: Check | None = None

    def check(self, listener: Listener | None) -> Report:
        """Crawl, judge and store."""
        listeners = all_listeners(self._store_page, listener)
        check = self._check = Check(self._config, listeners)
        check.client = ResumingClient(
            self._config,
            run=check.run_id,
            redactor=check.redactor,
            listener=listeners,
            stored=self.stored,
            rows=self._rows_of,
        )
        try:
            report = check.run()
        finally:
            check.close()
        if isinstance(self._config.sender, ContactsSource):
            report = self._config.sender.in_lines(report)
        return replace(report, interrupted=False) if self.changed else report

    def _rows_of(self, page: StoredPage) -> list[tuple[str, str]]:
        return self._store.loads.rows(self._number, page.first_row, page.rows)

    def _store_page(self, event: Event) -> None:
        if not isinstance(event, PageRead) or self._check is None:
            return
        page = event.page
        if page.number == len(self.stored):
            self._compare(page, self.stored[-1])
        if page.number <= len(self.stored) or self._check.first_error() is not None:
            return
        rows = [
            (uid, msg)
            for uid, msg in zip(page.uids, page.msgs, strict=True)
            if uid is not None and msg is not None
        ]
        if len(rows) != page.row_count or page.exchange.failure is not None:
            return  # its error is found at the end of the crawl
        self._add(page, rows)

    def _compare(self, page: Page, stored: StoredPage) -> None:
        # by its rows: a token may hold a nonce, and be another one each time
        if list(zip(page.uids, page.msgs, strict=True)) != self._rows_of(stored):
            self.changed = (
                f"page {stored.page} has other rows than when the load was interrupted; "
                "load it again with --new"
            )
            raise _ChangedError

    def _add(self, page: Page, rows: list[tuple[str, str]]) -> None:
        now = self._clock()
        stored = StoredPage(
            page=page.number,
            token=page.exchange.token,
            next_token=page.next.token if page.next.kind is NextKind.TOKEN else None,
            first_row=self._rows,
            rows=len(rows),
            headers=kept_headers(page.exchange),
            seconds=page.exchange.seconds,
        )
        self._store.loads.add_page(
            self._number, self._owner, stored, rows, until=now + _LEASE_SECONDS, now=now
        )
        self._rows += len(rows)
