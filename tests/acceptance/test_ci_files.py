"""What users' CI takes from here: the GitHub Action, the container, the examples in docs/ci.md.

Neither GitHub nor a container engine is at hand, so the action's steps are run as GitHub would run
them, and public linters read the files: what a container engine would build is never built here.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver import MockConfig, MockServer

ROOT = Path(__file__).parent.parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
SECRET = "a-secret-that-nobody-may-see"


def run_step(
    step: dict[str, Any], folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a step's script with the flags and variables that GitHub gives it."""
    script = folder / "script.sh"
    script.write_text(step["run"])
    inputs = dict.fromkeys(step.get("env", ()), "")
    github = {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "RUNNER_TEMP": str(folder),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        cwd=folder,
        env={**os.environ, **github, **inputs, **variables},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """The folder of a run whose first step is done: our commands stand in for installed ones."""
    commands = tmp_path / "broadcast-check" / "bin"
    commands.mkdir(parents=True)
    (commands / "activate").write_text(f'PATH="{Path(sys.executable).parent}:$PATH"\n')
    return tmp_path


def test_the_action_is_composite_and_names_its_shells() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert {step["shell"] for step in STEPS} == {"bash"}
    assert set(ACTION["inputs"]) == {"url", "header-env", "args"}
    assert all(each["default"] == "" and each["description"] for each in ACTION["inputs"].values())


def test_no_input_is_written_into_a_script() -> None:
    assert all("${{" not in step["run"] for step in STEPS)
    given = {value for step in STEPS for value in step.get("env", {}).values()}
    assert given == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}


