"""The pytest plugin's door: `pytest --broadcast-endpoint URL`, and two fixtures (docs/pytest.md).

pytest imports this module in every repository of an environment in which we are installed, so it
must cost nothing and take no name. `checker`, `mockserver` and `schemas` may be the names of the
user's own folders: ours are loaded only when asked for, and then under a name of their own, unless
the user's tests have already imported ours themselves.
"""

import ast
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

__all__: list[str] = []

_HOME = Path(__file__).parent
_OURS = ("checker", "mockserver", "schemas")
_ALIAS = "_broadcast_conformance"

_MARKERS = (
    "broadcast: the tests that --broadcast-endpoint adds, one for every rule",
    "broadcast_fault(*names): what is wrong with broadcast_mock, such as 'PAGE004', 'NEXT006@2'",
    "broadcast_referee(patience_seconds=60, resumes=False): how broadcast_referee plays a scenario",
    "broadcast_mock(**settings): what broadcast_mock serves; the settings are in docs/pytest.md",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, which mean what those of broadcast-check mean."""
    group = parser.getgroup("broadcast", "check a broadcast endpoint, one test for every rule")
    group.addoption("--broadcast-endpoint", metavar="URL", help="the endpoint to check")
    group.addoption(
        "--broadcast-header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="a request header; repeatable",
    )
    group.addoption(
        "--broadcast-header-env",
        action="append",
        default=[],
        metavar="NAME=VAR",
        help="the header NAME with the value of the environment variable VAR; "
        "repeatable, and better for secrets",
    )
    group.addoption(
        "--broadcast-token-param",
        metavar="NAME",
        help="the query parameter that carries the token (default: next)",
    )
    group.addoption("--broadcast-channel", metavar="NAME", help="judge by a channel, such as line")
    group.addoption(
        "--broadcast-select",
        action="append",
        default=[],
        metavar="RULES",
        help="judge only these: ids, names or families, by commas",
    )
    group.addoption(
        "--broadcast-ignore", action="append", default=[], metavar="RULES", help="leave these out"
    )
    group.addoption("--broadcast-strict", action="store_true", help="fail for a warning, too")


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers, and load the checker when there is an endpoint to check."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption("broadcast_endpoint") is not None:
        _load("checker.pytest_plugin").register(config)


@pytest.fixture
def broadcast_mock(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A running mockserver.MockServer: broadcast_mock.endpoint is its URL."""
    with _load("mockserver.pytest_plugin").mock_for(request.node) as server:
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test with the fixture `broadcast_referee` one test for each scenario."""
    if "broadcast_referee" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("broadcast_referee")
        resumes = marker is not None and bool(marker.kwargs.get("resumes"))
        ids = _load("mockserver.pytest_plugin").scenario_ids(resumes=resumes)
        metafunc.parametrize("broadcast_referee", ids, indirect=True)


@pytest.fixture
def broadcast_referee(request: pytest.FixtureRequest) -> Callable[..., None]:
    """broadcast_referee(read): plays a scenario to the function `(url, headers) -> rows`."""
    plugin = _load("mockserver.pytest_plugin")
    play: Callable[..., None] = plugin.referee_for(request.node, request.param)
    return play


@pytest.fixture
def check_broadcast(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """check_broadcast(url), or check_broadcast(app, "/recipients"): a checker.Report."""
    check: Callable[..., Any] = _load("checker.pytest_plugin").checking_for(request.node)
    return check


def _load(name: str) -> ModuleType:
    """One of our modules: the user's own copy if there is one, otherwise the private one."""
    package = name.partition(".")[0]
    if all(_is_ours(sys.modules.get(needed), needed) for needed in (package, "schemas")):
        return importlib.import_module(name)
    if _ALIAS not in sys.modules:
        home = ModuleType(_ALIAS)
        home.__path__ = [str(_HOME)]
        sys.modules[_ALIAS] = home
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    return importlib.import_module(f"{_ALIAS}.{name}")


def _is_ours(module: ModuleType | None, name: str) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).parent.resolve() == (_HOME / name).resolve()


class _Finder(importlib.abc.MetaPathFinder):
    """Finds our packages, and nothing else, below the private name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        prefix, _, rest = fullname.partition(".")
        if prefix != _ALIAS or rest.partition(".")[0] not in _OURS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of ours with its imports of our packages led to the private name."""

    def get_code(self, fullname: str) -> CodeType:
        """Compiled anew: the cache beside the file belongs to the module's public name."""
        path = self.get_filename(fullname)
        tree = _Privately().visit(ast.parse(self.get_data(path), path))
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class _Privately(ast.NodeTransformer):
    """Makes `from checker.x import y` read `from _broadcast_conformance.checker.x import y`."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if not node.level and node.module and node.module.partition(".")[0] in _OURS:
            node.module = f"{_ALIAS}.{node.module}"
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        named = [alias.name for alias in node.names if alias.name.partition(".")[0] in _OURS]
        if named:
            raise ImportError(f"{named[0]} must be imported with 'from': see pytest_broadcast.py")
        return node
