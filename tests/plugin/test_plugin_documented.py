"""docs/pytest.md names what there is, and nothing else."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent.parent / "docs" / "pytest.md").read_text("utf-8")


def test_every_option_is_documented_and_every_documented_one_exists(
    pytester: pytest.Pytester,
) -> None:
    shown = pytester.runpytest_inprocess("--help").stdout.str()
    there = set(re.findall(r"^ +(--broadcast-[\w-]+)", shown, re.MULTILINE))
    assert set(re.findall(r"^\| `(--broadcast-[\w-]+)", PAGE, re.MULTILINE)) == there
    assert set(re.findall(r"--broadcast-[\w-]+", PAGE)) == there


@pytest.mark.parametrize("asked", ["--markers", "--fixtures"])
def test_every_marker_and_fixture_is_documented(pytester: pytest.Pytester, asked: str) -> None:
    shown = pytester.runpytest_inprocess(asked).stdout.str()
    there = set(re.findall(r"^(?:@pytest\.mark\.)?(\w*broadcast\w*)", shown, re.MULTILINE))
    assert there
    assert there <= set(re.findall(r"\w*broadcast\w*", PAGE))
