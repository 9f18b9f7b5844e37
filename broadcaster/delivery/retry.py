"""When those may be sent to once more who did not get it: one rule for command line and window."""

from broadcaster.model import END_STATES, Broadcast

__all__ = ["rows_before_retry"]


def rows_before_retry(broadcast: Broadcast) -> int:
    """How many rows wait that were never sent, but for those beyond a canary: these go first."""
    waiting = broadcast.rows - sum(broadcast.counts.get(state, 0) for state in END_STATES)
    beyond = 0 if broadcast.limit is None else broadcast.rows - broadcast.limit
    return max(waiting - beyond, 0)
