"""When answers say that all the others would end alike, so that a person must look. Pure."""

from broadcaster.channels.base import Answer, Verdict
from broadcaster.model import StopCause

__all__ = ["StopRules"]

_UNCERTAIN_IN_A_ROW = 20
_EQUAL_REFUSALS_IN_A_ROW = 20
_REFUSED_FROM_THE_START = 50


class StopRules:
    """Counts the answers of one run."""

    def __init__(self) -> None:
        self._uncertain = self._refused = self._equal_refusals = 0
        self._refusal = ""
        self._any_accepted = False

    def after(self, answer: Answer, *, repeatable: bool) -> tuple[StopCause, str] | None:
        """Why to stop after this answer, with the reason for people; None to go on. `repeatable`: a
        call whose outcome is unknown may be repeated.
        """
        self._any_accepted = self._any_accepted or answer.verdict is Verdict.ACCEPTED
        self._refused += answer.verdict is Verdict.REFUSED
        self._uncertain = self._uncertain + 1 if answer.verdict is Verdict.UNKNOWN else 0
        self._count_equal_refusals(answer)
        if answer.verdict is Verdict.PAUSE:
            return StopCause.CHANNEL, answer.reason
        if self._uncertain >= _UNCERTAIN_IN_A_ROW and not repeatable:
            reason = f"{_UNCERTAIN_IN_A_ROW} calls in a row had no certain answer; the last: "
            return StopCause.UNCERTAIN, reason + answer.reason
        if self._equal_refusals >= _EQUAL_REFUSALS_IN_A_ROW:
            reason = f"{_EQUAL_REFUSALS_IN_A_ROW} calls in a row ended alike: {answer.reason}"
            return StopCause.REFUSED, reason
        if self._refused >= _REFUSED_FROM_THE_START and not self._any_accepted:
            # as with a wrong address, to which every row would be lost
            reason = f"the first {self._refused} calls were all refused: {answer.reason}"
            return StopCause.REFUSED, reason
        return None

    def _count_equal_refusals(self, answer: Answer) -> None:
        """How many refused or doubtful answers in a row had one reason: then it is the channel's
        state and not the rows, as with a test address that accepts one call only.
        """
        if answer.verdict is Verdict.ACCEPTED:
            self._equal_refusals = 0
        elif answer.verdict in (Verdict.REFUSED, Verdict.DOUBTFUL):
            again = self._equal_refusals > 0 and answer.reason == self._refusal
            self._equal_refusals = self._equal_refusals + 1 if again else 1
            self._refusal = answer.reason
