"""Which needs of the rules a check does not meet, and why: the source of "not judged". Pure."""

from collections.abc import Iterator, Mapping

from checker.core.needs import Need
from checker.core.page_times import PAGES_TO_SEE_GROWTH
from checker.engine.state import RunState
from checker.parsing.streamed_body import ROWS_KEPT
from checker.rules.base import Rule

__all__ = ["OPTION_FOR", "reasons_not_judged"]

_NO_CHANNEL = "judged only with --channel"
_NO_LOAD_TEST = "judged only with --load"
_NO_CREDENTIAL = "no header that looks like a credential was given"

OPTION_FOR = {_NO_CHANNEL: "--channel", _NO_LOAD_TEST: "--load", _NO_CREDENTIAL: "-H"}
"""The option that lets the rules be judged, by the reason for which they were not."""

_PROBE_OF = {
    Need.METHOD_PROBE: "method",
    Need.REPLAY_PROBE: "replay",
    Need.BAD_TOKEN_PROBE: "bad-token",
    Need.NO_CREDENTIALS_PROBE: "no-credentials",
    Need.ALTERED_CREDENTIALS_PROBE: "altered-credentials",
}
_CREDENTIALS = (Need.NO_CREDENTIALS_PROBE, Need.ALTERED_CREDENTIALS_PROBE)


def reasons_not_judged(state: RunState, rules: Mapping[str, Rule]) -> dict[str, str]:
    """The first reason for each rule that has a need which is not met, by the rule's id."""
    found: dict[str, str] = {}
    for need, why in _unmet(state):
        for rule in rules.values():
            if need in rule.needs:
                found.setdefault(rule.id, why)
    return found


def _unmet(state: RunState) -> Iterator[tuple[Need, str]]:
    """Each need that is not met, with the reason; what says most about a rule comes first."""
    yield from state.lacks.items()
    yield from _of_the_crawl(state)
    yield from _of_the_probes(state)
    if state.abridged:
        yield (
            Need.EVERY_ROW,
            f"of a very large page only the first {ROWS_KEPT:,} rows are judged",
        )
    if state.timed_pages < PAGES_TO_SEE_GROWTH:
        yield Need.MANY_PAGES, f"there were fewer than {PAGES_TO_SEE_GROWTH} pages"
    if state.rows_forgotten is not None:
        yield Need.ROWS_COMPARED, state.rows_forgotten
    if state.config.channel is None:
        yield Need.CHANNEL, _NO_CHANNEL
    if not state.config.load:
        yield Need.LOAD_TEST, _NO_LOAD_TEST


def _of_the_crawl(state: RunState) -> Iterator[tuple[Need, str]]:
    if state.end.complete:
        if state.pages == 1:
            yield Need.SECOND_PAGE, "there was only one page"
    elif not state.page_was_read:
        yield Need.PAGE, "no page could be read"
    else:
        ended = f"the crawl ended early ({state.end.ended_by})"
        yield Need.WHOLE_CRAWL, state.not_recorded or ended


def _of_the_probes(state: RunState) -> Iterator[tuple[Need, str]]:
    for need, probe in _PROBE_OF.items():
        if probe not in state.asked_probes:
            yield need, _why_not_asked(state, need)
    if not state.config.probes:
        yield Need.COOKIE_PROBE, "the probes were turned off"


def _why_not_asked(state: RunState, need: Need) -> str:
    if not state.config.probes:
        return "the probes were turned off"
    if state.interrupted:
        return "the run was interrupted"
    if not state.reached:
        return "no HTTP response came"
    if need in _CREDENTIALS:
        return _NO_CREDENTIAL
    return "there was no second page to compare with"
