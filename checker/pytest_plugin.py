"""A test for every rule, and the fixture `check_broadcast`. Only `pytest_broadcast` imports this.

The endpoint is crawled once in a session, when the first of these tests runs. The workers of
pytest-xdist share the outcome through a folder that the controller makes; its text is masked. No
traceback of ours is ever shown, since a frame's arguments hold the user's headers.

pytest is none of our dependencies: whoever comes here has it.
"""

import json
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from checker import check
from checker.cli.options import config_of, parse_options
from checker.core.config import Config
from checker.core.errors import CheckerError, UsageError
from checker.core.report import Report
from checker.engine.run import run
from checker.reports.format import Style
from checker.reports.text_report import finding_text, render_text, verdict_line
from checker.reports.wording import Outcome, RuleOutcome, outcomes, unexplained_failure
from checker.rules import all_rules
from checker.rules.selection import selected
from checker.text.display import visible

__all__ = ["checking_for", "register"]

_ROOM = "broadcast"
_VERDICT = "verdict"
_TOLD = "broadcast finding"
_WORKER_FOLDER = "broadcast_folder"
_STYLE = Style(color=False, width=80)


def register(config: pytest.Config) -> None:
    """Add the tests to this session. Raises pytest.UsageError for a wrong option."""
    try:
        wanted = _config_of(config)
        selected(wanted, all_rules())
        checked = Checked(wanted, _shared_folder(config))
    except UsageError as error:
        raise pytest.UsageError(f"broadcast: {error}") from None
    config.pluginmanager.register(Plugin(checked), "broadcast-rules")


def _config_of(config: pytest.Config) -> Config:
    """The options are those of broadcast-check, and mean the same."""
    words = []
    for name in ("header", "header_env", "token_param", "channel", "select", "ignore"):
        given = config.getoption(f"broadcast_{name}")
        values = given if isinstance(given, list) else [given]
        words += [f"--{name.replace('_', '-')}={value}" for value in values if value is not None]
    if config.getoption("broadcast_strict"):
        words.append("--strict")
    return config_of(parse_options([*words, "--", config.getoption("broadcast_endpoint")]))


def _shared_folder(config: pytest.Config) -> Path | None:
    name = getattr(config, "workerinput", {}).get(_WORKER_FOLDER)
    return Path(name) if name is not None and Path(name).is_dir() else None


class Plugin:
    """What takes part in the session, in each of its processes."""

    def __init__(self, checked: "Checked") -> None:
        self._checked = checked
        self._made: Path | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist where the outcome is shared."""
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix="broadcast-"))
            self._checked.folder = self._made
        node.workerinput[_WORKER_FOLDER] = str(self._made)

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Let the session collect ours after all others."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            rules = Rules.from_parent(collector, name=_ROOM, nodeid=_ROOM, path=collector.path)
            rules.checked = self._checked
            report.result = [*report.result, rules]
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """What the findings are that fail no test, and the verdict."""
        told = [
            text
            for report in terminalreporter.stats.get("passed", ())
            for title, text in report.sections
            if _TOLD in title
        ]
        outcome = self._checked.known()
        if outcome is None:
            return
        terminalreporter.section("broadcast endpoint")
        for text in told:
            terminalreporter.write_line(f"{text}\n")
        terminalreporter.write_line(outcome.get("headline", outcome.get("failed", "")))


class Checked:
    """The outcome of the one check; plain data, which other processes can read."""

    def __init__(self, config: Config, folder: Path | None) -> None:
        self._config = config
        self.folder = folder
        self._outcome: dict[str, Any] | None = None

    def known(self) -> dict[str, Any] | None:
        """The outcome if there is one."""
        if self._outcome is None and self.folder is not None:
            file = self.folder / "outcome.json"
            if file.exists():
                self._outcome = json.loads(file.read_text("utf-8"))
        return self._outcome

    def outcome(self) -> dict[str, Any]:
        """The outcome, for which the first who asks crawls and the others wait."""
        if self.folder is None:
            return self.known() or self._crawl()
        with _alone(self.folder / "lock"):
            return self.known() or self._crawl()

    def _crawl(self) -> dict[str, Any]:
        self._keep({"failed": "the check was ended from outside before it was done"})
        try:
            report = run(self._config)
        except Exception as error:  # noqa: BLE001  whatever it is, it is our failure
            self._keep({"failed": _own_failure(error)})
        else:
            if report.interrupted:
                raise KeyboardInterrupt
            self._keep(_outcome_of(report))
        return self._outcome or {}

    def _keep(self, outcome: dict[str, Any]) -> None:
        self._outcome = outcome
        if self.folder is not None:
            part = self.folder / "outcome.part"
            part.write_text(json.dumps(outcome), "utf-8")
            part.replace(self.folder / "outcome.json")


class Rules(pytest.Collector):
    """The endpoint's tests."""

    checked: Checked

    def collect(self) -> Iterator[pytest.Item]:
        """One for each rule, and one for the verdict, where no rule tells why it fails."""
        names = [f"{rule.id}-{rule.name}" for rule in all_rules().values()]
        for name in [*names, _VERDICT]:
            item = RuleTest.from_parent(self, name=name)
            item.checked = self.checked
            item.add_marker(_ROOM)
            yield item


