"""Which windows may be opened at all, and to what they let a check connect."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import WrongCommand
from broadcaster.web.config import WindowConfig
from broadcaster.web.serving import add_arguments, config_of

PASSWORD = "correct horse battery"


def given(*arguments: str, **environ: str) -> WindowConfig:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return config_of(parser.parse_args(arguments), environ)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_a_window_for_oneself_needs_no_password(host: str) -> None:
    config = WindowConfig(host=host)
    assert not config.hosted
    assert config.reaches_private


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "0.0.0.0"],
        ["--host", "::"],
        ["--host", "192.168.1.5"],
        ["--host", "window.example"],
        ["--name", "window.example"],
        ["--behind-proxy"],
    ],
)
def test_a_window_that_others_reach_needs_a_password(arguments: list[str]) -> None:
    with pytest.raises(WrongCommand, match="needs a password"):
        given(*arguments)
    config = given(*arguments, BROADCAST_PASSWORD=PASSWORD)
    assert config.hosted
    assert not config.reaches_private
    assert given(*arguments, "--allow-private", BROADCAST_PASSWORD=PASSWORD).reaches_private


def test_a_public_checker_needs_none_and_has_small_budgets() -> None:
    config = given("--host", "0.0.0.0", "--public-checker")
    assert config.hosted
    assert not config.reaches_private
    assert config.budget.max_pages == 200
    assert config.budget.seconds == 120
    assert config.budget.max_load == 0


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        (["--port", "65536"], {}, "port"),
        (["--checks-at-once", "0"], {}, "1 or more"),
        ([], {"BROADCAST_PASSWORD": "short"}, "too short"),
        (["--public-checker"], {"BROADCAST_PASSWORD": PASSWORD}, "asks nobody"),
        (["--password-file", "/nowhere/at/all"], {}, "cannot be read"),
        ([], {"BROADCAST_METRICS_TOKEN": "x" * 15}, "16 or more characters"),
        ([], {"BROADCAST_METRICS_TOKEN": "ü" * 16}, "16 or more characters"),
        (["--public-checker"], {"BROADCAST_METRICS_TOKEN": "x" * 16}, "serves no metrics"),
    ],
)
def test_a_wrong_setting_is_said(arguments: list[str], environ: Any, words: str) -> None:
    with pytest.raises(WrongCommand, match=words):
        given(*arguments, **environ)


def test_the_password_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    config = given("--password-file", str(file), BROADCAST_PASSWORD="another one")
    assert config.password == PASSWORD
    assert PASSWORD not in repr(config)
    file.write_text("\n")
    with pytest.raises(WrongCommand, match="is empty"):
        given("--password-file", str(file))
