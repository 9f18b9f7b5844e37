"""Progress without a terminal: a line now and then, and one for each change."""

import io

import pytest

from broadcaster.delivery import SendProgress, SendWaiting
from broadcaster.model import BroadcastState, DeliveryState
from broadcaster.terminal.progress_log import SendProgressLog

pytestmark = pytest.mark.pure

SENDING, PAUSED, DONE = BroadcastState.SENDING, BroadcastState.PAUSED, BroadcastState.DONE


class Log:
    """A log of a hundred rows, and its clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stream = io.StringIO()
        self.log = SendProgressLog(self.stream, wanted=100, clock=lambda: self.now)

    def tell(
        self, accepted: int = 0, pace: float = 50.0, state: BroadcastState = SENDING
    ) -> list[str]:
        counts = {DeliveryState.ACCEPTED: accepted, DeliveryState.READY: 100 - accepted}
        return self.said(SendProgress(state=state, counts=counts, rate=4.0, pace=pace))

    def said(self, told: SendProgress | SendWaiting) -> list[str]:
        """The lines that this one gave."""
        before = len(self.stream.getvalue())
        self.log(told)
        return self.stream.getvalue()[before:].splitlines()


def test_a_line_every_ten_seconds() -> None:
    log = Log()
    lines = []
    for half_seconds in range(100):
        log.now = half_seconds / 2
        lines += log.tell(half_seconds)
    assert len(lines) == 4
    assert lines[0] == "broadcast: 20 of 100 accepted  4/s  20 s left"


def test_a_slower_pace_is_told_once_until_it_has_recovered() -> None:
    log = Log()
    paces = [5.0, 50.0, 100.0, 70.0, 49.0, 34.0, 80.0, 95.0, 60.0]
    told = [(pace, line) for pace in paces for line in log.tell(pace=pace)]
    assert [pace for pace, _ in told] == [70.0, 60.0]
    assert told[0][1].startswith("broadcast: slowed down to 70.0 calls a second: 0 of 100 accepted")


def test_a_pause_is_told_and_the_end_is_not() -> None:
    log = Log()
    assert log.tell(5, state=PAUSED) == ["broadcast: paused: 5 of 100 accepted  4/s  24 s left"]
    assert log.tell(5, state=PAUSED) == []
    assert Log().tell(100, state=DONE) == []


@pytest.mark.parametrize("seconds", [0.1, 4.0])
def test_a_wait_is_told_once_with_its_reason(seconds: float) -> None:
    log = Log()
    lines = []
    for half_seconds in range(8):
        log.now = half_seconds / 2
        lines += log.said(SendWaiting(seconds=seconds, why="LINE answered\x1b 500."))
    wanted = "broadcast: waiting 4 s: LINE answered\\x1b 500."
    assert lines == ([wanted] if seconds > 1 else [])
    assert log.said(SendWaiting(seconds=3.0, why="another")) == ["broadcast: waiting 3 s: another"]


def test_a_reader_that_has_gone_stops_nothing() -> None:
    log = Log()
    log.stream.close()
    log.log(SendWaiting(seconds=3.0, why="x"))
