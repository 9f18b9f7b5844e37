"""Opening files in place of an endpoint: a recording, or saved pages."""

import shutil
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.errors import NotNow
from broadcaster.web.jobs.check_job import CheckJob, FileKind
from broadcaster.web.jobs.uploads import upload_errors
from broadcaster.web.languages import SHOW_AGAIN, _
from broadcaster.web.pages.check_form import FormError
from broadcaster.web.pages.window import window
from checker import UsageError
from checker.api import Config, Endpoint
from schemas import CHANNELS

__all__ = ["blueprint"]

blueprint = Blueprint("files", __name__)

_MOST_FILES = 200


@blueprint.get("/files")
def form() -> str:
    """The form to choose files."""
    return _form()


@blueprint.post("/files")
def start() -> AnyResponse:
    """Check the files, or say what is wrong with them."""
    if SHOW_AGAIN in request.form:
        return Response(_form())
    try:
        name = _start_check()
    except (FormError, UsageError) as error:
        return Response(_form(str(error)), 422)
    except NotNow as error:
        return Response(_form(str(error)), 503)
    return redirect(url_for("checks.show", name=name), 303)


def _start_check() -> str:
    """The check's id. Raises FormError, UsageError, NotNow."""
    folder = window().uploads.folder()
    try:
        return window().checks.start(_job(folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _job(folder: str) -> CheckJob:
    kind = FileKind.RECORDING if request.form.get("kind") == "recording" else FileKind.PAGES
    uploads = [file for file in request.files.getlist("files") if file.filename]
    if not uploads:
        raise FormError(_("Choose a file first."))
    if kind is FileKind.RECORDING and len(uploads) > 1:
        raise FormError(_("Choose one recording."))
    if len(uploads) > _MOST_FILES:
        raise FormError(_("Choose at most %(most)s files.", most=_MOST_FILES))
    url = request.form.get("url", "").strip() or None
    token_param = request.form.get("token_param", "").strip() or None
    channel = request.form.get("channel") or None
    config = None
    if kind is FileKind.PAGES and url is not None:
        endpoint = Endpoint.parse(url, token_param or "next")
        config = Config(endpoint=endpoint, channel=channel, strict="strict" in request.form)
    elif channel is not None and channel not in CHANNELS:
        raise FormError(_("There is no such channel."))
    with upload_errors():
        files = _save(uploads, Path(folder))
    return CheckJob(
        endpoint=", ".join(files[:3]) + (", …" if len(files) > 3 else ""),
        config=config,
        url=url,
        kind=kind,
        folder=folder,
        files=files,
        token_param=token_param,
        channel=channel,
        strict="strict" in request.form,
    )


def _save(uploads: list[FileStorage], folder: Path) -> tuple[str, ...]:
    """Saves the files under different plain names, in the order in which they were chosen."""
    names: list[str] = []
    for number, file in enumerate(uploads, 1):
        plain = secure_filename(file.filename or "")[-80:] or "page.json"
        name = plain if plain not in names else f"{number}-{plain}"
        file.save(folder / name)
        names.append(name)
    return tuple(names)


def _form(error: str = "") -> str:
    limit = window().config.upload_limit_bytes // (1024 * 1024)
    return render_template(
        "files_form.html", error=error, channels=CHANNELS, limit=limit, typed=request.form
    )
