"""What the command line needs to judge files instead of a server: --replay and --page."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.errors import UsageError
from checker.core.protocols import PageSource
from checker.recordings.browser_har import read_browser_har
from checker.recordings.har_file import recorded_head
from checker.recordings.replay import Recording, read_recording
from checker.recordings.saved_pages import SavedPages

__all__ = ["Offline", "offline_check"]

_NOWHERE = "http://saved-pages.invalid/"


@dataclass(frozen=True, kw_only=True)
class Offline:
    """A check that sends nothing."""

    config: Config
    client: PageSource

    def unread(self) -> str | None:
        """A sentence about the pages behind the one at which the crawl ended, if there are any."""
        files = self.client.unread if isinstance(self.client, SavedPages) else []
        if not files:
            return None
        named = ", ".join(files[:5]) + (", …" if len(files) > 5 else "")
        return f"Not read, since the page before does not lead there: {named}."


def offline_check(
    options: argparse.Namespace, config_of: Callable[[argparse.Namespace], Config]
) -> Offline | None:
    """The check of files that is asked for, if one is. Raises UsageError."""
    if options.record is not None and options.all:
        raise UsageError("--record cannot be combined with --all: a recording holds one check.")
    if options.replay is None and not options.page:
        return None
    for name, given in (
        ("--record", options.record),
        ("--all", options.all),
        ("--load", options.load),
    ):
        if given:
            raise UsageError(
                f"{name} cannot be combined with --replay or --page, which send no requests."
            )
    if options.replay is not None and options.page:
        raise UsageError("--replay cannot be combined with --page.")
    return _of_pages(options, config_of) if options.page else _of_recording(options, config_of)


def _of_recording(
    options: argparse.Namespace, config_of: Callable[[argparse.Namespace], Config]
) -> Offline:
    recording = _read(options)
    try:
        chosen = argparse.Namespace(**vars(options))
        chosen.url = recording.endpoint
        for option in ("token_param", "max_pages"):
            if getattr(options, option) is None:
                setattr(chosen, option, getattr(recording, option))
        config = config_of(chosen)
    except BaseException:
        recording.client.close()
        raise
    given = {name.lower() for name, _ in config.headers}
    more = tuple(pair for pair in recording.headers if pair[0].lower() not in given)
    config = replace(config, headers=config.headers + more, load=0, probe_methods=recording.methods)
    return Offline(config=config, client=recording.client)


def _read(options: argparse.Namespace) -> Recording:
    head = recorded_head(options.replay)
    if head is None:
        return read_browser_har(options.replay, options.url, options.token_param or "next")
    if options.url not in (None, head["endpoint"]):
        raise UsageError("--replay takes no URL: the recording has its endpoint.")
    return read_recording(options.replay, head)


def _of_pages(
    options: argparse.Namespace, config_of: Callable[[argparse.Namespace], Config]
) -> Offline:
    chosen = argparse.Namespace(**vars(options))
    chosen.url = options.url or _NOWHERE
    config = config_of(chosen)
    client = SavedPages(options.page, config.body_limit_bytes, has_url=options.url is not None)
    endpoint = config.endpoint
    if options.url is None:
        first = Path(options.page[0]).absolute().as_uri()
        endpoint = Endpoint(first, endpoint.token_param)
    return Offline(config=replace(config, endpoint=endpoint, load=0), client=client)
