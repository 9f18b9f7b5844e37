"""A HAR that a browser exported is judged like a recording, as far as it goes."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import sync_playwright

from checker.cli.options import config_of, parse_options
from checker.core.errors import UsageError
from checker.core.report import Report
from checker.engine.run import run
from checker.recordings.offline import offline_check
from mockserver import MockServer


def load_exports() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "browser_exports", Path(__file__).with_name("browser_exports.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


exports = load_exports()


def judge(tmp_path: Path, text: str, *options: str) -> Report:
    file = tmp_path / "browser.har"
    file.write_text(text, "utf-8")
    arguments = ["--replay", str(file), "--no-config", *options]
    offline = offline_check(parse_options(arguments), config_of)
    assert offline is not None
    report = run(offline.config, client=offline.client)
    assert report.crashes == ()
    return report


def reasons(report: Report) -> dict[str, str]:
    return {rule: item.why for item in report.not_judged for rule in item.rules}


@pytest.mark.parametrize("options", [(), ("https://api.example.com/v1/recipients",)])
@pytest.mark.parametrize("tokens", [[None, "t+2", "t3"], ["t3", None, "t+2"]])
def test_chromes_export_is_crawled_by_its_tokens(
    tmp_path: Path, options: tuple[str, ...], tokens: list[str | None]
) -> None:
    text = exports.har([*exports.around(), *exports.chrome_pages(tokens), *exports.around()])
    report = judge(tmp_path, text, *options)
    assert report.complete
    assert (report.crawl.pages, report.crawl.rows) == (3, 3)
    assert [finding.rule for finding in report.findings] == ["ROW016"]
    assert report.endpoint == exports.URL
    why = reasons(report)
    assert {"NET004", "HTTP002", "HTTP010", "JSON003", "PERF005", "NEXT008", "SEC001"} <= set(why)
    assert not {"ROW016", "NEXT004", "PAGE005", "HTTP006", "SEC004"} & set(why)


@pytest.mark.parametrize("name", ["ROW012", "NEXT006", "PAGE004"])
def test_what_a_real_browser_recorded_gives_the_findings_of_a_check(
    name: str, tmp_path: Path, require_program: Callable[[str, str], Path]
) -> None:
    path = require_program("chromium", "apt-get install chromium")
    har = tmp_path / "recorded.har"
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with MockServer() as mock, sync_playwright() as playwright:
        url = mock.fault_endpoint(name)
        browser = playwright.chromium.launch(executable_path=path, args=options)
        context = browser.new_context(record_har_path=har, record_har_content="embed")
        page, token = context.new_page(), None
        while token != "":
            answer = page.goto(url if token is None else f"{url}?next={token}")
            assert answer is not None
            token = json.loads(answer.body())["next"]
        context.close()
        browser.close()
        live = run(config_of(parse_options([url, "--no-config", "--no-probes"])))
    report = judge(tmp_path, har.read_text("utf-8"))
    assert report.complete
    assert report.endpoint == url
    found = [(finding.rule, finding.count) for finding in report.findings]
    assert found == [(finding.rule, finding.count) for finding in live.findings]
    assert [rule for rule, _ in found] == [name]
    assert (report.crawl.pages, report.crawl.rows) == (live.crawl.pages, live.crawl.rows)


def test_firefoxes_export_in_base64_is_crawled(tmp_path: Path) -> None:
    entries = [
        exports.firefox_entry(exports.url_of(token), json.dumps(page))
        for token, page in exports.PAGES.items()
    ]
    report = judge(tmp_path, "\ufeff" + exports.har(entries, "Firefox"))
    assert report.complete
    assert [finding.rule for finding in report.findings] == ["ROW016"]


def test_a_page_that_the_browser_never_asked_for_ends_the_crawl(tmp_path: Path) -> None:
    report = judge(tmp_path, exports.har(exports.chrome_pages([None, "t+2"])))
    assert not report.complete
    assert report.verdict == "fail"
    assert report.crawl.ended_by == "not-recorded"
    assert reasons(report)["NEXT005"].endswith(
        "browser.har holds no answer to the request of page 3"
    )


def test_a_page_whose_body_was_dropped_ends_the_crawl(tmp_path: Path) -> None:
    entries = [*exports.chrome_pages([None]), exports.chrome_entry(exports.url_of("t+2"), None)]
    report = judge(tmp_path, exports.har(entries))
    assert not report.complete
    assert "1 answer lacks its body: export the HAR with content" in reasons(report)["NEXT005"]


@pytest.mark.parametrize("show", [(), ("--show-data",)])
def test_credentials_of_the_browser_are_masked(tmp_path: Path, show: tuple[str, ...]) -> None:
    page = {"list": [{"uid": "a", "msg": "{{x}} browser-secret-1 browser-secret-2"}], "next": ""}
    text = exports.har([exports.chrome_entry(exports.URL, json.dumps(page))])
    report = judge(tmp_path, text, *show)
    assert "ROW016" in {finding.rule for finding in report.findings}
    assert "browser-secret" not in repr(report)
    assert "authorization: $AUTHORIZATION" in repr(report)


def test_plain_http_is_seen_by_the_servers_address(tmp_path: Path) -> None:
    url = exports.URL.replace("https", "http")
    entry = exports.chrome_entry(url, '{"list": [{"uid": "a", "msg": "b"}], "next": ""}')
    assert "SEC002" in {f.rule for f in judge(tmp_path, exports.har([entry])).findings}
    entry["serverIPAddress"] = "127.0.0.1"
    assert "SEC002" not in {f.rule for f in judge(tmp_path, exports.har([entry])).findings}
    del entry["serverIPAddress"]
    assert "SEC002" in reasons(judge(tmp_path, exports.har([entry])))


@pytest.mark.parametrize(
    ("entries", "options", "expected"),
    [
        (exports.around(), (), "holds no answer with list and next"),
        (exports.chrome_pages([None]), ("https://api.example.com/other",), "holds no answered GET"),
        ([exports.chrome_entry(exports.URL, None)], (exports.URL,), "holds none of the 1 bodies"),
        ([{"request": {"url": exports.URL}}], (exports.URL,), "entry 1 of log.entries is not"),
        ([7], (), "entry 1 of log.entries should be an object"),
        ([], (), "holds no recorded request"),
    ],
)
def test_what_cannot_be_judged_is_told_in_one_sentence(
    tmp_path: Path, entries: list[object], options: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(UsageError, match=expected):
        judge(tmp_path, exports.har(entries), *options)
