"""The OpenAPI document: right by itself, and as public tools read it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from checker import check
from mockserver import MockConfig, MockServer
from schemas import read

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "schemas" / "openapi.yaml"
TOOLS = ROOT / ".build" / "npm" / "node_modules" / ".bin"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def document() -> Any:
    text = resources.files("schemas").joinpath("openapi.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def operation(document: Any) -> Any:
    return document["paths"]["/recipients"]["get"]


def npm_tool(name: str) -> Path:
    """A tool that tests/install_npm.sh installs."""
    if not (TOOLS / name).exists():
        sentence = f"This test needs {name} from npm. To get it: make npm"
        pytest.fail(sentence) if os.environ.get("CI") == "true" else pytest.skip(sentence)
    return TOOLS / name


def run(folder: Path, *command: str | Path) -> str:
    """What a command prints; it must end well."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@contextmanager
def prism(folder: Path) -> Iterator[str]:
    """Prism serves the document's examples; gives the endpoint's URL."""
    command = [npm_tool("prism"), "mock", "--host", "127.0.0.1", "--port", "0", DOCUMENT]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as server:
        try:
            assert server.stdout is not None
            found = (re.search(r"listening on (http://\S+)", line) for line in server.stdout)
            yield next(match[1] for match in found if match) + "/recipients"
        finally:
            server.terminate()
            server.communicate()


@pytest.fixture(scope="module")
def prism_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prism(tmp_path_factory.mktemp("prism")) as url:
        yield url


def test_the_page_is_described_by_the_contracts_own_schema(operation: Any) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "page.schema.json"}
    assert DOCUMENT.with_name("page.schema.json").exists()


def test_the_examples_are_right_pages(operation: Any) -> None:
    examples = operation["responses"]["200"]["content"]["application/json"]["examples"]
    validator = jsonschema.Draft202012Validator(read("page"))
    pages = {name: example["value"] for name, example in examples.items()}
    for page in pages.values():
        validator.validate(page)
    assert pages["page"]["next"]
    assert not pages["last"]["next"]


def test_the_endpoint_is_that_of_the_mock(document: Any) -> None:
    help_text = run(ROOT, sys.executable, "-m", "mockserver", "--help")
    port = document["servers"][0]["url"].rpartition(":")[2]
    assert f"(default: {port};" in help_text
    assert list(document["paths"]) == ["/recipients"]


def test_a_public_linter_has_nothing_to_say(tmp_path: Path) -> None:
    shown = run(tmp_path, npm_tool("redocly"), "lint", DOCUMENT)
    assert "Your API description is valid" in shown
    assert "warning" not in shown.replace("Deprecation warning", "")


def test_schemathesis_finds_nothing_wrong_with_the_mock(tmp_path: Path) -> None:
    options = ["--max-examples=10", "--seed=1", "--generation-database=none", "--no-color"]
    # No schema can tell a token that was issued from one that was not, which is answered 400.
    options += ["--exclude-checks=positive_data_acceptance"]
    with MockServer(MockConfig()) as server:
        program = Path(sys.executable).with_name("schemathesis")
        shown = run(tmp_path, program, "run", DOCUMENT, f"--url={server.url}", *options)
    assert "No issues found" in shown
    assert "1 covered / 1 selected / 1 total" in shown, "it followed no link from page to page"


@pytest.mark.parametrize(
    ("prefer", "rules"),
    [
        ("example=page", {"NEXT004"}),  # an example knows no token
        ("example=last", {"NEXT009"}),
        ("code=204", {"PAGE006"}),
        ("code=400", {"HTTP005"}),
        ("code=401", {"HTTP006"}),
        ("code=429", {"HTTP008"}),
        ("code=503", {"HTTP007"}),
    ],
)
def test_what_prism_serves_is_judged_rightly(
    prism_endpoint: str, prefer: str, rules: set[str]
) -> None:
    report = check(prism_endpoint, headers={"Prefer": prefer}, retries=0)
    always = {"HTTP004", "SEC006"}  # its 405 names no methods, and it lets any web page read
    found = {finding.rule for finding in report.findings}
    assert found - always == rules
    assert "HTTP004" in found
    assert report.verdict == ("pass" if prefer in ("example=last", "code=204") else "fail")
