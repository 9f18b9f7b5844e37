"""`broadcast-check example`, and which example fits a stack that was recognized."""

import subprocess
import sys
from pathlib import Path

import pytest

from checker.stacks.examples import EXAMPLES, example_for

ENDPOINTS = Path(__file__).parents[3] / "examples" / "endpoints"


def example(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "checker", "example", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_a_name_it_lists_every_folder_of_the_examples() -> None:
    done = example()
    listed = [line.split()[0] for line in done.stdout.partition("\n\n")[0].splitlines()]
    assert (done.returncode, listed) == (
        0,
        sorted(run.parent.name for run in ENDPOINTS.glob("*/run")),
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_prints_the_endpoint_as_it_is(name: str) -> None:
    done = example(name)
    file = ENDPOINTS / name / EXAMPLES[name].files[0]
    assert (done.returncode, done.stdout) == (0, file.read_text("utf-8"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_writes_the_files_that_are_copied_and_overwrites_none(name: str, tmp_path: Path) -> None:
    done = example(name, "-o", tmp_path / "new")
    assert done.returncode == 0
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert written == {*EXAMPLES[name].files, "README.md"}
    again = example(name, "-o", tmp_path / "new")
    assert again.returncode == 2
    assert "already exists. Give an empty folder with -o." in again.stderr


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("expres", " Did you mean express?"),
        ("larvel", " Did you mean laravel?"),
        ("spring", " Did you mean java?"),
        ("node", " Did you mean express?"),
        ("cobol", ""),
        ("../..", ""),
    ],
)
def test_an_unknown_name_gets_one_sentence_with_what_exists(name: str, meant: str) -> None:
    done = example(name)
    assert (done.returncode, done.stdout) == (2, "")
    names = ", ".join(sorted(EXAMPLES))
    sentence = f"broadcast-check: There is no example for {name!r}.{meant} These exist: {names}.\n"
    assert done.stderr == sentence


def test_it_writes_nothing_where_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = example("php", "-o", tmp_path / "file" / "folder")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("stack", "name"),
    [
        ({"language": "PHP 8.2", "framework": "Laravel"}, "laravel"),
        ({"language": "PHP 8.2", "framework": None}, "php"),
        ({"language": "PHP 8.2", "framework": "WordPress"}, "php"),
        ({"language": "Python", "framework": "Django REST framework"}, "django"),
        ({"language": "Python 3.11", "framework": None}, "flask"),
        ({"language": None, "framework": "FastAPI"}, "fastapi"),
        ({"language": "Ruby", "framework": "Ruby on Rails 7"}, "sinatra"),
        ({"language": "JavaScript", "framework": "Express"}, "express"),
        ({"language": None, "framework": "Google Apps Script"}, "apps-script"),
        ({"language": "Java", "framework": "Spring"}, "java"),
        ({"language": "Go", "framework": None}, "go"),
        ({"language": None, "framework": None, "server": "nginx"}, None),
        ({}, None),
        ({"language": "Google's own", "framework": None}, None),
    ],
)
def test_a_recognized_stack_has_its_example(stack: dict[str, str | None], name: str | None) -> None:
    found = example_for(stack)
    assert (found and found.name) == name
