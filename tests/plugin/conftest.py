"""What the plugin's tests share: endpoints to check, and pytest run on a made-up repository."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from answering import Server

import checker.pytest_plugin
import mockserver.pytest_plugin
from mockserver import MockConfig, MockServer

# Loaded here once, these serve every pytest that runs in this process.
assert checker.pytest_plugin
assert mockserver.pytest_plugin

EndpointWith = Callable[..., str]


@pytest.fixture(autouse=True)
def quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare each pytest that is started here a plugin that takes a second to load."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:schemathesis")


@pytest.fixture(scope="session")
def endpoint_with() -> Iterator[EndpointWith]:
    """`endpoint_with("PAGE004")`: the URL of a running mock with these faults."""
    with ExitStack() as stack:
        running: dict[tuple[str, ...], str] = {}

        def endpoint(*faults: str) -> str:
            if faults not in running:
                server = stack.enter_context(MockServer(MockConfig(faults=faults)))
                running[faults] = server.endpoint
            return running[faults]

        yield endpoint


@pytest.fixture
def answering() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def cases(pytester: pytest.Pytester) -> Callable[[pytest.RunResult], dict[str, str]]:
    """What --junitxml=out.xml says of each of our tests: `failure`, `skipped`, or `passed`."""

    def read(_result: pytest.RunResult) -> dict[str, str]:
        tree = ElementTree.parse(Path(pytester.path) / "out.xml")
        return {
            case.attrib["name"]: case[0].tag if len(case) else "passed"
            for case in tree.iter("testcase")
            if case.attrib["classname"] == "broadcast"
        }

    return read
