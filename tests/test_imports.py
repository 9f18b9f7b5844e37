"""The packages import each other in one direction only; ARCHITECTURE.md says why."""

import ast
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
PUBLIC = {"checker", "checker.embedding"}
"""The doors of the checker, for other packages."""

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
        ("mockserver/a.py", "def f():\n    import checker.model"),
        ("mockserver/recipients/faults/a.py", "from ....checker import check"),
        ("checker/a.py", "import_module('broadcaster')"),
        ("broadcaster/a.py", "from checker.engine import run"),
        ("broadcaster/a.py", "from checker import rules"),
        ("broadcaster/a.py", "import mockserver"),
    ],
)
def test_a_wrong_import_is_seen(where: str, source: str) -> None:
    assert len(faults_of(source, Path(where))) == 1


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("checker/a.py", "import checker.model, schemas, json"),
        ("checker/rules/a.py", "from ..model import Finding\nfrom . import b"),
        ("mockserver/a.py", "from schemas import load"),
        ("broadcaster/a.py", "from checker import check\nimport schemas"),
        ("broadcaster/a.py", "from checker.embedding import Check"),
    ],
)
def test_a_right_import_is_let_be(where: str, source: str) -> None:
    assert faults_of(source, Path(where)) == []
