"""What the terminal says after a run."""

import pytest

from broadcaster.model import Broadcast, BroadcastState, DeliveryState, StopCause
from broadcaster.store.outcomes import Cause
from broadcaster.terminal.send_words import end_words

pytestmark = pytest.mark.pure

REASON = "The webhook answered 401."


def test_the_reason_of_a_pause_is_said_once() -> None:
    broadcast = Broadcast(
        number=1,
        id="abc",
        state=BroadcastState.PAUSED,
        cause=StopCause.CHANNEL,
        reason=REASON,
        created_at=0,
        updated_at=0,
        rows=9,
        counts={DeliveryState.READY: 9},
    )
    causes = [
        Cause(state=DeliveryState.READY, reason=REASON, rows=4),
        Cause(state=DeliveryState.REFUSED, reason=REASON, rows=2),
        Cause(state=DeliveryState.READY, reason="try later", rows=1),
    ]
    words = end_words(broadcast, causes)
    assert f"reason: {REASON}" in words
    assert "4 ready" not in words
    assert f"2 refused: {REASON}" in words
    assert "1 ready: try later" in words
