"""Opening files in the place of an endpoint: a recording, or pages as they were saved."""

import shutil
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.errors import NotNow
from broadcaster.web.check_form import FormError
from broadcaster.web.check_order import CheckOrder, FileKind
from broadcaster.web.languages import _
from broadcaster.web.uploads import kept_or_told
from broadcaster.web.window import window
from checker import UsageError
from checker.api import Config, Endpoint
from schemas import CHANNELS

__all__ = ["blueprint"]

blueprint = Blueprint("files", __name__)

_MOST_FILES = 200


@blueprint.get("/files")
def form() -> str:
    """The form on which files are chosen."""
    return _form()


@blueprint.post("/files")
def start() -> AnyResponse:
    """Judge the files, or say what is wrong with them."""
    try:
        name = _started()
    except (FormError, UsageError) as error:
        return Response(_form(str(error)), 422)
    except NotNow as error:
        return Response(_form(str(error)), 503)
    return redirect(url_for("checks.show", name=name), 303)


def _started() -> str:
    """The check's id. Raises FormError, UsageError, NotNow."""
    folder = window().uploads.folder()
    try:
        return window().checks.start(_order(folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _order(folder: str) -> CheckOrder:
    kind = FileKind.RECORDING if request.form.get("kind") == "recording" else FileKind.PAGES
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent:
        raise FormError(_("Choose a file first."))
    if kind is FileKind.RECORDING and len(sent) > 1:
        raise FormError(_("Choose one recording."))
    if len(sent) > _MOST_FILES:
        raise FormError(_("Choose %(most)s files at the most.", most=_MOST_FILES))
    url = request.form.get("url", "").strip() or None
    token_param = request.form.get("token_param", "").strip() or None
    channel = request.form.get("channel") or None
    config = None
    if kind is FileKind.PAGES and url is not None:
        endpoint = Endpoint.parse(url, token_param or "next")
        config = Config(endpoint=endpoint, channel=channel, strict="strict" in request.form)
    elif channel is not None and channel not in CHANNELS:
        raise FormError(_("There is no such channel."))
    with kept_or_told():
        files = _keep(sent, Path(folder))
    return CheckOrder(
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


def _keep(sent: list[FileStorage], folder: Path) -> tuple[str, ...]:
    """The files below names of letters and digits, each of its own, in the order of the choice."""
    names: list[str] = []
    for number, file in enumerate(sent, 1):
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
