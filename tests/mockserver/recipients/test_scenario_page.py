"""The page at `/` that shows every scenario."""

import html
import re

import requests

from mockserver import MockConfig, MockServer, catalogue, create_app


def test_it_shows_every_scenario_with_its_command(mock: MockServer, http: requests.Session) -> None:
    text = html.unescape(http.get(mock.url).text)
    for fault in catalogue().values():
        assert fault.summary in text
        assert fault.command(mock.fault_endpoint(fault.name)) in text


def test_it_needs_nothing_from_elsewhere(mock: MockServer, http: requests.Session) -> None:
    response = http.get(mock.url)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"<script|style=|\son\w+=|(src|href)=\"https?:", response.text)
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', response.text)
    sheet = http.get(mock.url + style)
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in sheet.text


def test_it_names_the_faults_that_are_played() -> None:
    client = create_app(MockConfig(faults=("PAGE004@2",))).test_client()
    assert "<code>PAGE004@2</code>" in client.get("/").text