def test_the_action_installs_what_is_pinned(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("python", "pip"):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>"$RUNNER_TEMP/called"\n')
        program.chmod(0o755)
    (tmp_path / "broadcast-check" / "bin").mkdir(parents=True)
    (tmp_path / "broadcast-check" / "bin" / "activate").write_text("")
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    assert run_step(STEPS[0], tmp_path, PATH=path).returncode == 0
    called = (tmp_path / "called").read_text().splitlines()
    assert called[0] == f"python -m venv {tmp_path}/broadcast-check"
    assert "--require-hashes" in called[1]
    assert called[1].endswith(f"-r {ROOT}/requirements/run.txt")
    assert called[2].endswith(f"--no-deps {ROOT}")


@pytest.mark.skipif(
    os.environ.get("CI") != "true", reason="installs every dependency anew: left to CI (CI=true)"
)
def test_both_steps_work_one_after_the_other(tmp_path: Path) -> None:
    # a runner has a `python`, which some systems do not
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    installed = run_step(STEPS[0], tmp_path, PATH=programs)
    assert installed.returncode == 0, installed.stderr
    with MockServer(MockConfig(faults=("PAGE004",))) as server:
        done = run_step(STEPS[1], tmp_path, INPUT_URL=server.endpoint)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("FAIL  ")
    assert (tmp_path / "broadcast-check" / "bin" / "broadcast-check").exists()


def test_a_right_endpoint_passes_with_a_summary(prepared: Path) -> None:
    with MockServer(MockConfig(required_headers={"X-Key": SECRET})) as server:
        done = run_step(
            STEPS[1],
            prepared,
            INPUT_URL=server.endpoint,
            INPUT_HEADER_ENV="\nX-Key=THE_KEY\n",
            INPUT_ARGS="--channel line\n  --max-pages 50",
            THE_KEY=SECRET,
        )
    summary = (prepared / "summary.md").read_text()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASS  ")
    assert "PASS" in summary
    assert SECRET not in done.stdout + done.stderr + summary


def test_a_broken_endpoint_fails_and_is_annotated(prepared: Path) -> None:
    with MockServer(MockConfig(faults=("PAGE004",))) as server:
        done = run_step(STEPS[1], prepared, INPUT_URL=server.endpoint)
    assert done.returncode == 1
    assert re.search(r"^::error.*PAGE004", done.stdout, re.MULTILINE)
    assert "PAGE004" in (prepared / "summary.md").read_text()


def test_the_settings_of_the_callers_repository_count(prepared: Path) -> None:
    """As in a workflow: checked out, its settings beside it, a secret in the step's environment."""
    with MockServer(MockConfig(required_headers={"X-Key": SECRET}, faults=("SEC006",))) as server:
        (prepared / ".git").mkdir()
        (prepared / "broadcast-check.toml").write_text(
            f"[endpoints.orders]\nurl = '{server.endpoint}'\nheaders = {{X-Key = '${{THE_KEY}}'}}\n"
        )
        given = {"INPUT_URL": "orders", "THE_KEY": SECRET}
        lenient = run_step(STEPS[1], prepared, **given)
        strict = run_step(STEPS[1], prepared, **given, INPUT_ARGS="--strict")
    summary = (prepared / "summary.md").read_text()
    assert (lenient.returncode, strict.returncode) == (0, 1)
    assert re.search(r"^::warning title=SEC006", lenient.stdout, re.MULTILINE)
    assert re.search(r"^::error title=SEC006", strict.stdout, re.MULTILINE)
    assert re.findall(r"^# (\w+)", summary, re.MULTILINE) == ["PASS", "FAIL"]
    assert SECRET not in lenient.stdout + strict.stdout + summary


def test_every_endpoint_of_the_callers_repository_is_checked(prepared: Path) -> None:
    with MockServer(MockConfig()) as server:
        (prepared / "broadcast-check.toml").write_text(
            f"[endpoints.orders]\nurl = '{server.endpoint}'\n"
            f"[endpoints.members]\nurl = '{server.fault_endpoint('PAGE004')}'\n"
        )
        done = run_step(STEPS[1], prepared, INPUT_ARGS="--all")
    assert done.returncode == 1, done.stderr
    assert re.search(r"^::error title=members%3A PAGE004", done.stdout, re.MULTILINE)
    summary = (prepared / "summary.md").read_text()
    assert summary.startswith("# FAIL: 2 endpoints: 1 passed, 1 failed\n")


@pytest.mark.parametrize(
    "inputs",
    [
        {"INPUT_URL": ""},
        {"INPUT_URL": "$(touch hacked)"},
        {
            "INPUT_URL": "http://127.0.0.1:9/",
            "INPUT_ARGS": "--no-such; touch hacked; `touch hacked`",
        },
        {"INPUT_URL": "http://127.0.0.1:9/", "INPUT_HEADER_ENV": "X-Key=NO_SUCH_VARIABLE"},
        {"INPUT_URL": "--version"},
    ],
)
def test_wrong_inputs_end_with_2_and_run_nothing(prepared: Path, inputs: dict[str, str]) -> None:
    done = run_step(STEPS[1], prepared, **inputs)
    assert done.returncode == 2, done.stdout
    assert not (prepared / "hacked").exists()


def examples() -> list[str]:
    """The workflows of the documentation: two for GitHub, then one for GitLab."""
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def lint(name: str, *arguments: str | Path) -> str:
    """What a linter of the environment complains about; nothing when it is content."""
    program = Path(sys.executable).with_name(name)
    done = subprocess.run(
        [program, *arguments], capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def by_schema(schema: str, path: Path) -> str:
    """Checked by the schema that the linter brings along, without a network."""
    return lint("check-jsonschema", "--builtin-schema", f"vendor.{schema}", path)


def audited(folder: Path, text: str, name: str) -> str:
    """What is unsafe in a workflow or action, but for versions given by a tag."""
    path = folder / (".github/workflows/" + name if name != "action.yml" else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    config = folder / "zizmor.yml"
    config.write_text("rules: {unpinned-uses: {disable: true}}")
    return lint("zizmor", "--offline", "--no-progress", "--config", config, path)


def test_the_action_is_right_by_its_schema_and_safe(tmp_path: Path) -> None:
    assert by_schema("github-actions", ROOT / "action.yml") == ""
    assert audited(tmp_path, (ROOT / "action.yml").read_text("utf-8"), "action.yml") == ""


def test_a_wrong_action_is_noticed(tmp_path: Path) -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(text.replace("shell: bash", "shel: bash"), "utf-8")
    assert "shel" in by_schema("github-actions", wrong)
    unsafe = text.replace('(-- "$INPUT_URL")', "(-- ${{ inputs.url }})")
    assert "template-injection" in audited(tmp_path, unsafe, "action.yml")


def test_the_example_workflows_are_right_by_their_schemas_and_safe(tmp_path: Path) -> None:
    schemas = ["github-workflows", "github-workflows", "gitlab-ci"]
    for index, (schema, text) in enumerate(zip(schemas, examples(), strict=True)):
        path = tmp_path / f"{index}.yml"
        path.write_text(text, "utf-8")
        assert by_schema(schema, path) == ""
        if schema == "github-workflows":
            assert audited(tmp_path, text, f"{index}.yml") == ""


def test_a_wrong_workflow_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(examples()[0].replace("runs-on:", "run-on:"), "utf-8")
    assert by_schema("github-workflows", wrong) != ""
    unsafe = examples()[1].replace("persist-credentials: false", "fetch-depth: 1")
    assert "artipacked" in audited(tmp_path, unsafe, "unsafe.yml")


def test_the_example_workflows_fit_the_action() -> None:
    blocks = [yaml.safe_load(block) for block in examples()]
    uses = [
        step
        for block in blocks
        for job in block.get("jobs", {}).values()
        for step in job["steps"]
        if "broadcast-conformance" in step.get("uses", "")
    ]
    assert len(uses) == 1
    assert set(uses[0]["with"]) <= set(ACTION["inputs"])
    variables = {line.partition("=")[2] for line in uses[0]["with"]["header-env"].split()}
    assert variables == set(uses[0]["env"])


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


def test_the_container_runs_the_command_and_not_as_root() -> None:
    last = {name: value for name, value in instructions() if name != "FROM"}
    assert last["USER"] == "65534:65534"
    assert last["ENTRYPOINT"] == '["broadcast-check"]'


def test_the_container_is_made_of_pinned_parts() -> None:
    images = [value.split()[0] for name, value in instructions() if name == "FROM"]
    assert images == ["python:3.13-slim"] * 2
    installs = [value for name, value in instructions() if name == "RUN" and "install" in value]
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


@pytest.mark.skipif(sys.platform == "win32", reason="hadolint comes for Linux and macOS")
def test_a_linter_has_nothing_to_say_of_the_container(tmp_path: Path) -> None:
    assert lint("hadolint", ROOT / "Containerfile") == ""
    wrong = tmp_path / "Containerfile"
    wrong.write_text((ROOT / "Containerfile").read_text("utf-8") + "USER root\nRUN cd /tmp\n")
    assert "DL3002" in lint("hadolint", wrong)


def test_the_requirements_of_each_way_to_build_are_not_left_out() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
    ours = [service["build"] for service in compose["services"].values() if "build" in service]
    [default] = [value.partition("=")[2] for name, value in instructions() if name == "ARG"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for name in {default, *(build["args"]["REQUIREMENTS"] for build in ours)}:
        assert f"!requirements/{name}.txt" in ignored
        assert (ROOT / "requirements" / f"{name}.txt").is_file()


def test_what_the_container_leaves_out_is_not_needed_to_build(tmp_path: Path) -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for name in (line[1:] for line in ignored if line.startswith("!")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", "dist", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
