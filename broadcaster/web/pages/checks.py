"""The pages of a check: the form, the check while it runs, its result, and its downloads."""

import re
from collections.abc import Iterator, Mapping

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.errors import NotNow
from broadcaster.store.checks import CheckRecord
from broadcaster.web.jobs.stored_report import report_of
from broadcaster.web.languages import SHOW_AGAIN
from broadcaster.web.pages.check_form import CheckForm, FormError
from broadcaster.web.pages.check_rounds import compared, rounds_before
from broadcaster.web.pages.crawl_progress import progress_fields
from broadcaster.web.pages.window import window
from checker import Report, report_body, report_style
from checker.api import FORMATS, MASK, Style, format_of, render
from schemas import CHANNELS

__all__ = ["blueprint"]

blueprint = Blueprint("checks", __name__)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TICK_SECONDS = 1.0
_NEVER_SEEN = -(10**9)
_DOWNLOADS = {form: format_of(form) for form in FORMATS}


@blueprint.get("/")
def form() -> str:
    """The form, with the endpoint of `?url=` if there is one, and the window's own channel."""
    url = request.args.get("url", "").strip()[:2000]
    return _form(CheckForm(url=url, channel=_own_row_format()))


@blueprint.post("/checks")
def start() -> AnyResponse:
    """Begin a check, or show the form again with what is wrong."""
    typed = CheckForm.typed(request.form)
    changed = typed.with_changed_rows(request.form)
    if changed is not None or SHOW_AGAIN in request.form:
        return Response(_form(changed or typed))
    return _begun(typed)


@blueprint.post("/checks/<name>/again")
def again(name: str) -> AnyResponse:
    """The same check once more, with its headers, while they are remembered."""
    record = _record(name)
    typed = window().typed.get(name)
    if typed is None:
        return redirect(url_for("checks.form", url=_bare_address(record)), 303)
    return _begun(typed)


def _begun(typed: CheckForm) -> AnyResponse:
    here = window()
    try:
        job = typed.job(here.config.budget, here.resolver())
        name = here.checks.start(job)
    except FormError as error:
        return Response(_form(typed, error=str(error)), 422)
    except NotNow as error:
        return Response(_form(typed, error=str(error)), 503)
    if not here.config.public_checker:  # there, strangers may share an address of a result
        here.typed.put(name, typed)
    return redirect(url_for("checks.show", name=name), 303)


@blueprint.get("/checks/<name>")
def show(name: str) -> str:
    """A check: its progress, or its result."""
    progress = window().checks.look(name)
    if progress is not None:
        return render_template("check_running.html", name=name, fields=progress_fields(progress))
    here, record = window(), _record(name)
    report = _report(record)
    rounds = [] if here.config.public_checker else rounds_before(here.store, record)
    whole = report is not None and record.state == "done" and not record.reason
    return render_template(
        "check_result.html",
        record=record,
        report=report,
        rounds=rounds,
        comparison=compared(here.store, rounds, report) if report is not None and whole else None,
        remembered=here.typed.get(name) is not None,
        may_broadcast=bool(here.sends.channels),
        body=None if report is None else report_body(report),
        address=_bare_address(record),
        downloads=[(form, found.label) for form, found in _DOWNLOADS.items()],
    )


@blueprint.get("/checks/<name>/events")
def events(name: str) -> AnyResponse:
    """The progress of the check as events."""
    here = window()
    if here.checks.look(name) is None:
        _record(name)

    def steps() -> Iterator[Mapping[str, object]]:
        seen = _NEVER_SEEN
        while (progress := here.checks.wait(name, seen, _TICK_SECONDS)) is not None:
            seen = progress.version
            yield progress_fields(progress)
        yield {"ended": True}

    return here.streams.answer(steps)


@blueprint.post("/checks/<name>/stop")
def stop(name: str) -> AnyResponse:
    """End a check; its result is what it found so far."""
    window().checks.stop(name)
    return redirect(url_for("checks.show", name=name), 303)


@blueprint.get("/checks/<name>/report.<form>")
def download(name: str, form: str) -> Response:
    """The report in one of the formats, as a file."""
    if form not in _DOWNLOADS:
        abort(404)
    report = _report(_record(name))
    if report is None:
        abort(404)
    found = _DOWNLOADS[form]
    text = render(report, form, Style(color=False, width=100))
    response = Response(text, content_type=f"{found.media_type}; charset=utf-8")
    name = f"check-{report.run}.{found.extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/report.css")
def style() -> Response:
    """The style sheet of the report, which the checker has."""
    return Response(report_style(), content_type="text/css; charset=utf-8")


def _form(form: CheckForm, error: str = "") -> str:
    here = window()
    return render_template(
        "check_form.html",
        form=form,
        error=error,
        channels=CHANNELS,
        budget=here.config.budget,
        public=here.config.public_checker,
    )


def _own_row_format() -> str:
    """The rules of the channel by which this window sends, if it has one and they are known."""
    sends = window().sends
    return (sends.channel(sends.channels[0]).row_format or "") if sends.channels else ""


def _record(name: str) -> CheckRecord:
    record = window().store.checks.get(name) if _ID.fullmatch(name) else None
    if record is None:
        abort(404)
    return record


def _report(record: CheckRecord) -> Report | None:
    return None if record.report is None else report_of(record.report)


def _bare_address(record: CheckRecord) -> str | None:
    """The endpoint for a link; None where a part of it is masked, and for a file."""
    whole = record.endpoint.startswith(("http://", "https://")) and MASK not in record.endpoint
    return record.endpoint if whole else None
