"""`pytest --broadcast-endpoint URL`: a test for every rule."""

import json
import re
from collections.abc import Callable

import pytest
from answering import Answer, Asked, Server

import checker.pytest_plugin
from checker.rules import all_rules
from checker.rules.page004_too_many_rows import TooManyRows

NAMES = [*(f"{rule.id}-{rule.name}" for rule in all_rules().values()), "verdict"]
SECRET = "hunter2-swordfish"

EndpointWith = Callable[..., str]
Cases = Callable[[pytest.RunResult], dict[str, str]]


def run(pytester: pytest.Pytester, url: str, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(f"--broadcast-endpoint={url}", *options)


def test_there_is_a_test_for_every_rule_in_the_contracts_order(
    pytester: pytest.Pytester, endpoint_with: EndpointWith
) -> None:
    result = run(pytester, endpoint_with(), "--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == [
        f"broadcast::{name}" for name in NAMES
    ]


def test_a_right_endpoint_fails_no_test(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, cases: Cases
) -> None:
    pytester.makepyfile("def test_theirs(): pass")
    result = run(pytester, endpoint_with(), "--junitxml=out.xml")
    assert result.ret == pytest.ExitCode.OK
    became = cases(result)
    assert list(became) == NAMES
    assert set(became.values()) == {"passed", "skipped"}
    result.stdout.fnmatch_lines(["PASS  http://127.0.0.1:*: nothing to report"])


def test_a_finding_fails_its_rule_and_no_other(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, cases: Cases
) -> None:
    result = run(pytester, endpoint_with("PAGE004"), "--junitxml=out.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    failed = [name for name, outcome in cases(result).items() if outcome == "failure"]
    assert failed == ["PAGE004-too-many-rows"]


def test_the_failure_is_the_finding_with_its_fix_and_no_traceback(
    pytester: pytest.Pytester, endpoint_with: EndpointWith
) -> None:
    result = run(pytester, endpoint_with("PAGE004"), "--tb=long", "--showlocals")
    result.stdout.fnmatch_lines(
        [
            "*_ broadcast::PAGE004-too-many-rows _*",
            "ERROR  PAGE004  too-many-rows",
            "*at most 499 are allowed.",
            "  Fix:     Send fewer than 500 rows a page*",
            "  Repeat:  curl *",
            "  More:    broadcast-check explain PAGE004",
            "FAILED broadcast::PAGE004-too-many-rows*",
        ]
    )
    assert "pytest_plugin.py" not in result.stdout.str()


@pytest.mark.parametrize("fault", ["NEXT002", "PAGE008"])
def test_what_is_no_error_passes_and_is_told(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, fault: str
) -> None:
    result = run(pytester, endpoint_with(fault))
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*= broadcast endpoint =*", f"*  {fault}  *", "PASS  *"])


def test_strict_fails_for_a_warning_too(
    pytester: pytest.Pytester, endpoint_with: EndpointWith
) -> None:
    result = run(pytester, endpoint_with("NEXT002"), "--broadcast-strict")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["WARNING  NEXT002  unusual-next"])


def test_a_rule_that_was_not_judged_is_skipped_with_the_reason(
    pytester: pytest.Pytester, endpoint_with: EndpointWith
) -> None:
    result = run(pytester, endpoint_with(), "-rs", "-k", "SEC001 or ROW")
    result.stdout.fnmatch_lines(
        ["SKIPPED * no header that looks like a credential was given", "*= 18 passed, 3 skipped, *"]
    )


def test_what_is_left_out_is_skipped(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, cases: Cases
) -> None:
    result = run(
        pytester, endpoint_with("PAGE004"), "--broadcast-ignore=page,ROW", "--junitxml=out.xml"
    )
    assert result.ret == pytest.ExitCode.OK
    assert cases(result)["PAGE004-too-many-rows"] == "skipped"


def test_a_crawl_that_ends_early_is_no_pass_though_its_reason_is_left_out(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, cases: Cases
) -> None:
    result = run(pytester, endpoint_with("HTTP005"), "--broadcast-select=ROW", "--junitxml=out.xml")
    assert [name for name, became in cases(result).items() if became == "failure"] == ["verdict"]
    result.stdout.fnmatch_lines(["*An incomplete crawl counts as a failure.*"])


def test_one_cause_fails_one_test(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, cases: Cases
) -> None:
    result = run(pytester, endpoint_with("HTTP005"), "--junitxml=out.xml")
    failed = [name for name, became in cases(result).items() if became == "failure"]
    assert failed == ["HTTP005-unexpected-status"]


def test_k_and_m_choose_among_them(pytester: pytest.Pytester, endpoint_with: EndpointWith) -> None:
    pytester.makepyfile("def test_theirs(): pass")
    chosen = run(pytester, endpoint_with(), "-k", "PAGE004 or theirs")
    assert chosen.parseoutcomes() == {"passed": 2, "deselected": len(NAMES) - 1}
    without = run(pytester, endpoint_with(), "-m", "not broadcast", "--strict-markers")
    assert without.parseoutcomes() == {"passed": 1, "deselected": len(NAMES)}


def test_last_failed_runs_the_failed_rule_again(
    pytester: pytest.Pytester, endpoint_with: EndpointWith
) -> None:
    run(pytester, endpoint_with("PAGE004"))
    again = run(pytester, endpoint_with("PAGE004"), "--lf")
    assert again.parseoutcomes()["failed"] == 1
    assert "passed" not in again.parseoutcomes()


def test_nothing_is_asked_when_no_such_test_is_chosen(
    pytester: pytest.Pytester, answering: Server
) -> None:
    pytester.makepyfile("def test_theirs(): pass")
    assert run(pytester, answering.url, "-k", "theirs").ret == pytest.ExitCode.OK
    assert answering.asked == []


@pytest.mark.parametrize("plugin", ["terminal", "junitxml", "cacheprovider", "skipping", "xdist"])
def test_it_works_without_another_plugin(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, plugin: str
) -> None:
    assert run(pytester, endpoint_with(), "-p", f"no:{plugin}").ret == pytest.ExitCode.OK


def test_it_can_be_turned_off(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_theirs(check_broadcast): pass")
    result = pytester.runpytest_subprocess("-p", "no:broadcast")
    result.stdout.fnmatch_lines(["*fixture 'check_broadcast' not found*"])


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--broadcast-endpoint=example.com", "*must begin with http:// or https://*"),
        ("--broadcast-header=Authorization", "*has no colon*"),
        ("--broadcast-header=Bad Name: " + SECRET, "*is not a header name*"),
        ("--broadcast-header-env=Authorization", "*NAME=VAR*"),
        ("--broadcast-header-env=Authorization=NO_SUCH_VARIABLE", "*Authorization*not set*"),
        ("--broadcast-select=PAGE999", "*There is no rule 'PAGE999'*"),
        ("--broadcast-channel=pigeon", "*pigeon*line*"),
        ("--broadcast-token-param=", "*--token-param is empty*"),
    ],
)
def test_a_wrong_option_is_one_sentence_before_any_test(
    pytester: pytest.Pytester, option: str, sentence: str
) -> None:
    pytester.makepyfile("def test_theirs(): pass")
    result = run(pytester, "http://127.0.0.1:9/recipients", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len(result.errlines) == 2
    result.stderr.fnmatch_lines([f"ERROR: broadcast: {sentence}", ""])
    assert SECRET not in result.stderr.str()


def test_headers_are_sent_and_never_shown(
    pytester: pytest.Pytester, answering: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering.answer = lambda asked: Answer(json.dumps(asked.headers).encode(), status=500)
    monkeypatch.setenv("THE_TOKEN", f"Bearer {SECRET}")
    result = run(
        pytester,
        answering.url,
        "--broadcast-header=X-Shop: 17-seventeen",
        "--broadcast-header-env=Authorization=THE_TOKEN",
        *("-vv", "--tb=long", "--showlocals", "--full-trace", "--junitxml=out.xml"),
    )
    assert answering.asked[0].headers["X-Shop"] == "17-seventeen"
    assert answering.asked[0].headers["Authorization"] == f"Bearer {SECRET}"
    for text in (result.stdout.str(), result.stderr.str(), (pytester.path / "out.xml").read_text()):
        assert SECRET not in text
        assert "17-seventeen" not in text


def test_a_rule_that_fails_itself_fails_its_test(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: object, page: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(TooManyRows, "on_violations", crash)
    result = run(pytester, endpoint_with("PAGE004"))
    result.stdout.fnmatch_lines(["*the checker itself failed here*"])
    assert "FAILED broadcast::PAGE004-too-many-rows" in result.stdout.str()
    assert SECRET not in result.stdout.str()


def test_a_failure_of_ours_is_told_without_its_text_and_tried_once(
    pytester: pytest.Pytester, endpoint_with: EndpointWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def crash(config: object) -> None:
        tried.append(config)
        raise ValueError(SECRET)

    monkeypatch.setattr(checker.pytest_plugin, "run", crash)
    result = run(pytester, endpoint_with(), "-k", "PAGE00", "--tb=long", "--showlocals")
    assert result.parseoutcomes()["failed"] == 9
    result.stdout.fnmatch_lines(["The checker itself failed (ValueError in *); please report it."])
    assert SECRET not in result.stdout.str()
    assert len(tried) == 1


def test_an_interrupted_check_ends_the_session(
    pytester: pytest.Pytester, answering: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.crawling.client.Client.get_page", interrupt)
    result = pytester.runpytest_inprocess(
        f"--broadcast-endpoint={answering.url}", "--full-trace", no_reraise_ctrlc=True
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_workers_of_xdist_crawl_once_together(pytester: pytest.Pytester, answering: Server) -> None:
    def answer(asked: Asked) -> Answer:
        pages = {None: b'{"list":[{"uid":"a","msg":"b"}],"next":"2"}'}
        return Answer(pages.get(asked.token, b'{"list":[{"uid":"c","msg":""}],"next":""}'))

    answering.answer = answer
    result = pytester.runpytest_subprocess(
        "-n2", f"--broadcast-endpoint={answering.url}", "--broadcast-header=X-Key: " + SECRET
    )
    runs = {re.sub(r".* run/", "", asked.headers["User-Agent"]) for asked in answering.asked}
    assert len(runs) == 1
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] >= 1
    assert sum(outcomes[key] for key in ("passed", "failed", "skipped")) == len(NAMES)
    result.stdout.fnmatch_lines(["ERROR  ROW007  msg-blank", "FAIL  http://*"])
    assert SECRET not in result.stdout.str()
