"""`broadcast-mock referee` as a process: clients of any language, also those that misbehave."""

import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from mockserver.referee import CommandClient, FunctionClient, judge, play, scenarios

RIGHT = Path(__file__).parent.parent.parent / "support" / "reading_client.py"
RESUMING = RIGHT.with_name("resuming_client.py")
SIMPLE = scenarios()["CLIENT006"]


def referee(*words: str, client: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "mockserver", "referee", *words]
    return subprocess.run(
        [*command, *(("--", *client) if client else ())],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def python(code: str) -> tuple[str, ...]:
    """A client of this code; `url` is its endpoint, and `rows` prints what is there to read."""
    start = "import sys, os, time, json, signal, subprocess; url = sys.argv[1]\n"
    return (sys.executable, "-c", start + code, "{url}")


def test_a_right_client_passes() -> None:
    done = referee(
        "--scenario",
        "CLIENT002",
        "--scenario",
        "client004",
        "--patience",
        "20",
        client=(sys.executable, str(RIGHT), "{url}"),
    )
    assert done.stdout.splitlines() == [
        "CLIENT002 query-kept                 passed",
        "CLIENT004 headers-stay               passed",
        "",
        "PASS: 2 of 2 scenarios passed, 0 errors, 0 warnings.",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_is_1_and_is_in_json_and_in_junit(tmp_path: Path) -> None:
    client = (sys.executable, str(RIGHT), "{url}", "CLIENT002")
    picked = ("--scenario", "CLIENT002", "--scenario", "CLIENT003")
    done = referee(*picked, "--format", "json", client=client)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert (report["referee_version"], report["verdict"]) == (1, "fail")
    assert [each["passed"] for each in report["scenarios"]] == [False, True]
    file = tmp_path / "referee.xml"
    done = referee(*picked, "--format", "junit", "--output", str(file), client=client)
    suite = ElementTree.parse(file).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "Request 2 lost" in (suite[0][0].text or "")
    assert done.stdout == "FAIL: 1 of 2 scenarios passed, 1 error, 0 warnings.\n"


def test_a_warning_is_0() -> None:
    done = referee(
        "--scenario", "CLIENT022", client=(sys.executable, str(RIGHT), "{url}", "CLIENT022")
    )
    assert done.returncode == 0
    assert "0 errors, 1 warning." in done.stdout


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (("/no/such/client", "{url}"), "it cannot be started: No such file"),
        (python("time.sleep(600)"), "it did not end within 2 seconds"),
        (python("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"), "did not end"),
        (
            python("print('Reading...')"),
            "line 1 of its output is not a JSON object with uid and msg",
        ),
        (python("print('[1]')"), "line 1 of its output"),
        (python("""print('{"uid": 1, "msg": "x"}')"""), "line 1 of its output"),
        (python("sys.stdout.buffer.write(b'\\xff\\x00\\x1b[2J\\n')"), "line 1 of its output"),
        (python("pass"), "It sent no request."),
        (python("sys.exit('out of order')"), "It failed: exit status 1. out of order"),
        (python("os.kill(os.getpid(), signal.SIGKILL)"), "It failed: exit status -9"),
    ],
)
def test_a_client_that_misbehaves_is_said_in_a_sentence(client: tuple[str, ...], said: str) -> None:
    judgement = judge(CommandClient(client), SIMPLE, 2.0)
    assert judgement.failed
    assert any(said in complaint for complaint in judgement.complaints), judgement.complaints
    assert all("\\x1b" not in complaint for complaint in judgement.complaints)


def test_rows_that_are_printed_twice_are_noticed() -> None:
    code = "import urllib.request as u; rows = json.load(u.urlopen(url))['list']\n"
    judgement = judge(
        CommandClient(python(f"{code}for row in rows * 2: print(json.dumps(row))")), SIMPLE, 20.0
    )
    assert judgement.complaints == ("It read 3 rows more often than the endpoint gave them.",)


@pytest.mark.parametrize(
    ("flaw", "complaints"),
    [
        ("", ()),
        ("restarts", ("It read 6 rows more often than the endpoint gave them.",)),
        ("skips", ("It did not read 3 rows of 9.",)),
    ],
)
def test_a_client_is_killed_and_goes_on(flaw: str, complaints: tuple[str, ...]) -> None:
    words = [sys.executable, str(RESUMING), "{url}", *filter(None, [flaw])]
    client = CommandClient(words, resumes=True)
    assert judge(client, scenarios()["CLIENT032"], 20.0).complaints == complaints
    [simple] = play(client, [SIMPLE], 20.0)
    assert simple.passed or flaw == "skips"


def test_a_client_that_cannot_go_on_is_not_killed() -> None:
    words = [sys.executable, str(RIGHT), "{url}"]
    games = [SIMPLE, scenarios()["CLIENT032"]]
    assert [each.scenario for each in play(CommandClient(words), games, 20.0)] == [SIMPLE]


def test_a_page_that_is_unpacked_whole_before_it_is_refused_is_noticed() -> None:
    code = """
import gzip, urllib.request as u
page = json.load(u.urlopen(url))
body = gzip.decompress(u.urlopen(url + "?next=" + page["next"]).read())
sys.exit("the page is too large")
"""
    judgement = judge(CommandClient(python(code)), scenarios()["CLIENT017"], 30.0)
    [complaint] = judgement.complaints
    assert complaint.startswith("It held ")
    assert complaint.endswith("Count the bytes while you unpack them.")
    assert not judgement.failed


def test_children_of_a_client_are_ended_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    child = f"import time; time.sleep(3); open({str(mark)!r}, 'w')"
    code = f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)"
    begun = time.monotonic()
    assert judge(CommandClient(python(code)), SIMPLE, 1.0).failed
    assert judge(CommandClient(python("time.sleep(4)")), SIMPLE, 10.0).failed
    assert time.monotonic() - begun < 60
    assert not mark.exists()


def test_a_function_that_never_returns_is_left_behind() -> None:
    judgement = judge(FunctionClient(lambda _url, _headers: time.sleep(5) or []), SIMPLE, 0.5)
    assert judgement.complaints == ("The client is at fault: it did not end within 0.5 seconds.",)
    judgement = judge(FunctionClient(lambda _url, _headers: [1]), SIMPLE, 5.0)  # type: ignore[list-item]
    assert judgement.complaints == (
        "The client is at fault: it returned something else than rows.",
    )


@pytest.mark.parametrize(
    ("words", "client", "said"),
    [
        ((), (), "give the client's command after --"),
        ((), ("true",), "needs {url}"),
        (("--scenario", "CLIENT032"), ("true", "{url}"), "say with --resumes that it can go on"),
        (("--scenario", "CLIENT999"), ("true", "{url}"), "there is no scenario 'CLIENT999'"),
        (("--patience", "0"), ("true", "{url}"), "--patience must be more than 0"),
        (("--explain", "nothing"), (), "there is no scenario 'nothing'"),
        (
            ("--scenario", "CLIENT006", "--output", "/no/such/folder/x", "--format", "json"),
            ("true", "{url}"),
            "/no/such/folder/x: cannot be written",
        ),
    ],
)
def test_a_wrong_command_is_one_sentence_and_2(
    words: tuple[str, ...], client: tuple[str, ...], said: str
) -> None:
    done = referee(*words, client=client)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_list_and_the_help_pages() -> None:
    listed = referee("--list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(scenarios())
    assert referee("--explain", "client003").stdout == scenarios()["CLIENT003"].help
