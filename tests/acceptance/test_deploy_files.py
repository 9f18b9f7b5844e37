"""What operators take from `deploy/`: it is what it says, as far as shows without a cluster."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from broadcaster.commands.parser import command_parser
from broadcaster.queue.worker import WorkerSettings

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "deploy" / "compose.yaml"
UNIT = ROOT / "deploy" / "broadcast-worker@.service"


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def unit(name: str) -> str:
    lines = UNIT.read_text("utf-8").splitlines()
    (value,) = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
    return value


def test_the_compose_file_keeps_its_specification() -> None:
    check = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["window", "worker"])
def test_the_commands_of_the_containers_are_ours(services: dict[str, Any], name: str) -> None:
    program, *arguments = [*services[name]["entrypoint"], *services[name]["command"]]
    assert program == "broadcast"
    command_parser([arguments[0]]).parse_args(arguments)


def test_no_secret_stands_in_the_compose_file(services: dict[str, Any]) -> None:
    for service in services.values():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable or "TOKEN" in variable:
                assert value == f"${{{variable}:?}}"


def test_a_worker_has_the_time_to_stop(services: dict[str, Any]) -> None:
    grace = WorkerSettings().grace_seconds
    assert float(services["worker"]["stop_grace_period"].removesuffix("s")) > grace
    assert float(unit("TimeoutStopSec")) > grace
    assert services["worker"]["stop_signal"] == unit("KillSignal") == "SIGTERM"


def test_the_units_command_is_ours() -> None:
    program, *arguments = shlex.split(unit("ExecStart").replace("%i", "1"))
    assert Path(program).name == "broadcast"
    command_parser([arguments[0]]).parse_args(arguments)


def test_systemd_has_nothing_against_the_unit(
    require_program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    analyze = require_program("systemd-analyze", "apt-get install systemd")
    text = UNIT.read_text("utf-8")
    ours = str(Path(sys.executable).parent / "broadcast")
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace("/opt/broadcast/bin/broadcast", ours), "utf-8")
    done = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    copy.write_text(text.replace("Type=exec", "Type=no-such-type"), "utf-8")
    wrong = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    assert "no-such-type" in wrong.stderr
