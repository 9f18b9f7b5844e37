"""The endpoint is checked in process; its reader is tested against a mock, right and wrong."""

import pytest
from newsletter import EndlessPagesError, count_recipients
from recipients import Recipient, app, members

MEMBERS = [Recipient(uid=f"member-{n}", msg=f"See you at match {n}") for n in range(500)]


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("API_TOKEN", "a-token-for-tests")
    app.dependency_overrides[members] = lambda: MEMBERS
    yield app
    app.dependency_overrides.clear()


def test_the_endpoint_can_go_live(endpoint, check_broadcast):
    headers = {"Authorization": "Bearer a-token-for-tests"}
    report = check_broadcast(endpoint, "/recipients", headers=headers, strict=True)
    assert report.verdict == "pass"
    assert report.crawl.rows == len(MEMBERS)


def test_strangers_are_refused(endpoint, check_broadcast):
    report = check_broadcast(endpoint, "/recipients", headers={"Authorization": "Bearer stranger"})
    assert [finding.rule for finding in report.findings] == ["HTTP006"]


@pytest.mark.broadcast_mock(rows=250, page_size=100)
def test_the_reader_reads_to_the_end(broadcast_mock):
    assert count_recipients(broadcast_mock.endpoint) == 250


@pytest.mark.broadcast_fault("NEXT003")
def test_the_reader_leaves_a_circle(broadcast_mock):
    with pytest.raises(EndlessPagesError):
        count_recipients(broadcast_mock.endpoint)
