"""The sentences and figures about a broadcast."""

import asyncio
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.channels.base import Quota
from broadcaster.delivery import ProcessPace, SendProgress, SendWaiting
from broadcaster.model import Broadcast, BroadcastState, DeliveryState, Summary
from broadcaster.store.outcomes import Cause
from broadcaster.terminal.load_words import quota_words
from broadcaster.terminal.progress_line import SendProgressLine
from broadcaster.terminal.send_words import end_words, too_little_quota
from broadcaster.terminal.status_words import listing, standing
from broadcaster.terminal.words import (
    counts_words,
    duration_words,
    expected_seconds,
    source_words,
    summary_lines,
)

pytestmark = pytest.mark.pure

HOSTILE = "\x1b[31mred\u202e"


def a_broadcast(**values: object) -> Broadcast:
    counts = {DeliveryState.ACCEPTED: 7, DeliveryState.REFUSED: 2, DeliveryState.HELD: 1}
    usual: dict[str, object] = {
        "number": 1,
        "id": "0123456789abcdef",
        "state": BroadcastState.DONE,
        "created_at": 0.0,
        "updated_at": 0.0,
        "rows": 10,
        "counts": counts,
        "endpoint": "https://api.example/",
    }
    return Broadcast(**{**usual, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59.5, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (3_600_000, "1,000 h 0 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@given(st.integers(1, 200_000), st.floats(1, 5000))
def test_more_calls_never_take_less(calls: int, rate: float) -> None:
    seconds = expected_seconds(calls, rate)
    assert seconds >= calls / rate * 0.999
    assert expected_seconds(calls + 1, rate) >= seconds
    assert seconds <= calls / rate + 9 + 1e-6


async def _time_of(calls: int, rate: float) -> float:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    pace = ProcessPace(rate, clock=lambda: now, sleep=sleep)  # type: ignore[arg-type]  # awaitable, too
    left = calls
    while left:
        left -= await pace.acquire(left)
        pace.record_answer()
    return now


@pytest.mark.parametrize(("calls", "rate"), [(300, 100.0), (3000, 100.0), (20_000, 2000.0)])
def test_the_expected_duration_is_that_of_the_pace(calls: int, rate: float) -> None:
    really = asyncio.run(_time_of(calls, rate))
    assert expected_seconds(calls, rate) == pytest.approx(really, rel=0.2, abs=1.0)


def test_counts_leave_out_what_is_zero() -> None:
    assert counts_words({}) == "0 accepted"
    assert counts_words(a_broadcast().counts) == "7 accepted, 2 refused, 1 held"


def test_the_summary_names_what_one_should_know() -> None:
    found = Summary(rows=10, people=8, people_with_several=1, repeated_rows=1, longest_message=5000)
    broadcast = replace(a_broadcast(), pages=2, channel="line")
    assert summary_lines(replace(broadcast, source="file"), found)[0] == "10 rows for 8 people"
    assert summary_lines(broadcast, found) == [
        "10 rows on 2 pages for 8 people",
        "1 person gets several different messages",
        "1 row repeated: the same message to the same person",
        "longest message: 5,000 of 5,000 UTF-16 code units",
    ]


@pytest.mark.parametrize(
    ("left", "limit", "words"),
    [
        (None, None, "quota: no limit"),
        (3, 500, "quota: 3 of 500 messages left"),
        (0, None, "quota: 0 messages left"),
    ],
)
def test_the_quota(left: int | None, limit: int | None, words: str) -> None:
    assert quota_words(Quota(left=left, limit=limit)) == words


def test_too_little_quota_says_what_to_do() -> None:
    assert "--first 10" in too_little_quota(10, 20)
    assert "1 message is to be sent" in too_little_quota(0, 1)


def test_the_end_names_causes_and_next_steps() -> None:
    causes = [
        Cause(state=DeliveryState.ACCEPTED, reason=None, rows=7),
        Cause(state=DeliveryState.REFUSED, reason=HOSTILE, rows=2),
        Cause(state=DeliveryState.HELD, reason="nobody knows", rows=1),
    ]
    text = end_words(a_broadcast(), causes)
    assert text.startswith("Done: of 10 rows 7 accepted, 2 refused, 1 held.\n")
    assert "  1 held: nobody knows\n" in text
    assert "broadcast retry 0123456789abcdef\n" in text
    assert "broadcast retry 0123456789abcdef --held\n" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_clean_end_has_one_line() -> None:
    whole = a_broadcast(counts={DeliveryState.ACCEPTED: 10})
    assert end_words(whole, []) == "Done: of 10 rows 10 accepted.\n"


def test_many_causes_are_cut() -> None:
    causes = [
        Cause(state=DeliveryState.REFUSED, reason=f"cause {number}", rows=1) for number in range(9)
    ]
    assert "  and 4 more causes\n" in end_words(a_broadcast(), causes)


def test_a_list_and_a_status_make_remote_text_safe() -> None:
    one = a_broadcast(endpoint=HOSTILE, via=HOSTILE, reason=HOSTILE)
    for text in (listing([one]), standing(one, [], [HOSTILE])):
        assert "\x1b" not in text
        assert "\\x1b" in text


def test_a_sender_that_is_gone_is_told() -> None:
    gone = a_broadcast(state=BroadcastState.SENDING, via="line")
    assert "none at the moment; continue with: broadcast resume" in standing(gone, [], [])
    assert "senders   me" in standing(gone, [], ["me"])


def test_a_file_is_shown_by_its_path() -> None:
    of_file = a_broadcast(source="file", endpoint="http://localhost/home/me/people.csv")
    assert source_words(of_file) == "/home/me/people.csv"


# The progress line


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


def told(rate: float = 100.0, **counts: int) -> SendProgress:
    by_state = {DeliveryState(name): count for name, count in counts.items()}
    return SendProgress(state=BroadcastState.SENDING, counts=by_state, rate=rate, pace=200.0)


def last(screen: io.StringIO) -> str:
    return screen.getvalue().rpartition("\x1b[2K")[2]


def test_the_line_tells_how_far_how_fast_and_how_long_yet(screen: io.StringIO) -> None:
    line = SendProgressLine(screen, 100, wanted=1000)
    line(told(accepted=300, refused=2, held=1, ready=697))
    assert last(screen) == "300 of 1,000 accepted  2 refused  1 held  100/s  7 s left"
    line.clear()
    assert last(screen) == ""


def test_the_line_tells_why_it_waits_until_it_no_longer_does(screen: io.StringIO) -> None:
    now = 0.0
    line = SendProgressLine(screen, 200, wanted=10, clock=lambda: now)
    line(SendWaiting(seconds=12.0, why=f"LINE answered 429 {HOSTILE}"))
    assert last(screen).startswith("waiting 12 s: LINE answered 429 \\x1b")
    now = 2.0
    line(told(rate=0.0, accepted=1))
    assert "1 of 10 accepted  0/s  waiting 10 s: LINE" in last(screen)
    now = 13.0
    line(told(rate=0.0, accepted=1))
    assert "waiting" not in last(screen)


def test_a_narrow_terminal_gets_one_line(screen: io.StringIO) -> None:
    line = SendProgressLine(screen, 30, wanted=1000)
    line(told(accepted=300, refused=2, held=1, unknown=5))
    assert len(last(screen)) <= 29


def test_a_terminal_that_has_gone_stops_nothing(screen: io.StringIO) -> None:
    line = SendProgressLine(screen, 80, wanted=10)
    screen.close()
    line(told(accepted=1))
    line.clear()
