"""Settings through the command, as a process: names, variables, secrets, and one sentence."""

import json
from pathlib import Path

import pytest
from settings_kit import SECRET, Command

import checker
from mockserver import MockServer


@pytest.fixture
def project(tmp_path: Path, mock: MockServer, guarded: MockServer) -> Path:
    """A repository with a settings file, and a folder in it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "broadcast-check.toml").write_text(
        f"""
        ignore = [{{rule = "any-origin", reason = "a public demo, PROJ-12"}}]

        [endpoints.orders]
        url = "{guarded.endpoint}"
        headers = {{Authorization = "Bearer ${{API_TOKEN}}"}}

        [endpoints.literal]
        url = "{guarded.endpoint}"
        headers = {{Authorization = "Bearer {SECRET}-wrong"}}

        [endpoints.open]
        url = "{mock.fault_endpoint("SEC006")}"
        strict = true
        """,
        "utf-8",
    )
    return tmp_path


def test_an_endpoint_is_checked_by_its_name_from_any_folder(
    project: Path, process: Command
) -> None:
    done = process("orders", cwd=project / "sub", API_TOKEN=SECRET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_reason_is_told_in_the_report(project: Path, command: Command) -> None:
    done = command("open", "--format", "json")
    assert done.returncode == 0
    reasons = {i["why"]: i["rules"] for i in json.loads(done.stdout)["not_judged"]}
    assert reasons["left out: a public demo, PROJ-12"] == ["SEC006"]


def test_the_command_line_wins(project: Path, command: Command) -> None:
    assert command("open", "--select", "SEC006").returncode == 1
    assert command("open", "--select", "SEC006", "--no-strict").returncode == 0


def test_the_environment_goes_before_the_file(project: Path, process: Command) -> None:
    done = process("open", "--select", "SEC006", BROADCAST_CHECK_STRICT="no")
    assert done.returncode == 0


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_secret_written_into_the_file_is_masked(
    project: Path, command: Command, form: str
) -> None:
    done = command("literal", "--format", form)
    assert done.returncode == 1
    assert "HTTP006" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_a_missing_variable_is_named_before_anything_is_sent(
    project: Path, process: Command
) -> None:
    done = process("orders")
    assert done.returncode == 2
    sentence = "line 6: endpoints.orders.headers.Authorization needs the environment variable"
    assert f"{sentence} 'API_TOKEN', which is not set." in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ordres",), "did you mean 'orders'?"),
        (("open", "--config", "none.toml"), "'none.toml' cannot be read"),
        (("open", "--no-config"), "no settings file"),
        (("open", "--config", "x", "--no-config"), "cannot be combined"),
        (("--all", "open"), "--all takes no URL"),
        (("--all", "--format", "pdf"), "must be one of"),
        (("--all",), "'API_TOKEN', which is not set"),
    ],
)
def test_a_wrong_command_is_one_sentence(
    project: Path, command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_file_stops_the_check_of_a_url(
    tmp_path: Path, command: Command, mock: MockServer
) -> None:
    (tmp_path / "broadcast-check.toml").write_text("timeot = 3")
    done = command(mock.endpoint)
    assert done.returncode == 2
    assert (
        "broadcast-check.toml, line 1: 'timeot' is not known; did you mean 'timeout'?"
        in done.stderr
    )
    assert command(mock.endpoint, "--no-config", "-q").returncode == 0


def test_the_file_may_be_named_by_a_variable(
    tmp_path: Path, command: Command, mock: MockServer
) -> None:
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(f"[endpoints.here]\nurl = '{mock.endpoint}'\n")
    assert command("here", "-q", BROADCAST_CHECK_CONFIG=str(elsewhere)).returncode == 0


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_a_variable_puts_into_the_query_is_masked(
    tmp_path: Path, command: Command, mock: MockServer, form: str
) -> None:
    url = mock.fault_endpoint("PAGE004")
    (tmp_path / "broadcast-check.toml").write_text(f"[endpoints.a]\nurl = '{url}?k=${{KEY}}'\n")
    done = command("a", "--format", form, KEY=SECRET)
    assert done.returncode == 1
    assert "?k=•••" in done.stdout
    assert SECRET not in done.stdout


def test_no_settings_file_concerns_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mock: MockServer
) -> None:
    (tmp_path / "broadcast-check.toml").write_text("max-pages = 1")
    monkeypatch.chdir(tmp_path)
    assert checker.check(mock.endpoint, probes=False).crawl.pages == 3
