"""The form of a load: from an endpoint as a check has it, or from a file of contacts."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from flask import Request

from broadcaster.loading.loader import Loader, masked_endpoint
from broadcaster.model import Broadcast
from broadcaster.web.jobs.loads import LoadJob, config_of
from broadcaster.web.jobs.uploads import upload_errors
from broadcaster.web.languages import _
from broadcaster.web.pages.check_form import CheckForm, FormError
from broadcaster.web.pages.window import Window

__all__ = ["begin_load", "name_typed", "own_name", "with_headers_of_check"]

_LONGEST_NAME = 80


def begin_load(here: Window, typed: CheckForm, request: Request) -> str:
    """Begin to load, or resume an interrupted load; gives the broadcast's id.

    Raises FormError, WrongCommand, NotNow.
    """
    name = request.form.get("via", "")
    if name not in here.sends.channels:
        raise FormError(_("There is no such channel."))
    form = here.sends.channel(name).row_format
    if request.form.get("source") == "file":
        job = _of_file(here, request, form)
    else:
        job = _of_endpoint(here, typed, form)
    try:
        broadcast = _broadcast(here, job, new="new" in request.form)
        called = name_typed(request)
        if called:
            here.store.broadcasts.rename(broadcast.number, called)
        here.loads.start(lambda address: replace(job, broadcast=broadcast.id, store=address))
    except BaseException:
        if job.folder:
            shutil.rmtree(job.folder, ignore_errors=True)
        raise
    return broadcast.id


def with_headers_of_check(here: Window, typed: CheckForm, request: Request) -> CheckForm:
    """What was typed, with the headers of the check that the form was opened from. They never go to
    another endpoint than that of the check. Raises FormError.
    """
    name = request.form.get("check", "")
    if not name or request.form.get("source") == "file":
        return typed
    checked = here.typed.get(name)
    if checked is None:
        raise FormError(_("The headers of that check are no longer in memory: type them again."))
    if typed.url != checked.url:
        return typed
    return replace(typed, headers=(*checked.headers, *typed.headers))


def _broadcast(here: Window, job: LoadJob, *, new: bool) -> Broadcast:
    config = config_of(job)
    here.loads.require_room()
    source = "api" if config.sender is None else "file"
    if config.sender is not None:
        config.sender.close()
    return Loader(here.store).find_or_create(config, new=new, source=source)


def _of_endpoint(here: Window, typed: CheckForm, form: str | None) -> LoadJob:
    # by every rule: what a check may ignore would reach people
    asked = replace(typed, channel=form or "", ignore="", load="", strict=False)
    job = asked.job(here.config.budget, here.resolver())
    if job.config is None:
        raise FormError(_("Give an endpoint."))
    return LoadJob(
        broadcast="",
        store="",
        endpoint=masked_endpoint(job.config),
        host=job.host,
        config=job.config,
    )


def _of_file(here: Window, request: Request, form: str | None) -> LoadJob:
    """The upload, under a URL made from its content: the same file resumes its load."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise FormError(_("Choose a file first."))
    folder = here.uploads.folder()
    try:
        name = own_name(sent.filename)
        path = Path(folder, f"contacts{Path(name).suffix.lower()}")
        with upload_errors():
            sent.save(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return LoadJob(
        broadcast="",
        store="",
        endpoint=name,
        folder=folder,
        file=path.name,
        channel=form,
        url=f"http://localhost/{digest}/{quote(name)}",
    )


def name_typed(request: Request) -> str:
    """The name that a person gives to a broadcast, in one line."""
    typed = " ".join(request.form.get("name", "").split())
    return "".join(one for one in typed if one.isprintable())[:_LONGEST_NAME]


def own_name(filename: str) -> str:
    """The name of an uploaded file for display, in whatever script it is: without folders, and
    without characters that cannot be seen. The file itself is stored under a plain name.
    """
    name = filename.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in name if character.isprintable()).strip()
    return shown[-_LONGEST_NAME:] or "contacts.csv"
