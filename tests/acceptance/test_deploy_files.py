"""What operators take from `deploy/`: it is what it says, as far as shows without a cluster."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from broadcaster.commands.parser import command_parser
from broadcaster.queue.worker import WorkerSettings

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "deploy" / "compose.yaml"
KUBERNETES = ROOT / "deploy" / "kubernetes.yaml"
UNITS = sorted((ROOT / "deploy").glob("*.service"))
WORKER = ROOT / "deploy" / "broadcast-worker@.service"


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def unit(file: Path, name: str) -> str:
    lines = file.read_text("utf-8").splitlines()
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
    assert float(unit(WORKER, "TimeoutStopSec")) > grace
    assert services["worker"]["stop_signal"] == unit(WORKER, "KillSignal") == "SIGTERM"


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_the_units_command_is_ours(file: Path) -> None:
    program, *arguments = shlex.split(unit(file, "ExecStart").replace("%i", "1"))
    assert Path(program).name == "broadcast"
    command_parser([arguments[0]]).parse_args(arguments)


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_systemd_has_nothing_against_the_unit(
    require_program: Callable[[str, str], Path], tmp_path: Path, file: Path
) -> None:
    analyze = require_program("systemd-analyze", "apt-get install systemd")
    text = file.read_text("utf-8")
    ours = str(Path(sys.executable).parent / "broadcast")
    copy = tmp_path / file.name
    copy.write_text(text.replace("/opt/broadcast/bin/broadcast", ours), "utf-8")
    done = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    copy.write_text(text.replace("Type=exec", "Type=no-such-type"), "utf-8")
    wrong = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    assert "no-such-type" in wrong.stderr


# Kubernetes


@pytest.fixture
def objects() -> dict[str, dict[str, Any]]:
    """What is made, by kind and name."""
    found = yaml.safe_load_all(KUBERNETES.read_text("utf-8"))
    return {f"{one['kind']} {one['metadata']['name']}": one for one in found}


def containers(objects: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    pods = [one["spec"]["template"] for one in objects.values() if "template" in one["spec"]]
    return [container for pod in pods for container in pod["spec"]["containers"]]


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.37"])
def test_the_manifest_keeps_kubernetes_schemas(
    objects: dict[str, dict[str, Any]], version: str
) -> None:
    for one in objects.values():
        assert kubernetes_validate.validate(one, version, strict=True) == version
    wrong = {**objects["Service broadcast-window"], "specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_the_commands_of_the_manifest_are_ours(objects: dict[str, dict[str, Any]]) -> None:
    commands = [container["command"] for container in containers(objects)]
    assert [command[:2] for command in commands] == [
        ["broadcast", "migrate"],
        ["broadcast", "worker"],
        ["broadcast", "serve"],
    ]
    for _, *arguments in commands:
        command_parser([arguments[0]]).parse_args(arguments)


def test_no_secret_stands_in_the_manifest(objects: dict[str, dict[str, Any]]) -> None:
    for container in containers(objects):
        for variable in container["env"]:
            reference = variable["valueFrom"]["secretKeyRef"]
            assert reference == {"name": "broadcast", "key": variable["name"]}


def test_probes_ask_what_is_answered(objects: dict[str, dict[str, Any]]) -> None:
    _, worker, window = containers(objects)
    for container in (worker, window):
        asked = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("liveness", "readiness")}
        assert asked == {"/healthz", "/readyz"}
        assert container["startupProbe"]["httpGet"]["path"] == "/healthz"
    (port,) = worker["ports"]
    assert str(port["containerPort"]) in worker["command"]
    assert (
        window["ports"][0]["containerPort"] == command_parser(["serve"]).parse_args(["serve"]).port
    )
    service = objects["Service broadcast-window"]["spec"]
    labels = objects["Deployment broadcast-window"]["spec"]["template"]["metadata"]["labels"]
    assert service["selector"] == labels


def test_pods_have_the_time_to_stop(objects: dict[str, dict[str, Any]]) -> None:
    pod = objects["Deployment broadcast-worker"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > WorkerSettings().grace_seconds
