"""Who wins: command line, environment, endpoint, file, defaults; and what variables stand for."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.cli.options import config_of, given_settings, parse_options
from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.errors import UsageError
from checker.rules import all_rules
from checker.rules.selection import left_out
from checker.settings.configs import Asked, every_config, one_config
from checker.settings.precedence import config_from, merged, merged_headers
from checker.settings.variables import SETTINGS, from_environment, substituted, variable_of
from schemas import read

URL = "https://api.example.com/recipients"
DEFAULTS = Config(endpoint=Endpoint.parse(URL))

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "body-limit": st.integers(1024, 10**9),
    "ca-bundle": st.sampled_from(["/a.pem", "/b.pem"]),
    "channel": st.just("line"),
    "delay": st.floats(0, 3600),
    "load": st.integers(0, 64),
    "max-empty-pages": st.integers(0, 10**6),
    "max-pages": st.integers(1, 10**6),
    "probe-methods": st.lists(st.sampled_from(["PUT", "PATCH", "DELETE"]), min_size=1, unique=True),
    "probes": st.booleans(),
    "retries": st.integers(0, 10),
    "slow-page": st.floats(0.1, 100),
    "strict": st.booleans(),
    "timeout": st.floats(0.1, 1000),
    "token-param": st.sampled_from(["next", "cursor", "t"]),
}
RULES = st.lists(st.sampled_from(["PAGE004", "ROW", "PERF004"]), min_size=1, unique=True)
LAYER = st.fixed_dictionaries({}, optional={**VALUES, "select": RULES, "ignore": RULES})


def test_the_law_is_about_every_setting() -> None:
    assert VALUES.keys() | {"select", "ignore"} == SETTINGS.keys()


@given(st.lists(LAYER, min_size=1, max_size=4))
def test_the_highest_layer_that_says_something_wins(layers: list[dict[str, Any]]) -> None:
    result = merged(layers)
    for setting in SETTINGS.keys() - {"ignore"}:
        said = [layer[setting] for layer in layers if setting in layer]
        assert result.get(setting) == (said[0] if said else None)


@given(st.lists(LAYER, min_size=1, max_size=4))
def test_ignored_rules_add_up_down_to_the_layer_that_selects(layers: list[dict[str, Any]]) -> None:
    heard = []
    for layer in layers:
        heard.append(layer)
        if "select" in layer:
            break
    assert set(merged(layers)["ignore"]) == {rule for x in heard for rule in x.get("ignore", [])}


@given(LAYER, LAYER)
def test_a_layer_of_nothing_changes_nothing(layer: dict[str, Any], other: dict[str, Any]) -> None:
    assert merged([layer, {}, other]) == merged([layer, other])
    assert merged([merged([layer, other])]) == merged([layer, other])


@given(LAYER)
def test_the_environment_says_what_the_file_says(layer: dict[str, Any]) -> None:
    spelled = {bool: lambda v: str(v).lower(), list: ",".join}
    environment = {
        variable_of(key): spelled.get(type(value), str)(value) for key, value in layer.items()
    }
    assert from_environment(environment) == layer


@given(LAYER)
def test_the_command_line_says_what_the_file_says(layer: dict[str, Any]) -> None:
    words = []
    for key, value in layer.items():
        if isinstance(value, bool):
            words.append(f"--{key}" if value else f"--no-{key}")
        elif isinstance(value, list) and key == "probe-methods":
            words += [word for method in value for word in ("--probe-method", method)]
        else:
            words += [f"--{key}", ",".join(value) if isinstance(value, list) else str(value)]
    assert given_settings(parse_options([URL, *words])) == layer


def test_nothing_said_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = config_of(parse_options([URL]))
    for member in dataclasses.fields(Config):
        if member.name != "resolver":
            assert getattr(config, member.name) == getattr(DEFAULTS, member.name), member.name


def test_the_schema_tells_the_defaults() -> None:
    told = {k: v["default"] for k, v in read("config")["$defs"].items() if "default" in v}
    assert config_from(URL, (), [told]).timeout_seconds == DEFAULTS.timeout_seconds
    config = config_from(URL, (), [told])
    for member in dataclasses.fields(Config):
        if member.name != "resolver":
            assert getattr(config, member.name) == getattr(DEFAULTS, member.name), member.name


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("TIMEOUT", "soon", "must be a number, not a string"),
        ("TIMEOUT", "0", "must be more than 0"),
        ("TIMEOUT", "nan", "must be a number, not infinity or NaN"),
        ("RETRIES", "2.5", "must be a whole number"),
        ("RETRIES", "11", "must be 10 or less"),
        ("STRICT", "maybe", "must be 1, true, yes or on, or 0, false, no or off"),
        ("CHANNEL", "pigeon", "must be 'line'"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_environment({f"BROADCAST_CHECK_{variable}": value})
    assert f"BROADCAST_CHECK_{variable} {sentence}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_variable_and_those_of_others_are_none() -> None:
    assert from_environment({"BROADCAST_CHECK_TIMEOUT": " ", "BROADCAST_CHECK_TOKEN": "x"}) == {}


FILE = """
timeout = 7
retries = 1
ca-bundle = "ca.pem"
ignore = [{rule = "PERF004", reason = "PROJ-12"}, "ROW013"]

