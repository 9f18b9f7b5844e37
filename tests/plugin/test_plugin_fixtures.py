"""The fixtures `broadcast_mock` and `check_broadcast`, and their markers."""

import pytest


@pytest.mark.parametrize(
    "body",
    [
        "assert check_broadcast(broadcast_mock.endpoint).crawl.rows == 1000",
        "assert check_broadcast(broadcast_mock.endpoint, channel='line').verdict == 'pass'",
        "assert check_broadcast(broadcast_mock.fault_endpoint('ROW007')).verdict == 'fail'",
    ],
)
def test_a_mock_runs_and_is_checked(pytester: pytest.Pytester, body: str) -> None:
    pytester.makepyfile(f"def test_it(broadcast_mock, check_broadcast):\n    {body}")
    assert pytester.runpytest_inprocess().parseoutcomes() == {"passed": 1}


def test_markers_say_what_the_mock_serves(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.broadcast_mock(rows=30, page_size=10)

        def rules(report):
            return [finding.rule for finding in report.findings]

        @pytest.mark.broadcast_fault("PAGE008@1", "NEXT002")
        def test_faults(broadcast_mock, check_broadcast):
            report = check_broadcast(broadcast_mock.endpoint)
            assert rules(report) == ["NEXT002", "PAGE008"]
            assert report.crawl.pages == 3

        @pytest.mark.broadcast_mock(rows=[{"uid": "a", "msg": "hello"}])
        def test_rows(broadcast_mock, check_broadcast):
            assert check_broadcast(broadcast_mock.endpoint).crawl.rows == 1

        @pytest.mark.broadcast_mock(required_headers={"X-Key": "open sesame"}, token_param="after")
        def test_settings(broadcast_mock, check_broadcast):
            options = {"headers": {"X-Key": "open sesame"}, "token_param": "after"}
            assert check_broadcast(broadcast_mock.endpoint, **options).crawl.rows == 30
            assert rules(check_broadcast(broadcast_mock.endpoint)) == ["HTTP006"]
        """
    )
    assert pytester.runpytest_inprocess("--strict-markers").parseoutcomes() == {"passed": 3}


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ("broadcast_fault('PAGE999')", "*broadcast_mock: there is no fault 'PAGE999'*"),
        ("broadcast_fault(page=4)", "*takes names*"),
        ("broadcast_mock(30)", "*takes named arguments*"),
        ("broadcast_mock(size=30)", "*not 'size'"),
        ("broadcast_mock(rows='30')", "*rows must be a number or a list*"),
        ("broadcast_mock(rows=True)", "*rows must be a number or a list*"),
        ("broadcast_mock(page_size=500)", "*must be 1 to 499*"),
    ],
)
def test_a_wrong_marker_is_one_sentence(
    pytester: pytest.Pytester, marker: str, sentence: str
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.{marker}\ndef test_it(broadcast_mock): pass")
    result = pytester.runpytest_inprocess()
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines([sentence])
    assert "mockserver" not in result.stdout.str()


def test_the_report_is_shown_when_the_test_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.broadcast_fault("PAGE004")
        def test_it(broadcast_mock, check_broadcast):
            assert check_broadcast(broadcast_mock.endpoint).verdict == "pass"
        """
    )
    result = pytester.runpytest_inprocess()
    result.stdout.fnmatch_lines(["*Captured broadcast report call*", "ERROR  PAGE004  *"])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("'example.com', headers=HEADERS", "E *UsageError: The URL must begin with *"),
        ("lambda: None, headers=HEADERS", "E *UsageError: app is not a WSGI or ASGI *"),
        ("URL, header=HEADERS", "E *UsageError: *unexpected keyword argument 'header'.*"),
        ("URL, headers={'A b': SECRET}", "E *UsageError: *is not a header name*"),
    ],
)
def test_a_wrong_call_is_one_sentence_that_holds_no_secret(
    pytester: pytest.Pytester, call: str, sentence: str
) -> None:
    pytester.makepyfile(
        settings="SECRET = 'Bearer ' + 'hunter2' * 3\n"
        "HEADERS = {'Authorization': SECRET}\nURL = 'http://127.0.0.1:9/'",
        test_it=f"from settings import HEADERS, SECRET, URL\n"
        f"def test_it(check_broadcast):\n    check_broadcast({call})",
    )
    result = pytester.runpytest_inprocess("--tb=long", "--full-trace")
    result.stdout.fnmatch_lines([sentence])
    assert "hunter2hunter2" not in result.stdout.str()


def test_an_app_is_checked_without_a_socket(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import socket
        from flask import Flask, jsonify

        app = Flask(__name__)

        @app.get("/contacts")
        def contacts():
            return jsonify(list=[{"uid": "a", "msg": "b"}], next="")

        def test_it(check_broadcast, monkeypatch):
            monkeypatch.delattr(socket, "socket")
            assert check_broadcast(app, "/contacts").verdict == "pass"
            assert check_broadcast(app).findings[0].rule == "HTTP005"
        """
    )
    assert pytester.runpytest_inprocess().parseoutcomes() == {"passed": 1}
