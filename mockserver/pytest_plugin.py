"""The fixtures `broadcast_mock` and `broadcast_referee`, made from a test's markers.

Only `pytest_broadcast` imports this.

pytest is not a dependency of ours: who uses the plugin has it.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from mockserver.errors import BadOption, MockError
from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import GeneratedRows, ListedRows, RowSource
from mockserver.recipients.server import MockServer
from mockserver.referee.clients import Client, CommandClient, FunctionClient
from mockserver.referee.game import PATIENCE_SECONDS, judge
from mockserver.referee.scenarios import scenarios

__all__ = ["mock_for", "referee_for", "scenario_ids"]

_SETTINGS = ("rows", "page_size", "required_headers", "token_param", "latency_seconds")


@contextmanager
def mock_for(item: pytest.Item) -> Iterator[MockServer]:
    """The mock that a test's markers ask for, running."""
    try:
        server = MockServer(_config_for(item)).__enter__()
    except MockError as error:
        pytest.fail(f"broadcast_mock: {error}", pytrace=False)
    try:
        yield server
    finally:
        server.__exit__(None, None, None)


class RefereeWarning(UserWarning):
    """What deserves a warning in a client that passed."""


Read = Callable[[str, Mapping[str, str]], Iterable[Mapping[str, Any]]]


def scenario_ids(*, resumes: bool = False) -> list[str]:
    """The ids of the referee's scenarios, in their order.

    Those that kill the client are left out unless it `resumes`.
    """
    return [each.id for each in scenarios().values() if resumes or not each.killed_at_request]


def referee_for(item: pytest.Item, scenario_id: str) -> Callable[[Read | Sequence[str]], None]:
    """A function that plays one scenario to a client, and fails the test for an error."""
    patience_seconds, resumes = _settings_of(item)

    def judge_client(client: Read | Sequence[str]) -> None:
        if not callable(client):
            player: Client = CommandClient(client, resumes=resumes)
        elif resumes:
            pytest.fail("resumes=True needs a command: a function cannot be killed", pytrace=False)
        else:
            player = FunctionClient(client)
        judgement = judge(player, scenarios()[scenario_id], patience_seconds)
        scenario = judgement.scenario
        if judgement.passed:
            return
        said = [f"{scenario.id} {scenario.name}: {scenario.summary}", *judgement.complaints]
        said.append(f"Help: broadcast-mock referee --explain {scenario.id}")
        if judgement.failed:
            pytest.fail("\n".join(said), pytrace=False)
        warnings.warn("\n".join(said), RefereeWarning, stacklevel=2)

    return judge_client


def _settings_of(item: pytest.Item) -> tuple[float, bool]:
    marker = item.get_closest_marker("broadcast_referee")
    settings = dict(marker.kwargs) if marker else {}
    patience = settings.pop("patience_seconds", PATIENCE_SECONDS)
    resumes = settings.pop("resumes", False)
    if settings or (marker and marker.args) or not isinstance(patience, int | float):
        pytest.fail(
            "the marker broadcast_referee takes patience_seconds=NUMBER and resumes=True",
            pytrace=False,
        )
    return float(patience), bool(resumes)


def _config_for(item: pytest.Item) -> MockConfig:
    settings: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("broadcast_mock"))):  # the nearest one decides
        if marker.args:
            raise BadOption("the marker broadcast_mock takes named arguments, such as rows=500")
        settings |= marker.kwargs
    unknown = sorted(settings.keys() - set(_SETTINGS))
    if unknown:
        known = ", ".join(_SETTINGS)
        raise BadOption(f"the marker broadcast_mock takes {known}, not {unknown[0]!r}")
    rows = _rows(settings.pop("rows", 1000))
    return MockConfig(rows=rows, faults=tuple(_faults_of(item)), **settings)


def _rows(given: Any) -> RowSource:
    if isinstance(given, bool):
        raise BadOption("rows must be a number or a list of {'uid': …, 'msg': …}")
    if isinstance(given, int):
        return GeneratedRows(given)
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        return ListedRows(list(given))
    if hasattr(given, "read"):
        source: RowSource = given
        return source
    raise BadOption("rows must be a number or a list of {'uid': …, 'msg': …}")


def _faults_of(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("broadcast_fault"):
        if marker.kwargs or not all(isinstance(name, str) for name in marker.args):
            raise BadOption("the marker broadcast_fault takes names, such as 'PAGE004'")
        yield from marker.args
