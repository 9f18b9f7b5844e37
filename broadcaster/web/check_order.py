"""A check as it is ordered on the page, ready to be handed to the process that runs it."""

from dataclasses import dataclass
from enum import StrEnum

from checker.api import Config

__all__ = ["CheckOrder", "FileKind"]


class FileKind(StrEnum):
    """What was opened in the place of an endpoint."""

    RECORDING = "recording"
    PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrder:
    """`config` is None where a recording brings its own. `endpoint` is masked, for showing; `host`
    is where the requests go. `files` lie in `folder`, which is removed after the check.
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
