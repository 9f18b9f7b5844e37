"""A check as a job: what a page asks for, and what its process is given."""

from dataclasses import dataclass
from enum import StrEnum

from checker.api import Config

__all__ = ["CheckJob", "FileKind"]


class FileKind(StrEnum):
    """The kind of files that are checked in place of an endpoint."""

    RECORDING = "recording"
    PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckJob:
    """`config` is None for a recording, which has its own. `endpoint` is masked, for display; the
    requests go to `host`. `files` are names in `folder`, which is removed after the check.
    """

    endpoint: str
    host: str = ""
    config: Config | None = None
    url: str | None = None
    kind: FileKind | None = None
    folder: str = ""
    files: tuple[str, ...] = ()
    token_param: str | None = None
    channel: str | None = None
    strict: bool = False