class RuleTest(pytest.Item):
    """What became of one rule."""

    checked: Checked

    def runtest(self) -> None:
        """Pass, fail or skip, with the finding. The first to run crawls, and not in its setup: of
        what fails there pytest shows a traceback.
        """
        outcome = self.checked.outcome()
        if "failed" in outcome:
            raise _Told(outcome["failed"])
        if self.name == _VERDICT:
            if outcome["unexplained"]:
                raise _Told(outcome["unexplained"])
            return
        became, text = outcome["rules"][self.name.partition("-")[0]]
        if became in (Outcome.FAILED, Outcome.CRASHED):
            raise _Told(text)
        if became == Outcome.NOT_JUDGED:
            pytest.skip(text)
        if became == Outcome.REPORTED:
            self.add_report_section("call", _TOLD, text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The text alone."""
        told = isinstance(excinfo.value, _Told | pytest.fail.Exception)
        return str(excinfo.value) if told else _own_failure(excinfo.value)

    def reportinfo(self) -> tuple[Path, None, str]:
        """How the test is called in a report."""
        return self.path, None, f"{_ROOM}::{self.name}"


class _Told(Exception):  # noqa: N818  no error: the text of a finding
    pass


def _outcome_of(report: Report) -> dict[str, Any]:
    return {
        "headline": verdict_line(report, _STYLE),
        "unexplained": unexplained_failure(report),
        "rules": {item.rule.id: [item.outcome.value, _text(item)] for item in outcomes(report)},
    }


def _text(item: RuleOutcome) -> str:
    """The finding as a test's failure, or why there is none."""
    finding = item.finding
    if finding is None:
        return visible(item.why)
    more = f"  More:    broadcast-check explain {finding.rule}"
    return f"{finding_text(finding, _STYLE)}\n{more}"


def checking_for(item: pytest.Item) -> Callable[..., Report]:
    """The fixture: checks a URL or an app, and shows the report should the test fail."""

    def check_broadcast(target: Any, path: str = "/recipients", **options: Any) -> Report:
        __tracebackhide__ = True
        problem: CheckerError
        where = {"url": target} if isinstance(target, str) else {"url": path, "app": target}
        try:
            report = check(**where, **options)
        except CheckerError as error:
            problem = error
        except TypeError as error:  # an argument that check() does not know
            said = str(error)
            problem = UsageError(said if said.endswith("?") else f"{said}.")
        except Exception as error:  # noqa: BLE001  whatever it is, it is our failure
            problem = CheckerError(_own_failure(error))
        else:
            item.add_report_section("call", "broadcast report", render_text(report, _STYLE))
            return report
        del options, where  # a traceback may show them
        raise problem.with_traceback(None) from None

    return check_broadcast


def _own_failure(error: BaseException) -> str:
    """Without the exception's text, which may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"The checker itself failed ({type(error).__name__}{where}); please report it."


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time; a process that dies lets go."""
    with file.open("a+b") as held:
        _lock(held)
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(held: IO[bytes]) -> None:
        while True:
            try:
                held.seek(0)
                msvcrt.locking(held.fileno(), msvcrt.LK_LOCK, 1)
            except OSError:  # not within its ten seconds
                continue
            return
else:
    import fcntl

    def _lock(held: IO[bytes]) -> None:
        fcntl.flock(held, fcntl.LOCK_EX)
