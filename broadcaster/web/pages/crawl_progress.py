"""What a page shows of a crawl that runs, of a check or of a load."""

from broadcaster.web.jobs.job import Activity, JobState, Progress
from broadcaster.web.languages import _, counted, figure

__all__ = ["progress_fields"]


def progress_fields(progress: Progress) -> dict[str, object]:
    """The values by the names of the page's fields."""
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
    if progress.state is JobState.QUEUED:
        if not progress.before:
            return _("Waiting: this is the next one.")
        return counted(
            "Waiting: %(number)s is before this one.",
            "Waiting: %(number)s are before this one.",
            progress.before,
        )
    if progress.state is JobState.STOPPING:
        return _("Stopping. What was found so far will be shown.")
    if step.activity is Activity.WAITING:
        seconds = figure(round(step.pause_seconds, 1))
        return _("Waiting %(seconds)s s: %(why)s", seconds=seconds, why=step.why)
    if step.activity is Activity.PROBING:
        return _("Extra request: %(probe)s", probe=step.why)
    return _("Connecting") if step.activity is Activity.CONNECTING else _("Reading page after page")
