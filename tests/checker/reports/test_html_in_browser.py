"""The HTML report in a real browser: nothing runs or is loaded, and it can be read everywhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from checker.core.report import Report, Summary
from checker.reports.html_report import render_html, render_summary_html, report_body, report_style

TOO_PALE = """
() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!color.endsWith(', 0)')) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (node) => {
    const both = [light(getComputedStyle(node).color), light(behind(node))];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  const texts = 'h1, h2, h3, h4, p, a, span, li, pre, code, summary, dt, dd, td';
  return [...document.querySelectorAll(texts)]
    .filter((node) => node.innerText && contrast(node) < 4.5)
    .map((node) => `${node.tagName} ${contrast(node)} ${node.innerText.slice(0, 40)}`);
}
"""
TOO_WIDE = """
() => [...document.querySelectorAll('main *')]
  .filter((node) => node.scrollWidth > innerWidth)
  .filter((node) => getComputedStyle(node).overflowX !== 'auto').length
"""


@pytest.fixture(scope="module")
def browser(require_program: Callable[[str, str], Path]) -> Iterator[Browser]:
    path = require_program("chromium", "apt-get install chromium")
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=options)
        yield running
        running.close()


Open = Callable[..., Page]


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report; whatever the browser complains about, or asks for, is a failure."""
    complaints: list[str] = []
    asked_for: list[str] = []

    def opened(report: Report | str, *, scheme: str = "light", width: int = 1100) -> Page:
        path = tmp_path / "report.html"
        path.write_text(report if isinstance(report, str) else render_html(report), "utf-8")
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda asked: asked_for.append(asked.url))
        page.goto(path.as_uri())
        return page

    context = browser.new_context()
    yield opened
    context.close()
    assert complaints == []
    assert set(asked_for) == {(tmp_path / "report.html").as_uri()}


def assert_readable(page: Page, width: int) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TOO_WIDE) == 0
    assert page.evaluate("document.scripts.length") == 0
    assert page.locator("h1").inner_text().startswith("FAIL")
    assert page.locator("article p").first.is_visible()
    assert page.evaluate(TOO_PALE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 320])
@pytest.mark.parametrize("fixture", ["full_report", "attacked_report", "compared"])
def test_a_report_can_be_read(
    fixture: str, scheme: str, width: int, open_report: Open, request: pytest.FixtureRequest
) -> None:
    page = open_report(request.getfixturevalue(fixture), scheme=scheme, width=width)
    assert_readable(page, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 320])
def test_a_summary_can_be_read(
    scheme: str, width: int, open_report: Open, summary: Summary
) -> None:
    page = open_report(render_summary_html(summary), scheme=scheme, width=width)
    assert not page.get_by_text("Rows and times by page").first.is_visible()
    page.get_by_role("link", name="too-many", exact=True).click()
    assert page.locator("[id='too-many.PAGE004']").is_visible()
    assert_readable(page, width)


def test_within_another_page_the_report_has_its_style_and_the_page_its_own(
    open_report: Open, full_report: Report
) -> None:
    body = report_body(full_report, id_prefix="r1-", level=2)
    html = (
        "<!doctype html><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">"
        "<style>h1, h2 { color: rgb(1, 2, 3); font-size: 40px; }</style>"
    )
    measure = """() => [...document.querySelectorAll('h1, p.own')].map((node) => {
      const style = getComputedStyle(node);
      return [style.color, style.fontSize, style.fontFamily, style.margin, style.overflow];
    })"""
    own = "<h1>The window</h1><p class=own>Its text</p>"
    before = open_report(f"{html}{own}").evaluate(measure)
    page = open_report(f"{html}<style>{report_style()}</style>{own}{body}")
    assert page.evaluate(measure) == before
    assert page.evaluate("document.querySelectorAll('.report h2').length") == 1
    article = page.locator("[id='r1-NET001']")
    assert article.evaluate("(node) => getComputedStyle(node).borderLeftWidth") == "3px"


def test_the_schemes_differ(open_report: Open, full_report: Report) -> None:
    colors = [
        open_report(full_report, scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    ]
    assert colors[0] == "rgb(255, 255, 255)"
    assert colors[1] != colors[0]


def test_the_style_is_let_in_and_nothing_else(open_report: Open, full_report: Report) -> None:
    page = open_report(full_report)
    assert page.evaluate("document.styleSheets.length") == 1
    assert page.evaluate("getComputedStyle(document.querySelector('rect')).fill") != "rgb(0, 0, 0)"


def test_help_opens_without_scripts(
    open_report: Open, fault_report: Callable[[str], Report]
) -> None:
    page = open_report(fault_report("PAGE004"), width=390)
    help_heading = page.get_by_role("heading", name="Why it matters")
    assert not help_heading.is_visible()
    page.get_by_text("Why it matters and how to fix it").click()
    assert help_heading.is_visible()


def test_the_pictures_have_names(open_report: Open, fault_report: Callable[[str], Report]) -> None:
    page = open_report(fault_report("PERF003"))
    for name in ("Time of each page", "Rows of each page"):
        picture = page.get_by_role("img", name=name)
        box = picture.bounding_box()
        assert box is not None
        assert box["height"] > 50
        assert box["width"] > 300


def test_it_prints(open_report: Open, full_report: Report) -> None:
    page = open_report(full_report, scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")