[endpoints.orders]
url = "https://${HOST}/orders?key=${KEY}"
headers = {Authorization = "Bearer ${TOKEN}", X-Literal = "pa$$word"}
retries = 3
max-pages = 2.0
probe-methods = ["put"]

[endpoints.members]
url = "https://api.example.com/members"
"""
ENVIRONMENT = {"HOST": "api.example.com", "KEY": "k3y-of-orders", "TOKEN": "t0ken-of-orders"}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "broadcast-check.toml"
    path.write_text(FILE, "utf-8")
    return str(path)


def test_an_endpoint_by_its_name(file: str) -> None:
    asked = Asked(target="orders", file=file, given={"max-pages": 5})
    environment = {**ENVIRONMENT, "BROADCAST_CHECK_TIMEOUT": "8"}
    config = one_config(asked, environment)
    assert config.endpoint.url == "https://api.example.com/orders?key=k3y-of-orders"
    assert dict(config.headers)["Authorization"] == "Bearer t0ken-of-orders"
    assert dict(config.headers)["X-Literal"] == "pa$word"
    assert (config.timeout_seconds, config.retries, config.max_pages) == (8.0, 3, 5)
    assert config.probe_methods == ("PUT",)
    assert config.ca_bundle == str(Path(file).parent / "ca.pem")
    assert config.secrets == ("k3y-of-orders",)
    assert not any(value in repr(config.secrets) for value in ("t0ken",))


def test_a_url_takes_the_settings_and_no_headers(file: str) -> None:
    config = one_config(Asked(target=URL, file=file), {})
    assert (config.timeout_seconds, config.headers) == (7, ())


def test_only_the_variables_of_what_is_checked_are_asked_for(file: str) -> None:
    assert one_config(Asked(target="members", file=file), {}).timeout_seconds == 7
    with pytest.raises(UsageError, match=r"line 8: endpoints\.orders\.url needs .* 'KEY', which"):
        every_config(Asked(file=file), {})
    assert list(every_config(Asked(file=file), ENVIRONMENT)) == ["orders", "members"]


def test_the_command_lines_header_goes_before_the_files(file: str) -> None:
    asked = Asked(target="orders", file=file, headers=(("authorization", "Basic x"),))
    headers = one_config(asked, ENVIRONMENT).headers
    assert headers == (("X-Literal", "pa$word"), ("authorization", "Basic x"))


def test_headers_with_one_name_are_one() -> None:
    assert merged_headers((("A", "1"),), (("a", "2"), ("B", "3"))) == (("B", "3"), ("A", "1"))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("${A}-${A}", "x-x"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$A", "$A"),
        ("a$", "a$"),
    ],
)
def test_what_is_put_in_for_variables(text: str, result: str) -> None:
    assert substituted(text, {"A": "x"}, "here")[0] == result


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("${B}", "needs the environment variable 'B', which is not set"),
        ("${EMPTY}", "'EMPTY', which is not set"),
        ("${A", "without its '}'"),
        ("${A:-s3cr3t}", "the name of a variable and nothing else"),
        ("${}", "the name of a variable"),
    ],
)
def test_a_wrong_reference_is_refused_without_values(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        substituted(text, {"A": "s3cr3t", "EMPTY": ""}, "here")
    assert sentence in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_names_that_are_not_there(file: str, tmp_path: Path) -> None:
    for target, sentence in [
        ("order", "names no endpoint 'order'; did you mean 'orders'?"),
        ("zzz", "known: orders, members."),
    ]:
        with pytest.raises(UsageError) as caught:
            one_config(Asked(target=target, file=file), {})
        assert sentence in str(caught.value)
    with pytest.raises(UsageError, match="no settings file"):
        one_config(Asked(target="orders", use_file=False), {})
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    with pytest.raises(UsageError, match=r"empty\.toml names none"):
        every_config(Asked(file=str(empty)), {})


def test_a_wrong_endpoint_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broadcast-check.toml"
    path.write_text("[endpoints.a]\nurl = 'ftp://example.com'\n")
    with pytest.raises(UsageError, match=r"broadcast-check\.toml, line 1: The URL must begin"):
        one_config(Asked(target="a", file=str(path)), {})


def test_the_reason_is_told_of_each_rule(file: str) -> None:
    config = one_config(Asked(target="members", file=file, given={"ignore": ["PERF"]}), {})
    reasons = left_out(config, all_rules())
    assert reasons["PERF004"] == "left out: PROJ-12"
    assert reasons["PERF001"] == reasons["ROW013"] == "left out by --select or --ignore"


def test_select_brings_back_what_the_file_ignores(file: str) -> None:
    config = one_config(Asked(target="members", file=file, given={"select": ["PERF004"]}), {})
    assert set(all_rules()) - left_out(config, all_rules()).keys() == {"PERF004"}
