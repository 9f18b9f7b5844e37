"""The fixture `broadcast_referee`: one test for each scenario, of a function or a command."""

from pathlib import Path

import pytest

from mockserver.referee import scenarios

CLIENT = """
    import json, urllib.request, urllib.parse

    def read(url, headers):
        rows, token = [], ""
        while True:
            page_url = url + ("?next=" + urllib.parse.quote(token, safe="") if token else "")
            with urllib.request.urlopen(urllib.request.Request(page_url, headers=headers)) as got:
                page = json.load(got)
            rows += page["list"]
            token = page["next"]
            if not token:
                return rows
"""


def test_each_scenario_is_a_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(reader=CLIENT)
    pytester.makepyfile(
        """
        import pytest
        from reader import read

        @pytest.mark.broadcast_referee(patience_seconds=5)
        def test_reader(broadcast_referee):
            broadcast_referee(read)
        """
    )
    result = pytester.runpytest(
        "-W", "default", "-k", "CLIENT003 or CLIENT008 or CLIENT022 or CLIENT006"
    )
    result.assert_outcomes(passed=3, failed=1, deselected=len(scenarios()) - 5, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "CLIENT008 end-204: after the last rows comes 204 without a body",
            "It failed, though everything can be read: JSONDecodeError: *",
            "Help: broadcast-mock referee --explain CLIENT008",
        ]
    )
    result.stdout.fnmatch_lines(["*RefereeWarning: CLIENT022 busy-once*"])


def test_a_command_is_a_client_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_command(broadcast_referee):
            broadcast_referee([sys.executable, "-c", "raise SystemExit('no')", "{url}"])
        """
    )
    result = pytester.runpytest("-k", "CLIENT006")
    result.assert_outcomes(failed=1, deselected=len(scenarios()) - 2)
    result.stdout.fnmatch_lines(["It failed: exit status 1. no"])


def test_a_wrong_marker_is_one_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.broadcast_referee(patience=5)
        def test_reader(broadcast_referee):
            broadcast_referee(lambda url, headers: [])
        """
    )
    result = pytester.runpytest("-k", "CLIENT006")
    result.assert_outcomes(errors=1, deselected=len(scenarios()) - 2)
    result.stdout.fnmatch_lines(["the marker broadcast_referee takes patience_seconds=NUMBER*"])


def test_a_command_that_goes_on_is_killed_once(pytester: pytest.Pytester, root: Path) -> None:
    client = root / "tests" / "support" / "resuming_client.py"
    pytester.makepyfile(
        f"""
        import sys
        import pytest

        @pytest.mark.broadcast_referee(resumes=True)
        def test_command(broadcast_referee):
            broadcast_referee([sys.executable, {str(client)!r}, "{{url}}"])

        @pytest.mark.broadcast_referee(resumes=True)
        def test_function(broadcast_referee):
            broadcast_referee(lambda url, headers: [])
        """
    )
    result = pytester.runpytest("-k", "CLIENT032")
    result.assert_outcomes(passed=1, failed=1, deselected=2 * (len(scenarios()) - 1))
    result.stdout.fnmatch_lines(["resumes=True needs a command: a function cannot be killed"])
