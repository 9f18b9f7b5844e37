"""--format and --report as a user gives them: several at once, tried before anything is sent."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from answering import Answer, Server

from checker.reports import FORMATS
from mockserver import MockServer

BEGINNINGS = {
    "text": "FAIL  http",
    "json": "{\n",
    "html": "<!doctype html>\n",
    "markdown": "# FAIL: 1 error\n",
    "junit": "<?xml ",
    "github": "::error title=PAGE004 too-many-rows::",
    "sarif": "{\n",
}


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "checker", *arguments],
        capture_output=True,
        check=False,
        timeout=60,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "80"},
    )


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_goes_to_standard_output(form: str, mock: MockServer) -> None:
    done = run_command(mock.fault_endpoint("PAGE004"), "--no-probes", "--format", form)
    assert done.returncode == 1
    assert done.stdout.startswith(BEGINNINGS[form])
    assert done.stdout.endswith("\n")
    assert done.stderr == ""


def test_several_reports_of_one_run(mock: MockServer, tmp_path: Path) -> None:
    files = {form: tmp_path / f"report.{form}" for form in FORMATS}
    wanted = [part for form, path in files.items() for part in ("--report", f"{form}={path}")]
    main = tmp_path / "main"
    done = run_command(mock.fault_endpoint("PAGE004"), "-o", str(main), *wanted)
    assert done.returncode == 1
    assert done.stdout == ""
    texts = {form: path.read_text("utf-8") for form, path in files.items()}
    assert all(texts[form].startswith(BEGINNINGS[form]) for form in FORMATS)
    assert main.read_text("utf-8") == texts["text"]
    assert len(list(tmp_path.iterdir())) == len(FORMATS) + 1, "no temporary file stays"
    run = json.loads(texts["json"])["run"]
    assert all(run in texts[form] for form in FORMATS if form != "github")
    assert ET.fromstring(texts["junit"]).get("failures") == "1"
    assert oct(files["html"].stat().st_mode & 0o777) == oct(main.stat().st_mode & 0o777)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--report", "html"), "FORMAT=FILE"),
        (("--report", "html="), "FORMAT=FILE"),
        (("--report", "pdf=report.pdf"), "the formats are github, html, json"),
        (("--report", "json=-"), "FORMAT=FILE"),
        (("--report", "html=/nonexistent/report.html"), "cannot be written"),
        (("--report", "html=/"), "cannot be written"),
        (("--report", "html=a\0b"), "cannot be read or written"),
        (
            ("--report", "html=out", "--report", "junit=./out"),
            "--report and --report name the same",
        ),
        (("--report", "html=out", "-o", "out"), "-o and --report name the same file"),
        (("--record", "out", "--report", "html=./out"), "--report and --record name the same"),
        (("-o", "out", "--write-baseline", "out"), "-o and --write-baseline name the same"),
        (("--replay", "out", "-o", "out"), "--replay and -o name the same"),
        (("--page", "out", "--report", "html=out"), "--page and --report name the same"),
        (("--baseline", "out", "-o", "out"), "--baseline and -o name the same"),
        (("--config", "out", "-o", "out"), "--config and -o name the same"),
        (("--header-file", "out", "-o", "out"), "--header-file and -o name the same"),
        (("--ca-bundle", "out", "-o", "out"), "--ca-bundle and -o name the same"),
        (("--format", "pdf"), "--format"),
    ],
)
def test_a_wrong_report_is_told_before_anything_is_sent(
    arguments: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from checker.cli.main import main

    monkeypatch.chdir(tmp_path)
    server = Server()
    server.answer = lambda asked: Answer(b"{}")
    try:
        assert main([server.url, *arguments]) == 2
        assert server.asked == []
    finally:
        server.close()
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_one_path_that_cannot_be_written_leaves_the_others_alone(
    mock: MockServer, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.html"
    kept.write_text("older")
    done = run_command(
        mock.endpoint, "--report", f"html={kept}", "--report", "junit=/nonexistent/report.xml"
    )
    assert done.returncode == 2
    assert kept.read_text() == "older"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_link_stays_a_link(mock: MockServer, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("older")
    link.symlink_to(target)
    assert run_command(mock.endpoint, "--report", f"text={link}").returncode == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("PASS")


def test_a_device_is_written_to_and_not_replaced(mock: MockServer, tmp_path: Path) -> None:
    done = run_command(mock.endpoint, "-o", "/dev/null", "--report", "json=/dev/stderr")
    assert done.returncode == 0
    assert Path("/dev/null").is_char_device()
    assert done.stdout == ""
    assert json.loads(done.stderr)["verdict"] == "pass"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has /dev/full")
@pytest.mark.parametrize("option", ["-o", "--report", "--record"])
def test_a_full_disk_is_one_sentence(option: str, mock: MockServer) -> None:
    name = "json=/dev/full" if option == "--report" else "/dev/full"
    done = run_command(mock.endpoint, "-q", option, name)
    assert done.returncode == 3
    sentence = (
        f"broadcast-check: The report could not be written to '/dev/full' ({option}): No space"
    )
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has /dev/full")
def test_a_full_standard_output_is_one_sentence(mock: MockServer) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "checker", mock.endpoint],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            encoding="utf-8",
        )
    assert done.returncode == 3
    assert done.stderr.startswith(
        "broadcast-check: The report could not be written to the standard"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_goes_away_is_no_failure_of_ours(form: str, mock: MockServer) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "checker", mock.endpoint, "--format", form],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        encoding="utf-8",
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
