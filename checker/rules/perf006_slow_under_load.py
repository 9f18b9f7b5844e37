"""PERF006 slow-under-load: with --load N: the 95th percentile of page times rises too far."""

from collections.abc import Iterable

from checker.core.model import LoadTestResult, Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule

__all__ = ["SlowUnderLoad"]


class SlowUnderLoad(Rule):
    """See the help beside this file."""

    id = "PERF006"
    name = "slow-under-load"
    severity = Severity.WARNING
    clause = "G5"
    summary = "with --load N: the 95th percentile of page times rises too far"
    fix = (
        "Serve several requests at once: more workers or threads, a pool of database "
        "connections, no lock around the query."
    )
    needs = frozenset({Need.SERVER, Need.LOAD_TEST})

    def on_load(self, load: LoadTestResult) -> Iterable[Location]:
        limit = self.context.config.slow_page_seconds
        alone, loaded = load.alone_p95, load.loaded_p95
        if loaded > limit or (loaded > 5 * alone and loaded - alone > 0.25):
            note = f"{loaded:.2f} s with {load.crawls} crawls at once, {alone:.2f} s with one"
            yield Location(exchange=load.slowest, note=note)

    def message(self, count: int, first: Location) -> str:
        return f"The pages are slow under load: the 95th percentile is {first.note}."
