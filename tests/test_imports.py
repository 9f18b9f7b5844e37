"""The packages, and the rooms in them, import each other in one direction only."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT: dict[str, set[str]] = {
    "schemas": set(),
    "checker": {"schemas"},
    "mockserver": {"schemas"},
    "broadcaster": {"checker", "schemas"},
}
PUBLIC = {"checker", "checker.api"}
"""The doors of the checker, for other packages."""

CHECKER_ROOMS: dict[str, set[str]] = {
    "core": set(),
    "text": {"core"},
    "output": {"core"},
    "signatures": set(),
    "settings": {"core"},
    "transport": {"core"},
    "parsing": {"core", "signatures"},
    "crawling": {"core", "text", "transport", "parsing"},
    "rules": {"core", "text", "signatures"},
    "stacks": {"core"},
    "diagnosis": {"core", "text", "signatures"},
    "engine": {
        "core",
        "text",
        "transport",
        "parsing",
        "crawling",
        "rules",
        "stacks",
        "diagnosis",
    },
    "recordings": {"core", "text", "output", "signatures", "parsing"},
    "reports": {"core", "text", "rules", "stacks"},
    "baselines": {"core", "output", "engine", "reports"},
    "cli": {
        "core",
        "text",
        "output",
        "settings",
        "rules",
        "stacks",
        "engine",
        "recordings",
        "reports",
        "baselines",
    },
}
"""What each folder of the checker may import from its neighbours; the doors at its root, all."""

MOCK_ROOMS: dict[str, set[str]] = {
    "serving": set(),
    "recipients": {"serving"},
    "line_api": {"serving"},
    "referee": {"recipients", "serving"},
}
BROADCASTER_ROOMS: dict[str, set[str]] = {
    "store": set(),
    "channels": set(),
    "delivery": {"channels", "store"},
    "loading": {"delivery", "store"},
    "fleet": {"channels", "delivery", "loading", "store"},
    "queue": {"channels", "delivery", "fleet", "store"},
    "terminal": {"channels", "delivery", "queue", "store"},
    "reports": {"store", "terminal"},
    "web": {
        "channels",
        "delivery",
        "fleet",
        "loading",
        "queue",
        "reports",
        "store",
        "terminal",
    },
    "commands": {
        "channels",
        "delivery",
        "fleet",
        "loading",
        "queue",
        "reports",
        "store",
        "terminal",
        "web",
    },
}
ROOMS = {"checker": CHECKER_ROOMS, "mockserver": MOCK_ROOMS, "broadcaster": BROADCASTER_ROOMS}

MODULES = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imported_by(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Every module that a module names in an import, wherever in it that stands, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*base, *([node.module] if node.module else [])))
            yield name
            yield from (
                f"{name}.{alias.name}" for alias in node.names if is_module(name, alias.name)
            )
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def is_module(package: str, name: str) -> bool:
    """Whether `from package import name` gives a module of ours rather than something in one."""
    path = ROOT / package.replace(".", "/") / name
    return path.with_suffix(".py").exists() or path.is_dir()


def faults_of(source: str, path: Path) -> list[str]:
    """What a module at this path may not import, and does."""
    package = path.parts[:-1]
    own = path.parts[0]
    faults = []
    for name in imported_by(ast.parse(source), package):
        top = name.split(".")[0]
        if top not in MAY_IMPORT or top == own:
            continue
        if top not in MAY_IMPORT[own]:
            faults.append(f"{path} imports {name}, but {own} may not import {top}")
        elif own == "broadcaster" and top == "checker" and name not in PUBLIC:
            faults.append(f"{path} imports {name}: public are only {', '.join(sorted(PUBLIC))}")
    return faults


def arrows_between_rooms(package: str) -> set[tuple[str, str]]:
    """Who imports whom among the folders of a package, under TYPE_CHECKING, too."""
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        where = path.relative_to(ROOT)
        if len(where.parts) == 2:
            continue
        for name in imported_by(ast.parse(path.read_text("utf-8")), where.parts[:-1]):
            top, _, rest = name.partition(".")
            room = rest.partition(".")[0]
            if top == package and room != where.parts[1] and (ROOT / package / room).is_dir():
                found.add((where.parts[1], room))
    return {(room, other) for room, other in found if other}


@pytest.mark.parametrize("package", ROOMS)
def test_the_folders_of_a_package_import_as_the_table_says(package: str) -> None:
    assert arrows_between_rooms(package) == {
        (room, other) for room, others in ROOMS[package].items() for other in others
    }


@pytest.mark.parametrize("package", ROOMS)
def test_the_table_of_folders_has_no_circle(package: str) -> None:
    seen: set[str] = set()
    for room, others in ROOMS[package].items():
        assert others <= seen, f"{room} imports a folder that is listed below it"
        seen.add(room)


def test_no_folder_of_the_checker_is_crowded() -> None:
    for folder in (ROOT / "checker").rglob("*/"):
        modules = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        limit = 20 if folder.name != "rules" else 120
        assert len(modules) <= limit, folder


@pytest.mark.parametrize(
    "module", ["checker.rules.page004_too_many_rows", "checker.reports.html_report"]
)
def test_what_only_reads_data_loads_no_network_library(module: str) -> None:
    command = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert not {"requests", "urllib3", "checker.engine.run", "checker.crawling"} & loaded


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    assert faults_of(path.read_text("utf-8"), path.relative_to(ROOT)) == []


def test_every_package_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("schemas/a.py", "import checker"),
        ("checker/a.py", "from mockserver.recipients.app import create_app"),
        ("mockserver/a.py", "def f():\n    import checker.core.model"),
        ("mockserver/recipients/faults/a.py", "from ....checker import check"),
        ("checker/a.py", "import_module('broadcaster')"),
        ("broadcaster/a.py", "from checker.engine.run import run"),
        ("broadcaster/a.py", "from checker import rules"),
        ("broadcaster/a.py", "import mockserver"),
    ],
)
def test_a_wrong_import_is_seen(where: str, source: str) -> None:
    assert len(faults_of(source, Path(where))) == 1


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("checker/a.py", "import checker.core.model, schemas, json"),
        ("checker/rules/a.py", "from ..model import Finding\nfrom . import b"),
        ("mockserver/a.py", "from schemas import read"),
        ("broadcaster/a.py", "from checker import check\nimport schemas"),
        ("broadcaster/a.py", "from checker.api import Check"),
    ],
)
def test_a_right_import_is_let_be(where: str, source: str) -> None:
    assert faults_of(source, Path(where)) == []
