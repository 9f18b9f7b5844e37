"""What a page shows of a crawl that is under way, a check's or a load's."""

from broadcaster.web.child import Doing
from broadcaster.web.languages import _, counted, figure
from broadcaster.web.work import Progress, WorkState

__all__ = ["progress_fields"]


def progress_fields(progress: Progress) -> dict[str, object]:
    """By the names that the page has for them."""
    step, seconds = progress.step, progress.seconds
    minutes, rest = divmod(int(seconds), 60)
    rate = step.rows / seconds if seconds >= 1 else 0
    return {
        "doing": _doing(progress),
        "endpoint": progress.endpoint,
        "pages": figure(step.pages),
        "rows": figure(step.rows),
        "rate": figure(round(rate)),
        "time": f"{minutes}:{rest:02}",
    }


def _doing(progress: Progress) -> str:
    step = progress.step
    if progress.state is WorkState.IN_LINE:
        if not progress.before:
            return _("Waiting in line: this one is the next.")
        return counted(
            "Waiting in line: %(number)s is before this one.",
            "Waiting in line: %(number)s are before this one.",
            progress.before,
        )
    if progress.state is WorkState.STOPPING:
        return _("Stopping; what was found so far will be shown.")
    if step.doing is Doing.WAITING:
        seconds = figure(round(step.pause_seconds, 1))
        return _("Waiting %(seconds)s s: %(why)s", seconds=seconds, why=step.why)
    if step.doing is Doing.PROBING:
        return _("Asking what a plain crawl cannot tell: %(probe)s", probe=step.why)
    return _("Connecting") if step.doing is Doing.CONNECTING else _("Reading page after page")
