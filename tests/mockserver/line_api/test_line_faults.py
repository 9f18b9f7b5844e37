"""Failing on demand: what the client sees of each fault, and whether the message was delivered."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import requests
from line_client import ANA, LineClient, a_key

from mockserver import MockError
from mockserver.line_api import Faults, Limits
from mockserver.line_api.faults import FAULTS

Start = Callable[..., LineClient]


def outcome(push: Callable[[], requests.Response]) -> str:
    """The status, or how the connection failed."""
    try:
        return str(push().status_code)
    except requests.exceptions.ChunkedEncodingError:
        return "cut short"
    except requests.exceptions.ReadTimeout:
        return "no answer"
    except requests.exceptions.ConnectionError as error:
        return "reset" if "reset by peer" in str(error) else "closed"


@pytest.mark.parametrize(
    ("fault", "seen", "delivered"),
    [
        ("answer_lost", "closed", True),
        ("request_lost", "closed", False),
        ("reset_after", "reset", True),
        ("reset_before", "reset", False),
        ("half_answer", "cut short", True),
        ("error_after", "500", True),
        ("error_before", "500", False),
        ("rate_limited", "429", False),
        ("concurrent", "429", False),
        ("slow", "200", True),
    ],
)
def test_a_fault_is_seen_and_the_retry_finds_what_happened(
    start: Start, fault: str, seen: str, *, delivered: bool
) -> None:
    client = start(faults=Faults.of({fault: 1.0, "times": 1, "slow_seconds": 0.01}))
    assert outcome(lambda: client.push(key=a_key())) == seen
    assert client.server.counts() == ({ANA: 1} if delivered else {})
    assert client.push(key=a_key()).status_code == (409 if delivered else 200)
    assert client.server.counts() == {ANA: 1}
    summary = client.summary()
    assert summary["faults_played"] == {fault: 1}
    assert summary["most_effects_of_a_key"] == 1
    assert sum(summary["by_status"].values()) == summary["requests"] == 2


def test_every_fault_is_tried_here_and_below() -> None:
    assert set(FAULTS) == {name for name in Faults.__dataclass_fields__ if name in FAULTS}


@pytest.mark.parametrize(("fault", "delivered"), [("hang_after", True), ("hang_before", False)])
def test_a_hanging_answer_ends_with_the_clients_patience(
    start: Start, fault: str, *, delivered: bool
) -> None:
    client = start(faults=Faults.of({fault: 1.0, "times": 1}))
    with client.push_and_not_read(a_key()):
        client.wait_for_in_flight(1)
        assert client.server.counts() == ({ANA: 1} if delivered else {})
    client.wait_for_in_flight(0)
    assert client.push(key=a_key()).status_code == (409 if delivered else 200)
    assert client.summary()["by_status"]["none"] == 1


def test_a_server_with_hanging_answers_can_be_ended(start: Start) -> None:
    client = start(faults=Faults(hang_after=1.0))
    with client.push_and_not_read(a_key()) as opened:
        client.wait_for_in_flight(1)
        client.server.__exit__(None, None, None)
        assert opened.recv(1000) == b""


def test_half_an_answer_promises_all_of_it(start: Start) -> None:
    client = start(faults=Faults(half_answer=1.0))
    with client.push_and_not_read(a_key()) as opened:
        received = b"".join(iter(lambda: opened.recv(65_536), b""))
    head, _, content = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    promised = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert 0 < len(content) < promised


def statuses_of(client: LineClient, order: list[int]) -> dict[int, str]:
    return {number: outcome(partial(client.push, key=a_key(number))) for number in order}


def test_the_same_seed_fails_the_same_requests_in_any_order(start: Start) -> None:
    faults = Faults(answer_lost=0.2, error_before=0.2, rate_limited=0.1, seed=7)
    numbers = list(range(60))
    first = statuses_of(start(faults=faults), numbers)
    second = statuses_of(start(faults=faults), numbers[::-1])
    assert first == second
    assert set(first.values()) == {"200", "500", "429", "closed"}


def test_another_seed_fails_others(start: Start) -> None:
    one, other = (start(faults=Faults(error_after=0.5, seed=seed)) for seed in (1, 2))
    numbers = list(range(40))
    assert statuses_of(one, numbers) != statuses_of(other, numbers)


def test_a_retry_is_drawn_anew(start: Start) -> None:
    client = start(faults=Faults(error_before=0.5))
    tries = {outcome(lambda: client.push(key=a_key())) for _ in range(40)}
    assert tries == {"500", "200", "409"}


def test_a_fault_comes_as_often_as_it_should(start: Start) -> None:
    client = start(faults=Faults(error_before=0.25), limits=Limits(rate=0))
    count = sum(client.push(key=a_key(n)).status_code == 500 for n in range(400))
    assert 60 <= count <= 140  # five standard deviations around 100, and the same each time


def test_a_burst_refuses_many_in_a_row(start: Start) -> None:
    client = start(faults=Faults(rate_limited=0.1, burst=5, seed=3))
    answers = [client.push(key=a_key(n)).status_code for n in range(120)]
    assert set(answers) == {200, 429}
    starts = [place for place, (a, b) in enumerate(pairwise(answers)) if (a, b) == (200, 429)]
    ends = [place for place, (a, b) in enumerate(pairwise(answers)) if (a, b) == (429, 200)]
    assert starts
    assert all((end - begin) % 5 == 0 for begin, end in zip(starts, ends, strict=False))


def test_unauthorized_from_now_on(client: LineClient) -> None:
    assert client.push().status_code == 200
    assert client.control("faults", unauthorized=True).status_code == 200
    assert client.push().status_code == 401
    client.control("faults")
    assert client.push().status_code == 200


def test_a_monthly_limit_from_now_on(client: LineClient) -> None:
    assert client.push().status_code == 200
    client.control("limits", monthly=1)
    assert client.push().status_code == 429
    client.control("limits", monthly=None)
    assert client.push().status_code == 200


def test_latency_is_felt_and_requests_overlap(start: Start) -> None:
    client = start(faults=Faults(latency_seconds=2.0), limits=Limits(concurrency=1))
    with client.push_and_not_read(a_key(1)) as opened:
        client.wait_for_in_flight(1)
        refused = client.push(key=a_key(2))
        assert refused.status_code == 429
        assert "concurrent" in refused.json()["message"]
        assert opened.recv(1000).startswith(b"HTTP/1.1 200 ")
    client.control("faults", latency_seconds=0.1)
    url = f"{client.server.url}/v2/bot/message/quota"
    found = client.session.get(url, headers=client.headers, timeout=30)
    assert found.elapsed.total_seconds() >= 0.1
    assert client.push(key=a_key(2)).elapsed.total_seconds() >= 0.1


def test_a_client_that_leaves_early_does_not_stop_the_effect(start: Start) -> None:
    client = start(faults=Faults(latency_seconds=0.5))
    with client.push_and_not_read(a_key()):
        client.wait_for_in_flight(1)
    client.wait_for_in_flight(0)
    assert client.server.counts() == {ANA: 1}


def test_other_endpoints_meet_no_faults(start: Start) -> None:
    client = start(faults=Faults(answer_lost=1.0))
    assert client.get("/v2/bot/message/quota") == {"type": "none"}
    validated = client.post(
        "/v2/bot/message/validate/push", {"messages": [{"type": "text", "text": "a"}]}
    )
    assert validated.status_code == 200


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"answer_lost": 1.1}, "answer_lost must be a probability"),
        ({"answer_lost": -0.1}, "answer_lost must be a probability"),
        ({"answer_lost": float("nan")}, "answer_lost must be a probability"),
        ({"answer_lost": 0.6, "slow": 0.6}, "add up to 1.2"),
        ({"answer_lst": 0.6}, "unknown setting 'answer_lst'"),
        ({"answer_lost": "0.6"}, "answer_lost must be a number"),
        ({"answer_lost": True}, "answer_lost must be a number"),
        ({"unauthorized": 1}, "unauthorized must be true or false"),
        ({"seed": 0.5}, "seed must be a whole number"),
        ({"seed": None}, "seed must be a whole number"),
        ({"burst": 0}, "burst must be 1 or more"),
        ({"times": -1}, "times 0 or more"),
        ({"latency_seconds": -1}, "latency_seconds must be"),
    ],
)
def test_wrong_faults_are_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MockError, match=sentence):
        Faults.of(settings)
