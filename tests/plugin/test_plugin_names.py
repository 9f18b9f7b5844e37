"""The plugin in a repository whose own folders are called as our packages are."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BY_NAME = {"files", "find_spec", "import_module", "Flask", "PackageLoader"}

THEIR_TESTS = """
import checker, mockserver, schemas
import pytest


def test_theirs():
    import checker.inner
    assert (checker.WHOSE, mockserver.WHOSE, schemas.WHOSE) == ("theirs",) * 3


@pytest.mark.broadcast_fault("NEXT002")
def test_ours(broadcast_mock, check_broadcast):
    report = check_broadcast(broadcast_mock.endpoint)
    assert [finding.rule for finding in report.findings] == ["NEXT002"]
    import checker
    assert checker.WHOSE == "theirs"
"""

# As a user's process: everything of ours is imported below the private name, and works.
EVERY_MODULE = """
import importlib, pkgutil, sys
import pytest_broadcast as door

names = []
for package in ("checker", "mockserver", "schemas"):
    module = door._load(package)
    for found in pkgutil.walk_packages(module.__path__, module.__name__ + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
            names.append(found.name)
assert len(names) > 100, names
mockserver, reports = door._load("mockserver"), door._load("checker.reports")
app = mockserver.create_app(mockserver.MockConfig(faults=("PAGE008",)))
assert app.test_client().get("/").status_code == 200
report = door._load("checker").check("/recipients", app=app)
for form in reports.FORMATS:
    assert "PAGE008" in reports.render(report, form, reports.Style(color=False, width=80))
assert door._load("checker.rules.help").help_page("PAGE004")
ours = [name for name in sys.modules if name.partition(".")[0] in door._OURS]
assert ours == [], ours
"""


def make_their_packages(folder: Path) -> None:
    for name in ("checker", "mockserver", "schemas"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text('WHOSE = "theirs"\n')
        (folder / name / "inner.py").write_text("")


@pytest.mark.parametrize("options", [(), ("--import-mode=importlib", "-p", "no:cacheprovider")])
def test_both_work_side_by_side(
    pytester: pytest.Pytester, endpoint_with: object, options: tuple[str, ...]
) -> None:
    make_their_packages(pytester.path)
    pytester.makepyfile(test_it=THEIR_TESTS)
    assert callable(endpoint_with)
    result = pytester.runpytest_subprocess(
        f"--broadcast-endpoint={endpoint_with()}", "-k", "theirs or ours or PAGE00", *options
    )
    assert result.parseoutcomes()["passed"] == 11
    assert "failed" not in result.parseoutcomes()


def test_their_tests_may_lie_in_a_package_of_our_name(pytester: pytest.Pytester) -> None:
    make_their_packages(pytester.path / "tests")
    (pytester.path / "tests" / "checker" / "test_it.py").write_text(THEIR_TESTS)
    result = pytester.runpytest_subprocess()
    assert result.parseoutcomes() == {"passed": 2}


def test_a_late_import_of_theirs_is_theirs(pytester: pytest.Pytester) -> None:
    make_their_packages(pytester.path / "hidden")
    pytester.makepyfile(
        """
        def test_it(check_broadcast, monkeypatch):
            monkeypatch.syspath_prepend("hidden")
            import checker
            assert checker.WHOSE == "theirs"
        """
    )
    assert pytester.runpytest_subprocess().parseoutcomes() == {"passed": 1}


def test_who_imports_ours_gets_the_classes_of_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from checker import Report, UsageError, Verdict

        def test_it(check_broadcast, broadcast_mock):
            report = check_broadcast(broadcast_mock.endpoint)
            assert isinstance(report, Report)
            assert report.verdict is Verdict.PASS
            with pytest.raises(UsageError):
                check_broadcast("nowhere")
        """
    )
    assert pytester.runpytest_subprocess().parseoutcomes() == {"passed": 1}


def test_who_uses_nothing_of_it_loads_nothing_of_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it():
            ours = {"checker", "mockserver", "schemas", "_broadcast_conformance"}
            assert ours.isdisjoint(sys.modules)
        """
    )
    assert pytester.runpytest_subprocess().parseoutcomes() == {"passed": 1}


def test_every_module_works_below_the_private_name(tmp_path: Path) -> None:
    make_their_packages(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", EVERY_MODULE],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_module_of_ours_is_asked_for_by_its_public_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}, line {call.lineno}"
        for package in ("checker", "mockserver", "schemas")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in BY_NAME
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and str(call.args[0].value).partition(".")[0] in ("checker", "mockserver", "schemas")
    ]
    assert found == []
