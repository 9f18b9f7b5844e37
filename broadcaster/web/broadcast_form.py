"""The form of a load: from an endpoint as a check has it, or from a file of contacts."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from flask import Request
from werkzeug.utils import secure_filename

from broadcaster.loading.loader import Loader, masked_endpoint
from broadcaster.model import Broadcast
from broadcaster.web.check_form import CheckForm, FormError
from broadcaster.web.languages import _
from broadcaster.web.load_line import LoadOrder, config_of
from broadcaster.web.uploads import kept_or_told
from broadcaster.web.window import Window

__all__ = ["begin_load"]


def begin_load(here: Window, typed: CheckForm, request: Request) -> str:
    """Begin to load, or go on with what was interrupted; gives the broadcast's id.

    Raises FormError, WrongCommand, NotNow.
    """
    name = request.form.get("via", "")
    if name not in here.sends.channels:
        raise FormError(_("There is no such channel."))
    form = here.sends.channel(name).row_format
    if request.form.get("source") == "file":
        order = _of_file(here, request, form)
    else:
        order = _of_endpoint(here, typed, form)
    try:
        broadcast = _broadcast(here, order, new="new" in request.form)
        here.loads.start(lambda address: replace(order, broadcast=broadcast.id, store=address))
    except BaseException:
        if order.folder:
            shutil.rmtree(order.folder, ignore_errors=True)
        raise
    return broadcast.id


def _broadcast(here: Window, order: LoadOrder, *, new: bool) -> Broadcast:
    config = config_of(order)
    here.loads.require_room()
    source = "api" if config.sender is None else "file"
    if config.sender is not None:
        config.sender.close()
    return Loader(here.store).find_or_create(config, new=new, source=source)


def _of_endpoint(here: Window, typed: CheckForm, form: str | None) -> LoadOrder:
    # by every rule, since the people behind the rows would feel what a check may let pass
    asked = replace(typed, channel=form or "", ignore="", load="", strict=False)
    order = asked.order(here.config.budget, here.resolver())
    if order.config is None:
        raise FormError(_("Give an endpoint."))
    return LoadOrder(
        broadcast="", store="", endpoint=masked_endpoint(order.config), host=order.host,
        config=order.config,
    )  # fmt: skip


def _of_file(here: Window, request: Request, form: str | None) -> LoadOrder:
    """The upload, below a URL made of its content: the same file goes on where it was."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise FormError(_("Choose a file first."))
    folder = here.uploads.folder()
    try:
        path = Path(folder, secure_filename(sent.filename)[-80:] or "contacts.csv")
        with kept_or_told():
            sent.save(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return LoadOrder(
        broadcast="", store="", endpoint=path.name, folder=folder, file=path.name, channel=form,
        url=f"http://localhost/{digest}/{quote(path.name)}",
    )  # fmt: skip
