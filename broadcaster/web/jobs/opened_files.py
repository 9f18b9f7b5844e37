"""Checks opened files in place of an endpoint: a recording as HAR, or saved pages."""

import argparse
from dataclasses import replace
from pathlib import Path

from broadcaster.web.jobs.check_job import CheckJob, FileKind
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

__all__ = ["offline_check_of"]

_NOWHERE = "http://saved-pages.invalid/"


def offline_check_of(job: CheckJob) -> Offline:
    """The check, with a client that answers from the files. Raises UsageError."""
    try:
        return _of_pages(job) if job.kind is FileKind.PAGES else _of_recording(job)
    except UsageError as error:
        raise UsageError(str(error).replace(f"{job.folder}/", "")) from None


def _of_recording(job: CheckJob) -> Offline:
    options = argparse.Namespace(
        url=job.url,
        token_param=job.token_param,
        max_pages=None,
        page=[],
        record=None,
        replay=str(Path(job.folder, job.files[0])),
        all=False,
        load=0,
    )
    offline = offline_check(options, lambda chosen: _config(job, chosen))
    if offline is None:
        raise UsageError("There is nothing to check: open a recording.")
    return offline


def _config(job: CheckJob, chosen: argparse.Namespace) -> Config:
    usual = {} if chosen.max_pages is None else {"max_pages": chosen.max_pages}
    return Config(
        endpoint=Endpoint.parse(chosen.url, chosen.token_param or "next"),
        channel=job.channel,
        strict=job.strict,
        **usual,
    )


def _of_pages(job: CheckJob) -> Offline:
    config = job.config or Config(
        endpoint=Endpoint.parse(_NOWHERE, job.token_param or "next"),
        channel=job.channel,
        strict=job.strict,
    )
    paths = [str(Path(job.folder, name)) for name in job.files]
    client = _OpenedPages(paths, config.body_limit_bytes, has_url=job.url is not None)
    endpoint = config.endpoint
    if job.url is None:
        endpoint = Endpoint(f"file:///{job.files[0]}", endpoint.token_param)
    return Offline(config=replace(config, endpoint=endpoint, load=0), client=client)


class _OpenedPages(SavedPages):
    """Saved pages under the names that they were uploaded with, without the folder they lie in."""

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """The file of this page. Raises NotRecordedError."""
        exchange = super().get_page(
            token, page=page, purpose=purpose, headers=headers, extra_headers=extra_headers
        )
        if page is None:
            raise NotRecordedError("saved pages answer no probes")
        return replace(exchange, url=f"file:///{Path(self._files[page - 1]).name}")
