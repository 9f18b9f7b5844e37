"""Which rules --select and --ignore leave."""

import pytest

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.errors import UsageError
from checker.rules import all_rules
from checker.rules.selection import matching, selected

pytestmark = pytest.mark.pure

RULES = all_rules()
ROWS = {rule for rule in RULES if rule.startswith("ROW")}


def chosen(select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> frozenset[str]:
    endpoint = Endpoint.parse("http://localhost/")
    return selected(Config(endpoint=endpoint, select=select, ignore=ignore), RULES)


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        ((), (), set(RULES)),
        (("PAGE004",), (), {"PAGE004"}),
        (("page004",), (), {"PAGE004"}),
        (("too-many-rows",), (), {"PAGE004"}),
        (("TOO-MANY-ROWS",), (), {"PAGE004"}),
        (("ROW",), (), ROWS),
        (("row",), ("ROW001", "uid-blank"), ROWS - {"ROW001", "ROW004"}),
        (("ROW", "PAGE004"), (), ROWS | {"PAGE004"}),
        ((), ("ROW",), set(RULES) - ROWS),
        (("ROW",), ("ROW",), set()),
    ],
)
def test_what_is_left(select: tuple[str, ...], ignore: tuple[str, ...], left: set[str]) -> None:
    assert chosen(select, ignore) == left


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("PAGE04", "PAGE00"),
        ("too-many-row", "too-many-rows"),
        ("Token-Lop", "token-loop"),
        ("PAG", "PAGE"),
    ],
)
def test_an_unknown_rule_is_refused_with_what_was_meant(word: str, meant: str) -> None:
    with pytest.raises(UsageError) as raised:
        matching([word], RULES)
    assert f"There is no rule {word!r}." in str(raised.value)
    assert f"Did you mean {meant}" in str(raised.value)
    assert str(raised.value).endswith("'broadcast-check rules' lists them all.")


@pytest.mark.parametrize("word", ["", "xyzzy", "ROW0", "001", "*", "ROW*", "PAGE004 "])
def test_an_unknown_rule_is_never_ignored_silently(word: str) -> None:
    with pytest.raises(UsageError, match="There is no rule"):
        chosen(ignore=(word,))
