"""Baselines and diff: what is new, known and fixed; and files that are none of ours."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
from hypothesis import given
from hypothesis import strategies as st
from settings_kit import Command

import checker
from checker.baselines.baseline import compare, snapshot_of, worst_is_failing
from checker.baselines.json_position import line_of
from checker.baselines.known import Known
from checker.rules import all_rules
from mockserver import MockServer
from schemas import read

EXAMPLE: dict[str, Any] = {
    "report_version": 1,
    "tool": {"name": "broadcast-check", "version": "0.1.0"},
    "run": "0123456789ab",
    "endpoint": "https://api.example.com/recipients",
    "started": "2026-01-01T00:00:00Z",
    "seconds": 1.0,
    "verdict": "pass",
    "complete": True,
    "crawl": {
        "pages": 1,
        "rows": 1,
        "requests": 1,
        "bytes": 1,
        "ended_by": "empty-next",
        "page_seconds": {"p50": 0, "p95": 0, "p99": 0, "max": 0},
    },
    "findings": [],
    "not_judged": [],
}


def report_with(
    counts: dict[str, int], *, complete: bool = True, not_judged: tuple[str, ...] = ()
) -> dict[str, Any]:
    rules = all_rules()
    findings = [
        {
            "rule": rule,
            "name": rules[rule].name,
            "severity": rules[rule].severity.value,
            "count": count,
            "message": "m",
            "fix": "f",
            "help": f"docs/rules/{rule}.md",
            "examples": [],
        }
        for rule, count in counts.items()
    ]
    crawl = EXAMPLE["crawl"] | {"ended_by": "empty-next" if complete else "server-error"}
    skipped = [{"rules": list(not_judged), "why": "so"}] if not_judged else []
    parts = {"findings": findings, "complete": complete, "crawl": crawl, "not_judged": skipped}
    return EXAMPLE | parts


COUNTS = st.dictionaries(st.sampled_from(list(all_rules())), st.integers(1, 99), max_size=8)
REPORTS = st.builds(
    lambda counts, complete, left_out: report_with(
        counts, complete=complete, not_judged=tuple(left_out - counts.keys())
    ),
    COUNTS,
    st.booleans(),
    st.sets(st.sampled_from(list(all_rules())), max_size=8),
)


@given(REPORTS)
def test_a_report_beside_itself_has_nothing_new(report: dict[str, Any]) -> None:
    same = compare(snapshot_of(report), snapshot_of(report))
    assert (same.new, same.fixed, same.changed, same.not_judged) == ((), (), (), ())
    assert len(same.known) == len(report["findings"])


@given(REPORTS, REPORTS)
def test_every_finding_is_told_once(old: dict[str, Any], new: dict[str, Any]) -> None:
    told = compare(snapshot_of(old), snapshot_of(new))
    ours, theirs = ({f["rule"] for f in r["findings"]} for r in (new, old))
    rules = [[item.rule for item in part] for part in (told.new, told.known)]
    assert sorted(rules[0] + rules[1]) == sorted(ours)
    gone = [item.rule for part in (told.fixed, told.not_judged) for item in part]
    assert sorted(gone) == sorted(theirs - ours)
    assert set(told.changed) <= set(told.known)


@given(COUNTS, COUNTS)
def test_what_is_new_one_way_is_fixed_the_other(old: dict[str, int], new: dict[str, int]) -> None:
    there = compare(snapshot_of(report_with(old)), snapshot_of(report_with(new)))
    back = compare(snapshot_of(report_with(new)), snapshot_of(report_with(old)))
    assert (there.new, there.fixed) == (back.fixed, back.new)


def test_nothing_is_fixed_that_was_not_judged_again() -> None:
    old = snapshot_of(report_with({"ROW001": 1}))
    for new in (report_with({}, complete=False), report_with({}, not_judged=("ROW001",))):
        told = compare(old, snapshot_of(new))
        assert (told.fixed, [item.rule for item in told.not_judged]) == ((), ["ROW001"])


def test_only_errors_fail_unless_strict() -> None:
    new = compare(snapshot_of(report_with({})), snapshot_of(report_with({"ROW012": 1}))).new
    assert not worst_is_failing(new, strict=False)
    assert worst_is_failing(new, strict=True)


def saved(path: Path, document: object) -> str:
    path.write_text(json.dumps(document, indent=2), "utf-8")
    return str(path)


def test_a_baseline_makes_what_is_known_pass(
    tmp_path: Path, process: Command, mock: MockServer
) -> None:
    url = mock.fault_endpoint("PAGE004")
    written = process(url, "--write-baseline", "base.json", "-q")
    assert written.returncode == 0
    assert written.stdout.startswith("PASS")
    assert "1 error (1 known)" in written.stdout
    known = process(url, "--baseline", "base.json")
    assert known.returncode == 0
    assert "ERROR  PAGE004  too-many-rows (known)" in known.stdout
    assert "known: PAGE004." in known.stdout
    assert process(url, "-q").returncode == 1, "without it, it fails as ever"


def test_what_is_new_fails_and_what_was_fixed_is_told(
    tmp_path: Path, command: Command, mock: MockServer
) -> None:
    base = saved(tmp_path / "base.json", report_with({"PAGE008": 3}))
    done = command(mock.fault_endpoint("PAGE004"), "--baseline", base, "--format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    jsonschema.Draft202012Validator(read("report")).validate(report)
    assert [item["rule"] for item in report["baseline"]["new"]] == ["PAGE004"]
    assert [item["rule"] for item in report["baseline"]["fixed"]] == ["PAGE008"]
    text = command(mock.fault_endpoint("PAGE004"), "--baseline", base).stdout
    assert "new: PAGE004. fixed: PAGE008." in text


def test_growth_is_told_and_not_new(tmp_path: Path, command: Command, mock: MockServer) -> None:
    base = saved(tmp_path / "base.json", report_with({"PAGE004": 77}))
    done = command(mock.fault_endpoint("PAGE004"), "--baseline", base)
    assert done.returncode == 0
    assert "counts changed: PAGE004 from 77 to 1." in " ".join(done.stdout.split())


def test_an_early_end_passes_only_where_it_is_known(
    tmp_path: Path, command: Command, mock: MockServer
) -> None:
    url = mock.fault_endpoint("JSON001")
    done = command(url, "--write-baseline", "base.json", "-q")
    assert done.returncode == 0
    base = json.loads((tmp_path / "base.json").read_text("utf-8"))
    assert not base["complete"]
    base["complete"], base["crawl"]["ended_by"] = True, "empty-next"
    whole = saved(tmp_path / "whole.json", base)
    assert command(url, "--baseline", whole, "-q").returncode == 1


def test_a_server_that_is_down_never_passes(command: Command) -> None:
    arguments = ("http://127.0.0.1:1/", "--retries", "0", "-q")
    assert command(*arguments, "--write-baseline", "base.json").returncode == 1
    assert command(*arguments, "--baseline", "base.json").returncode == 1


def test_a_summary_is_a_baseline_of_each(
    tmp_path: Path, command: Command, mock: MockServer
) -> None:
    (tmp_path / "broadcast-check.toml").write_text(
        f"[endpoints.bad]\nurl = '{mock.fault_endpoint('PAGE004')}'\n"
        f"[endpoints.good]\nurl = '{mock.endpoint}'\n"
    )
    assert command("--all", "-q", "--write-baseline", "base.json").returncode == 0
    assert command("--all", "-q", "--baseline", "base.json").returncode == 0
    assert command("bad", "-q", "--baseline", "base.json").returncode == 0
    other = command(mock.endpoint, "--baseline", "base.json")
    assert (other.returncode, other.stderr.count("\n")) == (2, 1)
    one = saved(tmp_path / "one.json", EXAMPLE)
    refused = command("--all", "--baseline", one)
    assert refused.returncode == 2
    assert "expected a summary" in refused.stderr


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("{\n\n  nonsense", 3, "expected a JSON report"),
        ("", 1, "expected a JSON report"),
        ("[" * 100_000, 1, "expected a JSON report"),
        ("\n[]", 2, "no 'report_version'"),
        ('{"foo": 1}', 1, "no 'report_version'"),
        ('{"report_version": 1}', 1, "the report lacks 'tool'"),
        (json.dumps(EXAMPLE | {"report_version": 7}, indent=1), 2, "'report_version' must be 1"),
        (
            json.dumps(EXAMPLE | {"complete": "yes"}, indent=1),
            12,
            "'complete' must be true or false",
        ),
        (
            json.dumps(report_with({"ROW001": 1, "ROW002": 0}), indent=1),
            41,
            "'findings[1].count' must be 1 or more",
        ),
    ],
    ids=range(9),
)
def test_a_broken_or_foreign_baseline_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    line: int,
    sentence: str,
) -> None:
    from checker.cli.main import main

    monkeypatch.chdir(tmp_path)
    Path("base.json").write_text(text)
    for arguments in (
        ("http://127.0.0.1:1/", "--baseline", "base.json"),
        ("diff",) + ("base.json",) * 2,
    ):
        assert main(arguments) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"broadcast-check: base.json, line {line}: expected a JSON report")
        assert sentence in told
        assert told.count("\n") == 1


@pytest.mark.parametrize("name", ["none.json", "."])
def test_a_baseline_that_cannot_be_read(command: Command, name: str) -> None:
    done = command("http://127.0.0.1:1/", "--baseline", name)
    assert done.returncode == 2
    assert "cannot be read as text" in done.stderr


def test_a_baseline_that_cannot_be_written_fails_before_the_crawl(
    command: Command, tmp_path: Path
) -> None:
    done = command("http://127.0.0.1:1/", "--write-baseline", "none/base.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "(--write-baseline)" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_diff_tells_new_fixed_and_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from checker.cli.main import main

    old = saved(tmp_path / "old.json", report_with({"PAGE002": 1, "ROW012": 2, "ROW013": 5}))
    new = saved(tmp_path / "new.json", report_with({"NEXT006": 3, "ROW012": 40, "ROW013": 5}))
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["diff", old, new]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "new      NEXT006 overlapping-pages (error): 3 times",
        "fixed    PAGE002 list-missing (error): 1 time",
        "changed  ROW012 duplicate-row (warning): 40 times, 2 before",
        "1 new, 1 fixed, 1 changed, 0 unsure, 1 unchanged.",
    ]
    assert main(["diff", new, new, "--strict"]) == 0
    assert capsys.readouterr().out == "0 new, 0 fixed, 0 changed, 0 unsure, 3 unchanged.\n"


def is_a_diff(document: object) -> None:
    registry = referencing.Registry().with_resource(
        read("report")["$id"], referencing.Resource.from_contents(read("report"))
    )
    validator = jsonschema.Draft202012Validator(read("diff"), registry=registry)
    validator.validate(document)
    assert isinstance(document, dict)
    assert not validator.is_valid({**document, "unknown": 1})


def test_a_new_warning_fails_a_strict_diff(tmp_path: Path, process: Command) -> None:
    old = saved(tmp_path / "old.json", report_with({}))
    new = saved(tmp_path / "new.json", report_with({"ROW012": 1}))
    assert process("diff", old, new).returncode == 0
    done = process("diff", old, new, "--strict", "--format", "json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    is_a_diff(document)
    assert [item["rule"] for item in document["new"]] == ["ROW012"]


def summary_of(**findings: dict[str, int]) -> dict[str, object]:
    reports = {name: report_with(found) for name, found in findings.items()}
    return {"summary_version": 1, "verdict": "fail", "reports": reports, "not_checked": {}}


def test_two_summaries_are_compared_endpoint_by_endpoint(tmp_path: Path, command: Command) -> None:
    old = saved(tmp_path / "old.json", summary_of(orders={"PAGE002": 1}, gone={"ROW012": 2}))
    new = saved(tmp_path / "new.json", summary_of(orders={}, members={"NEXT006": 3}))
    done = command("diff", old, new)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "== orders ==",
        "fixed    PAGE002 list-missing (error): 1 time",
        "0 new, 1 fixed, 0 changed, 0 unsure, 0 unchanged.",
        "",
        "== members ==",
        "new      NEXT006 overlapping-pages (error): 3 times",
        "1 new, 0 fixed, 0 changed, 0 unsure, 0 unchanged.",
        "",
        "== gone ==",
        "unsure   ROW012 duplicate-row (warning): 2 times: the newer report could not",
        "judge it",
        "0 new, 0 fixed, 0 changed, 1 unsure, 0 unchanged.",
    ]
    document = json.loads(command("diff", old, new, "--format", "json").stdout)
    is_a_diff(document)
    assert list(document["endpoints"]) == ["orders", "members", "gone"]
    assert command("diff", new, new).returncode == 0


def test_a_summary_and_a_report_are_not_compared(tmp_path: Path, command: Command) -> None:
    one = saved(tmp_path / "one.json", EXAMPLE)
    several = saved(tmp_path / "several.json", summary_of(orders={}))
    for pair in ((one, several), (several, one)):
        done = command("diff", *pair)
        assert (done.returncode, done.stdout) == (2, "")
        assert "several.json, line 1: expected the report of one endpoint" in done.stderr


def test_diff_wants_two_reports(capsys: pytest.CaptureFixture[str]) -> None:
    from checker.cli.main import main

    assert main(["diff", "one.json"]) == 2
    assert "see broadcast-check diff --help" in capsys.readouterr().err


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON_VALUES, st.data())
def test_the_line_of_a_value_is_where_it_is(document: object, data: st.DataObject) -> None:
    path: list[str | int] = []
    marked = json.loads(json.dumps({"root": document}))
    here: Any = marked
    while isinstance(here, dict | list) and here:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        path.append(key)
        if not isinstance(here[key], dict | list) or not here[key]:
            here[key] = "the marked value"
        here = here[key]
    text = json.dumps(marked, indent=1)
    lines = text.splitlines()
    assert "the marked value" in lines[line_of(text, tuple(path)) - 1]


def test_the_library_knows_nothing_of_baselines(mock: MockServer) -> None:
    assert checker.check(mock.endpoint, probes=False).baseline is None


@pytest.mark.parametrize("path", [("b",), ("a", "x"), ("list", 7), ("list", "x")])
def test_a_place_that_is_not_there_has_the_line_around_it(path: tuple[str | int, ...]) -> None:
    assert line_of('{\n"a": 1,\n"list": [\n2]}', path) in (1, 2, 3)


def test_a_wrong_report_within_a_summary_is_told_with_its_line(
    tmp_path: Path, command: Command
) -> None:
    reports = {"a": EXAMPLE | {"unknown": 1}}
    summary = {"summary_version": 1, "verdict": "pass", "reports": reports, "not_checked": {}}
    base = saved(tmp_path / "base.json", summary)
    done = command("http://127.0.0.1:1/", "--baseline", base)
    assert done.returncode == 2
    line = Path(base).read_text("utf-8").splitlines().index('      "unknown": 1') + 1
    assert f"base.json, line {line}: expected a JSON report" in done.stderr
    assert "'reports.a.unknown' is not known" in done.stderr


def test_a_baseline_goes_to_a_file(command: Command) -> None:
    done = command("http://127.0.0.1:1/", "--write-baseline", "-")
    assert (done.returncode, done.stdout) == (2, "")


def test_an_interrupted_run_writes_no_baseline(
    tmp_path: Path, mock: MockServer, capsys: pytest.CaptureFixture[str]
) -> None:
    base = saved(tmp_path / "base.json", EXAMPLE)
    report = dataclasses.replace(checker.check(mock.endpoint, probes=False), interrupted=True)
    judged = Known(baseline=None, write_to=base).for_one("")(report)
    assert judged.baseline is None
    assert json.loads(Path(base).read_text("utf-8")) == EXAMPLE
    assert "no baseline is written, since the run was interrupted" in capsys.readouterr().err
