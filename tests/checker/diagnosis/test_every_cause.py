"""Every cause has its cases, explains rules that there are, and fills in all of its words."""

import string
from pathlib import Path

import pytest

from checker.diagnosis.cause import Cause
from checker.diagnosis.causes import all_causes
from checker.rules import all_rules

CASES = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_causes_*.py"))


def test_names_are_unique() -> None:
    names = [cause.name for cause in all_causes()]
    assert len(set(names)) == len(names) > 100


@pytest.mark.parametrize("cause", all_causes(), ids=lambda cause: cause.name)
def test_a_cause_has_its_cases(cause: Cause) -> None:
    assert f'"{cause.name}"' in CASES


@pytest.mark.parametrize("cause", all_causes(), ids=lambda cause: cause.name)
def test_a_cause_explains_rules_that_there_are(cause: Cause) -> None:
    assert set(cause.rules) | set(cause.follows) <= set(all_rules())


@pytest.mark.parametrize("cause", all_causes(), ids=lambda cause: cause.name)
def test_its_sentences_end_and_can_be_filled_in(cause: Cause) -> None:
    for text in (cause.sentence, cause.fix):
        fields = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert all(name.isidentifier() for name in fields), text
        assert text.endswith((".", "?"))
    for snippet in cause.snippets.values():
        assert snippet.endswith(".")
