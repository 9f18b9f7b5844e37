"""The schemas of settings, summaries and diffs, and the page that documents the settings."""

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from checker.core.schema_errors import faults_of
from checker.settings.variables import SETTINGS, variable_of
from schemas import read

NAMES = ["config", "diff", "report", "summary"]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_draft_2020_12(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(read(name))
    assert read(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_identifiers_are_unique_and_lead_back() -> None:
    assert [read(name)["$id"].split(":")[2] for name in NAMES] == NAMES


def test_the_page_documents_every_setting_with_its_variable(root: Path) -> None:
    page = (root / "docs" / "configuration.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \|", page, re.MULTILINE)
    assert dict(rows) == {setting: variable_of(setting) for setting in SETTINGS}


def test_the_examples_of_the_page_are_right(root: Path) -> None:
    page = (root / "docs" / "configuration.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert examples
    for example in examples:
        assert faults_of("config", tomllib.loads(example)) == []
