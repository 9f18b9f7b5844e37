"""The form to send a broadcast: what was typed, and what a person must agree to first."""

import time
from dataclasses import dataclass, replace

from flask import request

from broadcaster.channels.rate_limit import require_rate
from broadcaster.channels.stored_channel import split_stored_name, with_multicast
from broadcaster.errors import NotNow
from broadcaster.model import SENT_BEFORE_DAYS, Broadcast, BroadcastState
from broadcaster.status import warnings_to_accept
from broadcaster.store.repeats import SentBefore
from broadcaster.web.languages import _, counted
from broadcaster.web.pages.broadcast_view import ChannelPreview, channel_preview, waiting
from broadcaster.web.pages.window import window

__all__ = [
    "CANARY_ROWS",
    "MOST_UNCONFIRMED_ROWS",
    "QuotaTooSmall",
    "SendForm",
    "preview_of",
    "require_agreement",
]

CANARY_ROWS = 10
"""The number that the canary's field holds at first."""

MOST_UNCONFIRMED_ROWS = 100
"""So many may be sent with one click, on a button that says how many."""

_SAMPLES = 3


class QuotaTooSmall(NotNow):
    """The page then offers to begin anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendForm:
    """How to send. `via` is the channel's stored name, `rate` in calls a second, `first` the size
    of a canary. `confirmed`: a person saw how many messages go out.
    """

    via: str
    rate: float | None
    at_least_once: bool
    first: int | None
    confirmed: bool

    @classmethod
    def typed(cls, broadcast: Broadcast) -> "SendForm":
        """Of a broadcast that was begun, its own options; of a new one, those of the form.

        Raises NotNow, WrongCommand.
        """
        form = request.form
        first = _positive(form["first"]) if "first" in form else None
        begun = cls(
            via=broadcast.via,
            rate=broadcast.rate,
            at_least_once=broadcast.at_least_once,
            first=first,
            confirmed="confirmed" in form,
        )
        if broadcast.first_sent_at is not None:
            return begun
        via = form.get("via", "")
        if "multicast" in form:
            via = with_multicast(via)
        rate = _rate(form.get("rate", "").strip())
        require_rate(rate, window().sends.channel(via))
        return replace(begun, via=via, rate=rate, at_least_once="at_least_once" in form)

    def rows(self, broadcast: Broadcast) -> int:
        """How many messages it sends."""
        left = waiting(broadcast)
        return left if self.first is None else min(self.first, left)

    def must_be_confirmed(self, broadcast: Broadcast) -> bool:
        """Whether a page asks once more: before a broadcast begins, and before more than its canary
        is sent.
        """
        beyond_canary = broadcast.limit is not None and self.first is None
        return not self.confirmed and (broadcast.state is BroadcastState.READY or beyond_canary)


def preview_of(broadcast: Broadcast, name: str) -> ChannelPreview:
    """What to expect of sending the whole broadcast by the channel of this stored name."""
    sends, store = window().sends, window().store
    samples = store.loads.rows(broadcast.number, 0, _SAMPLES)
    preview = channel_preview(sends.channel(name), name, broadcast.rows, samples)
    return replace(
        preview,
        multicast=sends.takes_multicast(name),
        delivers=sends.delivers(name),
        sent_before=_sent_before(broadcast, name),
    )


def require_agreement(broadcast: Broadcast, typed: SendForm, rows: int) -> None:
    """Raises NotNow for what must be agreed to first, and is not: a quota that is too small, people
    who may be missing, people who got the same message already.
    """
    preview = channel_preview(window().sends.channel(typed.via), typed.via, rows)
    form = request.form
    if preview.error:
        raise NotNow(preview.error)
    if preview.too_little_for(rows) and "over_quota" not in form:
        raise QuotaTooSmall(_("The channel's quota is too small for all of these messages."))
    if warnings_to_accept(broadcast, form.getlist("accept")):
        raise NotNow(_("People may be missing: read the warning below, and tick it to send."))
    before = _sent_before(broadcast, typed.via)
    if before is not None and "again" not in form:
        raise NotNow(
            counted(
                "%(number)s person got the same message already in the last days: tick the box to "
                "send it again.",
                "%(number)s people got the same message already in the last days: tick the box to "
                "send it again.",
                before.rows,
            )
        )


def _sent_before(broadcast: Broadcast, via: str) -> SentBefore | None:
    """The rows that this channel sent already, in another broadcast of the last days."""
    name = split_stored_name(via)[0]
    if broadcast.first_sent_at is not None or not window().sends.delivers(name):
        return None
    since = time.time() - SENT_BEFORE_DAYS * 86_400
    found = window().store.repeats.sent_since(
        broadcast.number, since, via=(name, with_multicast(name))
    )
    return found if found.rows else None


def _rate(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise NotNow(
            _("“%(label)s” must be a number.", label=_("Maximum calls a second"))
        ) from None


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise NotNow(_("Give a whole number, 1 or more."))
    return number
