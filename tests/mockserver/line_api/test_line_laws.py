"""The law that makes the stand-in an oracle: within 24 hours a key has at most one effect."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line_client import ANA, LineClient, a_key

from mockserver.line_api import Limits, LineConfig, LineServer

DAY_SECONDS = 86_400
QUICK_FAULTS = (
    "answer_lost",
    "request_lost",
    "reset_after",
    "reset_before",
    "half_answer",
    "error_after",
    "error_before",
    "rate_limited",
    "concurrent",
)
DELIVERS = {"answer_lost", "reset_after", "half_answer", "error_after", None}

pushes = st.tuples(
    st.just("push"),
    st.integers(0, 3),  # the key, each with a user of its own
    st.sampled_from(["one", "two"]),
    st.sampled_from([None, *QUICK_FAULTS]),
)
pauses = st.tuples(st.just("wait"), st.sampled_from([1, 3600, 43_200, 86_399, 86_400, 100_000]))


@pytest.fixture(scope="module")
def shared() -> Iterator[LineClient]:
    with LineServer(LineConfig(limits=Limits(rate=0), clock=lambda: 1e9)) as server:
        client = LineClient(server)
        yield client
        client.session.close()


@dataclass
class Book:
    """The law in the plainest words: what must have been delivered, by another hand."""

    now: float = 0.0
    first: dict[int, tuple[float, str]] = field(default_factory=dict)
    accepted: set[int] = field(default_factory=set)
    deliveries: list[tuple[int, float]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    violations: int = 0

    def push(self, key: int, text: str, *, delivers: bool) -> None:
        if key not in self.first or self.now - self.first[key][0] >= DAY_SECONDS:
            self.first[key] = (self.now, text)
            self.accepted.discard(key)
        self.violations += self.first[key][1] != text
        if delivers and key not in self.accepted:
            self.accepted.add(key)
            self.deliveries.append((key, self.first[key][0]))
            self.texts.setdefault(user_of(key), []).append(text)


def user_of(key: int) -> str:
    return f"U{key:032x}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.one_of(pushes, pushes, pushes, pauses), max_size=25))
def test_a_key_has_at_most_one_effect_within_a_day(
    shared: LineClient, steps: list[tuple[Any, ...]]
) -> None:
    shared.control("reset")
    book = Book()
    for step in steps:
        if step[0] == "wait":
            shared.control("clock", advance_seconds=step[1])
            book.now += step[1]
            continue
        _, key, text, fault = step
        shared.control("faults", **({fault: 1.0, "times": 1} if fault else {}))
        with suppress(requests.exceptions.RequestException):
            shared.push(user_of(key), text, a_key(key))
        book.push(key, text, delivers=fault in DELIVERS)
    summary = shared.summary()
    assert shared.server.effects() == book.texts
    assert summary["violations"] == book.violations
    assert summary["effects"] == len(book.deliveries)
    # The book itself keeps the law: one delivery for each day that a key began.
    assert set(Counter(book.deliveries).values()) <= {1}


def test_of_many_at_once_one_is_accepted(shared: LineClient) -> None:
    shared.control("reset")
    shared.control("faults", latency_seconds=0.01)

    def push(_number: int) -> int:
        client = LineClient(shared.server)
        with client.session:
            return client.push(key=a_key()).status_code

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(push, range(40))) == {200: 1, 409: 39}
    assert shared.server.counts() == {ANA: 1}
