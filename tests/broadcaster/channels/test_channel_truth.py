"""The law that all sending rests on: what a channel says of a call is what became of it."""

import pytest
from channel_kit import call_of, send_all, send_one
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import ScriptedServer, reply

from broadcaster.channels import open_channel
from broadcaster.channels.base import Verdict
from mockserver.line_api import LineServer
from mockserver.line_api.faults import FAULTS, Faults

EFFECTS = {
    Verdict.ACCEPTED: {1},
    Verdict.REFUSED: {0},
    Verdict.LATER: {0},
    Verdict.PAUSE: {0},
    Verdict.UNKNOWN: {0, 1},
    Verdict.DOUBTFUL: {0, 1},
}
"""How often a message may have arrived after one call."""


def spec_and_settings(line: LineServer, kind: str) -> tuple[str, dict[str, str], str]:
    if kind == "line":
        return (
            "line",
            {"BROADCAST_LINE_TOKEN": line.token, "BROADCAST_LINE_BASE_URL": line.url},
            "line",
        )
    return f"{kind}:{line.webhook_url}", {}, "webhook"


@pytest.mark.parametrize("kind", ["line", "webhook", "webhook+idempotent"])
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_after_any_fault_the_verdict_is_true(line: LineServer, kind: str, fault: str) -> None:
    spec, environ, ledger = spec_and_settings(line, kind)
    line.set_faults(Faults.of({fault: 1.0, "slow_seconds": 0.01}))
    answer = send_one(spec, environ, timeout_seconds=0.4)
    assert sum(line.counts(ledger).values()) in EFFECTS[answer.verdict]


@pytest.mark.parametrize("kind", ["line", "webhook+idempotent"])
def test_with_all_faults_together_repeats_reach_everybody_once(line: LineServer, kind: str) -> None:
    spec, environ, ledger = spec_and_settings(line, kind)
    names = [name for name in FAULTS if not name.startswith("hang")]
    line.set_faults(Faults.of({**dict.fromkeys(names, 0.08), "slow_seconds": 0.01}))
    channel = open_channel(spec, environ=environ)
    left = [call_of(channel, f"U{row:032x}", "Hello", row) for row in range(150)]
    for _ in range(60):
        answers = send_all(channel, left)
        assert {answer.verdict for answer in answers}.isdisjoint({Verdict.REFUSED, Verdict.PAUSE})
        left = [
            call
            for call, answer in zip(left, answers, strict=True)
            if answer.verdict is not Verdict.ACCEPTED
        ]
        if not left:
            break
    assert left == []
    assert line.effects(ledger) == {f"U{row:032x}": ["Hello"] for row in range(150)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from([200, 202, 400, 409, 429, 500]), st.integers(0, 200))
def test_an_answer_cut_at_any_byte_never_gets_another_meaning(
    scripted: ScriptedServer, status: int, length: int
) -> None:
    body = b'{"message": "You have reached your monthly limit."}'
    whole = reply(status, body, Content_Type="application/json", x_line_request_id="1")
    environ = {"BROADCAST_LINE_TOKEN": "a-token", "BROADCAST_LINE_BASE_URL": scripted.url}
    scripted.close_after = True
    for spec in ("line", f"webhook:{scripted.url}"):
        scripted.answer = lambda request: whole
        meant = send_one(spec, environ).verdict
        scripted.answer = lambda request: whole[:length]
        told = send_one(spec, environ).verdict
        without_words = {Verdict.LATER} if status == 429 else set()
        assert told in {meant, Verdict.UNKNOWN, *without_words}
