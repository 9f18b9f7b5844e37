"""The schemas are right by themselves, and name the rules as the checker has them."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

import schemas
from checker.rules import all_rules
from checker.rules.base import ChannelRule, SchemaRule

pytestmark = pytest.mark.pure

NAMES = ["page", "report", "channels/line"]
ASSERTIONS = {
    "type",
    "required",
    "const",
    "enum",
    "pattern",
    "not",
    "anyOf",
    "oneOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "uniqueItems",
    "additionalProperties",
}

EXAMPLE = json.loads("""{
  "report_version": 1,
  "tool": {"name": "broadcast-check", "version": "0.1.0"}, "run": "0123456789ab",
  "endpoint": "https://api.example.com/recipients",
  "started": "2026-01-01T00:00:00Z", "seconds": 1.23,
  "verdict": "fail", "complete": true,
  "crawl": {"pages": 3, "rows": 1203, "requests": 9, "bytes": 123456, "ended_by": "empty-next",
            "page_seconds": {"p50": 0.01, "p95": 0.02, "p99": 0.02, "max": 0.02}},
  "findings": [
    {"rule": "PAGE004", "name": "too-many-rows", "severity": "error", "count": 2,
     "message": "one sentence", "fix": "what to change", "help": "docs/rules/PAGE004.md",
     "examples": [{"page": 2, "token": "t", "pointer": "/list", "value": "v", "curl": "curl u"}]}
  ],
  "not_judged": [{"rules": ["NEXT005", "NEXT006"], "why": "the token is ignored (NEXT004)"}]
}""")


def subschemas(node: Any, rule: str | None = None) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Every subschema with the rule at or above it."""
    if isinstance(node, dict):
        rule = node.get("x-rule", rule)
        yield node, rule
        for item in node.values():
            yield from subschemas(item, rule)
    elif isinstance(node, list):
        for item in node:
            yield from subschemas(item, rule)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_draft_2020_12(name: str) -> None:
    schema = schemas.read(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_identifiers_are_unique() -> None:
    assert len({schemas.read(name)["$id"] for name in NAMES}) == len(NAMES)


def test_the_page_schema_names_exactly_the_schema_rules() -> None:
    named = [node["x-rule"] for node, _ in subschemas(schemas.read("page")) if "x-rule" in node]
    rules = {rule_id for rule_id, rule in all_rules().items() if issubclass(rule, SchemaRule)}
    assert sorted(named) == sorted(rules)


def test_the_channel_schema_names_exactly_the_channel_rules() -> None:
    schema = schemas.read("channels/line")
    named = [node["x-rule"] for node, _ in subschemas(schema) if "x-rule" in node]
    rules = {rule_id for rule_id, rule in all_rules().items() if issubclass(rule, ChannelRule)}
    assert sorted(named) == sorted(rules)


def test_every_assertion_on_a_page_names_its_rule() -> None:
    properties = {"properties", "$defs"}
    nameless = [
        node
        for node, rule in subschemas(schemas.read("page"))
        if rule is None and ASSERTIONS & node.keys() and not properties & node.keys()
    ]
    assert nameless == []


def test_the_row_limit_stands_in_the_page_schema() -> None:
    limits = [
        node["maxItems"] for node, rule in subschemas(schemas.read("page")) if rule == "PAGE004"
    ]
    assert limits == [schemas.ROW_LIMIT] == [499]


def test_no_pattern_ends_where_python_allows_one_more_line_break() -> None:
    for name in NAMES:
        for node, _ in subschemas(schemas.read(name)):
            pattern = node.get("pattern")
            assert not isinstance(pattern, str) or not pattern.endswith("$")


def test_the_channels_are_found() -> None:
    assert schemas.CHANNELS == ("line",)


def test_an_unknown_schema_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        schemas.read("no-such-schema")


def test_the_report_version_is_the_schemas() -> None:
    assert schemas.REPORT_VERSION == 1


def test_the_version_is_semantic() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", schemas.__version__)


def test_the_contracts_example_is_a_report() -> None:
    jsonschema.Draft202012Validator(schemas.read("report")).validate(EXAMPLE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("report_version", 2),
        ("endpoint", ""),
        ("started", "yesterday"),
        ("seconds", -1),
        ("verdict", "maybe"),
        ("complete", "yes"),
        ("crawl.pages", -1),
        ("crawl.ended_by", "Empty next"),
        ("crawl.page_seconds.p95", None),
        ("findings.0.rule", "page-4"),
        ("findings.0.severity", "fatal"),
        ("findings.0.count", 0),
        ("findings.0.message", ""),
        ("findings.0.help", "PAGE004.md"),
        ("findings.0.examples.0.page", 0),
        ("findings.0.examples.0.value", 7),
        ("findings.0.examples", [{}]),
        ("not_judged.0.rules", []),
        ("not_judged.0.rules", ["NEXT005", "NEXT005"]),
        ("not_judged.0.why", ""),
        ("surprise", 1),
        ("crawl.surprise", 1),
        ("findings.0.surprise", 1),
    ],
)
def test_what_is_no_report_is_refused(path: str, value: object) -> None:
    document = copy.deepcopy(EXAMPLE)
    *steps, last = path.split(".")
    node = document
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[last] = value
    assert not jsonschema.Draft202012Validator(schemas.read("report")).is_valid(document)


@pytest.mark.parametrize("member", list(EXAMPLE))
def test_no_member_of_a_report_may_be_missing(member: str) -> None:
    document = {name: value for name, value in EXAMPLE.items() if name != member}
    assert not jsonschema.Draft202012Validator(schemas.read("report")).is_valid(document)
