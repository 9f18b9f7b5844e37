"""The window's languages: every text is translated, and the visitor's choice is kept."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from window_kit import CSV, load_file, loaded

from broadcaster.model import StopCause
from broadcaster.web.languages import LANGUAGES, duration_of
from scripts import window_catalogues as catalogue

CATALOGUES = [(path.parts[-3], catalog) for path, catalog in catalogue.catalogues()]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")


def forms(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_each_language_that_is_offered_is_shipped() -> None:
    assert {"en", *(code for code, _ in CATALOGUES)} == set(LANGUAGES)
    assert len(messages(CATALOGUES[0][1])) > 80


@pytest.mark.parametrize(("code", "catalog"), CATALOGUES, ids=lambda value: str(value)[:2])
def test_every_text_is_translated(code: str, catalog: Catalog) -> None:
    missing = [m.id for m in messages(catalog) if not all(forms(m.string)) or m.fuzzy]
    assert missing == []


@pytest.mark.parametrize(("code", "catalog"), CATALOGUES, ids=lambda value: str(value)[:2])
def test_placeholders_agree(code: str, catalog: Catalog) -> None:
    for message in messages(catalog):
        wanted = sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            assert sorted(PLACEHOLDER.findall(form)) == wanted, message.id


def test_the_catalogues_are_fresh() -> None:
    assert catalogue.main(["--check"]) == 0


def test_a_stale_catalogue_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "translations" / "id" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_bytes(b'msgid ""\nmsgstr ""\n"Language: id\\n"\n')
    monkeypatch.setattr(catalogue, "_TRANSLATIONS", tmp_path / "translations")
    monkeypatch.setattr(catalogue, "_WINDOW", tmp_path)
    assert catalogue.main(["--check"]) == 1
    assert "is stale; run make generate" in capsys.readouterr().err
    assert catalogue.main([]) == 0
    assert catalogue.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("th-TH,th;q=0.9,en;q=0.5", "th", "ตรวจสอบเอนด์พอยต์"),
        ("id", "id", "Periksa endpoint"),
        ("fr,de;q=0.5", "en", "Check an endpoint"),
    ],
)
def test_the_browser_s_language_is_spoken(visitor: Any, asked: str, code: str, words: str) -> None:
    page = visitor.get("/", headers={"Accept-Language": asked}).text
    assert f'<html lang="{code}">' in page
    assert words in page


def test_a_chosen_language_stays(visitor: Any) -> None:
    assert '<html lang="id">' in visitor.get("/?lang=id").text
    assert '<html lang="id">' in visitor.get("/", headers={"Accept-Language": "th"}).text


def test_why_it_is_paused_is_told_in_the_visitor_s_language(visitor: Any) -> None:
    name = load_file(visitor, CSV)
    loaded(visitor, name)
    broadcasts = visitor.store.broadcasts
    number, via = broadcasts.get(name).number, visitor.queues.sends.channels[0]
    broadcasts.start_sending(number, via=via, now=1.0, limit=1500)
    said = "<b>\u202eLINE said no"
    for cause, words in {
        StopCause.PERSON: "มีผู้หยุดพักไว้",
        StopCause.SERVER_STOPPED: "เซิร์ฟเวอร์ถูกหยุด",
        StopCause.CANARY: "ส่ง 1,500 แถวแรกแล้ว",
        StopCause.CHANNEL: "&lt;b&gt;\\u{202e}LINE said no",
    }.items():
        broadcasts.pause(number, cause, 2.0, reason=said)
        assert words in visitor.get(f"/broadcasts/{name}?lang=th").text


def test_a_form_that_is_shown_again_has_its_own_place_in_the_menu(visitor: Any) -> None:
    for where, kept, name in [
        ("/checks", "/", "Check"),
        ("/broadcasts", "/broadcasts/new", "New broadcast"),
        ("/files", "/files", "Open files"),
    ]:
        page = visitor.post(where, {"via": "pigeon"}).text
        assert f'<a href="{kept}" aria-current="page">{name}</a>' in page
        assert page.count('aria-current="page"') == 1


def test_a_link_to_a_language_keeps_the_rest_of_the_address(visitor: Any) -> None:
    page = visitor.get("/?url=https://x.test/").text
    assert 'href="?url=https%3A%2F%2Fx.test%2F&amp;lang=th"' in page


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/files", "/checks", "/nothing"])
def test_each_page_is_there_in_each_language(visitor: Any, path: str, code: str) -> None:
    answer = visitor.get(f"{path}?lang={code}")
    assert f'<html lang="{code}">' in answer.text
    assert "%(" not in answer.text


def test_a_language_is_chosen_on_a_form_with_an_error_and_what_was_typed_stays(
    visitor: Any,
) -> None:
    typed = {"url": "no url", "header-name": "X-Key", "header-value": "Zq8", "retries": "3"}
    page = visitor.post("/checks", typed).text
    footer = page.partition("<footer")[2]
    assert 'formaction="/checks?lang=th"' in footer
    fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', footer))
    assert fields.items() >= typed.items()
    again = visitor.post("/checks?lang=th", fields)
    assert '<html lang="th">' in again.text
    for value in typed.values():
        assert f'value="{value}"' in again.text
    assert visitor.store.checks.newest(1) == []


def test_choosing_a_language_starts_no_check(visitor: Any) -> None:
    visitor.post("/checks?lang=id", {"url": "http://127.0.0.1:9/", "show-again": "yes"})
    assert visitor.store.checks.newest(1) == []


def test_a_refused_action_leads_to_the_broadcast_in_another_language(visitor: Any) -> None:
    name = load_file(visitor, CSV)
    loaded(visitor, name)
    page = visitor.post(f"/broadcasts/{name}/send", {"via": "line", "first": ""}).text
    assert f'href="/broadcasts/{name}?lang=th"' in page


def test_what_is_english_on_a_page_of_another_language_is_marked(visitor: Any) -> None:
    page = visitor.post("/checks?lang=th", {"url": "ftp://x.test/"}).text
    assert re.search(r'id="error">\s*<p lang="en">', page)
    page = visitor.post("/checks?lang=th", {"url": "http://x.test/", "retries": "x"}).text
    assert re.search(r'id="error">\s*<p>', page)
    name = load_file(visitor, CSV)
    loaded(visitor, name)
    assert '<div lang="en"><' in visitor.get(f"/broadcasts/{name}/check?lang=th").text
    assert 'lang="en">LINE needs' in visitor.get(f"/broadcasts/{name}?lang=th").text
    assert ' lang="en">LINE needs' not in visitor.get(f"/broadcasts/{name}?lang=en").text


def test_a_duration_is_said_in_the_visitor_s_language_and_without_a_direction(visitor: Any) -> None:
    with visitor.client.application.test_request_context("/?lang=id"):
        assert duration_of(2.0) == "2 detik"
    with visitor.client.application.test_request_context("/"):
        assert duration_of(100 * 60) == "100 minutes"
        assert duration_of(0.2) == "1 second"
