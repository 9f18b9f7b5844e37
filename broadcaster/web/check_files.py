"""Judges opened files in the place of an endpoint: a recording as HAR, or saved pages."""

import argparse
from dataclasses import replace
from pathlib import Path

from broadcaster.web.check_order import CheckOrder, FileKind
from checker import UsageError
from checker.api import (
    Config,
    Endpoint,
    Exchange,
    Headers,
    NotRecordedError,
    Offline,
    Purpose,
    SavedPages,
    offline_check,
)

__all__ = ["offline_order"]

_NOWHERE = "http://saved-pages.invalid/"


def offline_order(order: CheckOrder) -> Offline:
    """What answers in the place of the network. Raises UsageError for files that cannot be read."""
    try:
        return _of_pages(order) if order.kind is FileKind.PAGES else _of_recording(order)
    except UsageError as error:
        raise UsageError(str(error).replace(f"{order.folder}/", "")) from None


def _of_recording(order: CheckOrder) -> Offline:
    options = argparse.Namespace(
        url=order.url, token_param=order.token_param, max_pages=None, page=[], record=None,
        replay=str(Path(order.folder, order.files[0])), all=False, load=0,
    )  # fmt: skip
    offline = offline_check(options, lambda chosen: _config(order, chosen))
    if offline is None:
        raise UsageError("There is nothing to judge: open a recording.")
    return offline


def _config(order: CheckOrder, chosen: argparse.Namespace) -> Config:
    usual = {} if chosen.max_pages is None else {"max_pages": chosen.max_pages}
    return Config(
        endpoint=Endpoint.parse(chosen.url, chosen.token_param or "next"),
        channel=order.channel,
        strict=order.strict,
        **usual,
    )


def _of_pages(order: CheckOrder) -> Offline:
    config = order.config or Config(
        endpoint=Endpoint.parse(_NOWHERE, order.token_param or "next"),
        channel=order.channel,
        strict=order.strict,
    )
    paths = [str(Path(order.folder, name)) for name in order.files]
    client = _OpenedPages(paths, config.body_limit_bytes, has_url=order.url is not None)
    endpoint = config.endpoint
    if order.url is None:
        endpoint = Endpoint(f"file:///{order.files[0]}", endpoint.token_param)
    return Offline(config=replace(config, endpoint=endpoint, load=0), client=client)


class _OpenedPages(SavedPages):
    """Saved pages by the names that they had where they come from, not by where we keep them."""

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """The file in the place of this page. Raises NotRecordedError."""
        exchange = super().get_page(
            token, page=page, purpose=purpose, headers=headers, extra_headers=extra_headers
        )
        if page is None:
            raise NotRecordedError("saved pages answer no probes")
        return replace(exchange, url=f"file:///{Path(self._files[page - 1]).name}")
