"""One check from the first request to the report: feeds the crawl and the probes to the rules."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from checker.core.config import Config
from checker.core.errors import NotRecordedError
from checker.core.events import CheckStarted, Event, Finished, Listener, PageRead, Probed
from checker.core.model import CrawlEnd, Exchange, LoadTestResult, Page, PageKind, Probe
from checker.core.page_times import PageTimes
from checker.core.protocols import PageSource
from checker.core.report import Report, Severity
from checker.crawling.client import Client
from checker.crawling.crawl import Crawl
from checker.crawling.load_test import LOAD_PAGES, run_load
from checker.crawling.probes import Probes
from checker.diagnosis.facts import Facts
from checker.diagnosis.record import CrawlRecord
from checker.engine.findings import BodyBudget, Tally
from checker.engine.state import RunState
from checker.engine.timeline import Timeline
from checker.engine.verdict import build_report
from checker.rules import all_rules
from checker.rules.base import Rule
from checker.rules.context import RuleContext
from checker.rules.selection import selected
from checker.stacks.recognition import recognized
from checker.text.redact import Redactor

__all__ = ["run"]

_LARGE_BODY_BYTES = 1024 * 1024
_HOOKS = (
    "on_exchange",
    "on_page",
    "on_defects",
    "on_violations",
    "on_probe",
    "on_load",
    "on_end",
)


def run(
    config: Config, listener: Listener | None = None, client: PageSource | None = None
) -> Report:
    """Check one endpoint. An interrupt ends the run early, and is told by the report.

    A `client` takes the place of the network, as one that replays a recording does.
    """
    check = Check(config, listener or _unheard, client)
    try:
        return check.run()
    finally:
        check.close()


class Check:
    """The state of one run."""

    def __init__(
        self, config: Config, listener: Listener, client: PageSource | None = None
    ) -> None:
        self.config = config
        self.listener = listener
        self.run_id = secrets.token_hex(6)
        self.redactor = Redactor(config.all_secrets())
        self.context = RuleContext(config, self.redactor)
        self.rules = {rule_id: rule(self.context) for rule_id, rule in all_rules().items()}
        self.tallies: dict[str, Tally] = {}
        self.bodies = BodyBudget()
        self.crashes: dict[str, str] = {}
        self.hooks = {
            hook: [
                (rule.id, getattr(rule, hook))
                for rule in self.rules.values()
                if getattr(type(rule), hook) is not getattr(Rule, hook)
            ]
            for hook in _HOOKS
        }
        self.client: PageSource = client or self._new_client(listener)
        self.crawl = Crawl(
            config.endpoint,
            lambda token, number: self.client.get_page(token, page=number),
            max_pages=config.max_pages,
            max_empty_pages=config.max_empty_pages,
            rule_names={rule_id: rule.name for rule_id, rule in self.rules.items()},
            going_on=self._send_ahead,
            ask_again=self._ask_again if config.probes else None,
        )
        self.times = PageTimes()
        self.timeline = Timeline()
        self.record = CrawlRecord(config)
        self.pages = self.rows = self.filled_pages = 0
        self.first: Page | None = None
        self.second: Page | None = None
        self.replayed_later: Page | None = None
        self.asked_probes: set[str] = set()
        self.reached = self.abridged = False
        self.interrupted = False
        self.unrecorded: str | None = None
        self.extra_requests = self.extra_bytes = 0

    def close(self) -> None:
        self.client.close()

    def run(self) -> Report:
        started, clock = datetime.now(UTC), time.monotonic()
        self.listener(
            CheckStarted(endpoint=self.redactor.text(self.config.endpoint.url), run=self.run_id)
        )
        try:
            try:
                self._crawl()
            except NotRecordedError as error:
                self.unrecorded = str(error)
                self.crawl.end = CrawlEnd(ended_by="not-recorded")
            if self.config.probes and self._goes_on():
                self._probe()
            if self.config.load and self._goes_on():
                self._load()
        except KeyboardInterrupt:
            self.interrupted = True
        end = self.crawl.end if self.crawl.end is not None else CrawlEnd(ended_by="interrupted")
        self._feed("on_end", end)
        report = build_report(self._state(end, started, time.monotonic() - clock))
        self.listener(Finished(report=report))
        return report

    def _state(self, end: CrawlEnd, started: datetime, seconds: float) -> RunState:
        """All that this run knows now."""
        first = self.first
        return RunState(
            config=self.config,
            facts=self._facts(end),
            run_id=self.run_id,
            started=started,
            seconds=seconds,
            end=end,
            rules=self.rules,
            tallies=self.tallies,
            crashes=self.crashes,
            chosen=self.chosen(),
            redactor=self.redactor,
            pages=self.pages,
            rows=self.rows,
            requests=self.client.requests + self.extra_requests,
            bytes=self.client.bytes + self.extra_bytes,
            timed_pages=self.filled_pages,
            page_seconds=self.times.summary(),
            timeline=self.timeline.points(),
            asked_probes=frozenset(self.asked_probes),
            lacks=self.client.lacks(),
            page_was_read=first is not None and first.kind is not PageKind.UNREADABLE,
            reached=self.reached,
            abridged=self.abridged,
            interrupted=self.interrupted,
            rows_forgotten=self.context.rows_forgotten,
            not_recorded=self.unrecorded,
        )

    def _facts(self, end: CrawlEnd) -> Facts:
        """What the causes may look at."""
        facts = self.record.facts(
            end=end,
            places={rule: tuple(tally.locations) for rule, tally in self.tallies.items()},
            counts={rule: tally.count for rule, tally in self.tallies.items()},
            pages_read=self.pages,
            rows_read=self.rows,
            mask=self.redactor.text,
        )
        return replace(facts, stack=recognized(facts.answers()))

    def first_error(self) -> str | None:
        """The id of a rule that has found an error so far."""
        chosen = self.chosen()
        errors = (
            rule_id
            for rule_id in self.tallies
            if self.rules[rule_id].severity is Severity.ERROR and rule_id in chosen
        )
        return next(errors, None)

    def _goes_on(self) -> bool:
        stopped = self.config.stop_at_error and self.first_error() is not None
        return self.reached and not stopped

    def _new_client(self, listener: Listener) -> Client:
        return Client(self.config, run=self.run_id, redactor=self.redactor, listener=listener)

    def _crawl(self) -> None:
        before: Page | None = None
        for page in self.crawl.pages():
            self._judge_page(page)
            if page.number == 1:
                self.first = page
            elif page.number == 2:
                self.second = page
                self._replay_first(page)
            if before is not None and before.number > 1:
                self.replayed_later = before
            before = page
            if self.config.stop_at_error and self.crawl.end is None:
                self._stop_at_error(page)

    def _stop_at_error(self, page: Page) -> None:
        rule_id = self.first_error()
        if rule_id is not None:
            name = self.rules[rule_id].name
            self.crawl.end = CrawlEnd(ended_by=name, rule=rule_id, page=page)

    def _send_ahead(self, page: Page) -> None:
        """The next page is on its way while the rules see this one; but a probe comes right after
        the second page, and a large page would keep us too long from looking at the clock.
        """
        probed = self.config.probes and page.number == 2
        if probed or len(page.exchange.body) > _LARGE_BODY_BYTES:
            return
        if isinstance(self.client, Client) and page.next.token is not None:
            self.client.send_ahead(page.next.token)

    def _judge_page(self, page: Page) -> None:
        """Everything that a page of the crawl brings."""
        self.pages += page.kind is not PageKind.UNREADABLE
        self.rows += page.row_count
        self.filled_pages += page.kind is PageKind.ROWS
        if page.kind is not PageKind.UNREADABLE:
            self.timeline.add(page=page.number, rows=page.row_count, seconds=page.exchange.seconds)
        self.abridged = self.abridged or page.row_count > len(page.rows)
        self.reached = self.reached or page.exchange.status is not None
        self._feed("on_exchange", page.exchange)
        if page.kind is not PageKind.UNREADABLE:
            self.times.add(page.exchange)
            self._feed("on_page", page)
        if page.defects:
            self._feed("on_defects", page)
        if page.violations:
            self._feed("on_violations", page)
        self.record.add_page(page)
        repeated = self.crawl.end is not None and self.crawl.end.rule in ("NEXT004", "NEXT005")
        if page.rows and not repeated:
            self.context.remember(page)
        else:
            self.context.skip(page)
        self.listener(PageRead(page=page))
        page.forget_rows()

    def _replay_first(self, second: Page) -> None:
        ignored = self.crawl.end is not None and self.crawl.end.rule == "NEXT004"
        readable = second.kind is not PageKind.UNREADABLE
        if self.config.probes and self.first is not None and readable and not ignored:
            first = self.first
            self._ask(lambda: [self._probes().replay(first, others=(second,))])

    def _ask_again(self, page: Page) -> Page | None:
        """The answer to a page's request sent once more, where the crawl itself needs it."""
        answers = self._ask(lambda: [self._probes().again(page)])
        return next((probe.page for probe in answers if probe is not None), None)

    def _probes(self) -> Probes:
        return Probes(self.config, self.client)

    def _probe(self) -> None:
        probes = self._probes()
        first = self.first
        readable = first if first is not None and first.kind is not PageKind.UNREADABLE else None
        if self.replayed_later is not None and self.replayed_later.row_count:
            later = self.replayed_later
            self._ask(lambda: [probes.replay(later)])
        self._probe_with_cookies(probes)
        self._ask(lambda: [probes.bad_token(readable)])
        if probes.has_credentials():
            self._ask(lambda: [probes.without_credentials(readable)])
            self._ask(lambda: [probes.altered_credentials(readable)])
        self._ask(lambda: probes.methods(first))

    def _probe_with_cookies(self, probes: Probes) -> None:
        end, first, second = self.crawl.end, self.first, self.second
        if end is None or first is None or second is None or end.page is not second:
            return
        if second.kind is PageKind.UNREADABLE or end.rule == "NEXT004":
            self._ask(lambda: [probes.with_cookies(first, second)])

    def _ask(self, ask: Callable[[], Sequence[Probe | None]]) -> Sequence[Probe | None]:
        """Sends probes and hands their answers to the rules."""
        try:
            answers = ask()
        except NotRecordedError:
            return ()
        for probe in answers:
            if probe is not None:
                self.asked_probes.add(probe.purpose.value)
                self.record.add_probe(probe)
                self._feed("on_probe", probe)
                self.listener(Probed(purpose=probe.purpose, exchange=probe.exchange))
        return answers

    def _load(self) -> None:
        names = {rule_id: rule.name for rule_id, rule in self.rules.items()}
        alone = self.times.first(LOAD_PAGES)
        result = run_load(self.config, lambda: self._new_client(_unheard), alone, names)
        self.extra_requests, self.extra_bytes = result.requests, result.bytes
        self._feed("on_load", result)

    def _feed(
        self, hook: str, subject: Exchange | Page | Probe | CrawlEnd | LoadTestResult
    ) -> None:
        """Hands the subject to each rule that listens. A rule that fails is told apart from the
        endpoint's faults, and the run goes on.
        """
        for rule_id, listen in self.hooks[hook]:
            try:
                for location in listen(subject):
                    self.tallies.setdefault(rule_id, Tally(self.bodies)).add(location)
                    self.record.add_place(rule_id, location)
            except Exception as error:  # noqa: BLE001  whatever it is, it is our failure
                self.crashes[rule_id] = type(error).__name__

    def chosen(self) -> frozenset[str]:
        """The rules that --select and --ignore leave."""
        return selected(self.config, all_rules())


def _unheard(event: Event) -> None:
    """The listener of those who want none."""
