"""The folders of the window import each other in one direction only."""

import ast
from pathlib import Path

WEB = Path(__file__).parents[3] / "broadcaster" / "web"
MAY_IMPORT = {
    "jobs": {"config"},
    "pages": {"config", "languages", "jobs"},
    "access": {"config", "languages", "pages"},
    "languages": set[str](),
    "config": set[str](),
}


def names_of(folder: str) -> dict[Path, set[str]]:
    """Every module that each file of the folder, or the file of this name, imports."""
    paths = [*(WEB / folder).rglob("*.py"), *WEB.glob(f"{folder}.py")]
    found: dict[Path, set[str]] = {}
    for path in paths:
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        names |= {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
        found[path] = names
    return found


def test_folders_import_in_one_direction() -> None:
    for folder, allowed in MAY_IMPORT.items():
        modules = names_of(folder)
        assert modules, folder
        for path, names in modules.items():
            ours = {name.split(".")[2] for name in names if name.startswith("broadcaster.web.")}
            assert ours - {folder} <= allowed, path


def test_jobs_know_nothing_of_the_web_framework() -> None:
    for path, names in names_of("jobs").items():
        assert not {name for name in names if name.split(".")[0] in ("flask", "werkzeug")}, path
