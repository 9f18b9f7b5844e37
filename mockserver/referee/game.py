"""Plays scenarios to a client: a mock for each, the client's run, and what is wrong with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import GeneratedRows
from mockserver.recipients.server import MockServer
from mockserver.referee.clients import Client, ClientRun
from mockserver.referee.scenario import Evidence, Scenario, Severity

__all__ = ["PATIENCE_SECONDS", "Judgement", "judge", "play"]

PATIENCE_SECONDS = 60.0
"""How long a client may take for one scenario."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the referee says of a client in one scenario."""

    scenario: Scenario
    complaints: tuple[str, ...]
    run: ClientRun
    requests: int

    @property
    def passed(self) -> bool:
        """Whether there is nothing to complain about."""
        return not self.complaints

    @property
    def failed(self) -> bool:
        """Whether the client made an error, as opposed to what deserves a warning."""
        return bool(self.complaints) and self.scenario.severity is Severity.ERROR


def play(
    client: Client, games: Iterable[Scenario], patience_seconds: float = PATIENCE_SECONDS
) -> Iterator[Judgement]:
    """Play the scenarios one after the other; each judgement comes as soon as it is there.

    The scenario with a kill is left out for a client that cannot go on after one.
    """
    for scenario in games:
        if client.resumes or not scenario.killed_at_request:
            yield judge(client, scenario, patience_seconds)


def judge(
    client: Client, scenario: Scenario, patience_seconds: float = PATIENCE_SECONDS
) -> Judgement:
    """Play one scenario on servers of its own, which are gone afterwards."""
    with MockServer(MockConfig(rows=GeneratedRows(0))) as elsewhere:
        config = scenario.config(elsewhere.endpoint.replace("127.0.0.1", "localhost"))
        elsewhere.play(
            MockConfig(
                rows=config.rows, page_size=config.page_size, token_secret=config.token_secret
            )
        )
        with MockServer(config) as mock:
            run = _run(client, scenario, mock, patience_seconds)
            evidence = Evidence(
                run=run,
                requests=mock.requests,
                elsewhere=elsewhere.requests,
                rows=scenario.rows,
                headers=scenario.headers,
            )
    return Judgement(
        scenario=scenario,
        complaints=tuple(_complaints(scenario, evidence)),
        run=run,
        requests=len(evidence.requests),
    )


def _run(
    client: Client, scenario: Scenario, mock: MockServer, patience_seconds: float
) -> ClientRun:
    url = mock.endpoint + scenario.query
    if not scenario.killed_at_request:
        return client.run(url, scenario.headers, patience_seconds)

    def kill_now() -> bool:
        return len(mock.requests) >= scenario.killed_at_request

    return client.run_killed(url, scenario.headers, patience_seconds, kill_now)


def _complaints(scenario: Scenario, evidence: Evidence) -> Iterator[str]:
    if evidence.run.problem:
        yield f"The client is at fault: {evidence.run.problem}."
    elif not evidence.requests:
        yield "It sent no request."
        if evidence.run.failure:
            yield f"It failed: {evidence.run.failure}"
    else:
        yield from scenario.judge(evidence)
