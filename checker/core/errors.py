"""The errors about our own run. What is wrong with an endpoint is a finding, never one of these.

    CheckerError
    ├── UsageError      the command or call was wrong; the message says what to change
    └── UnwrittenError  a report was lost on its way to a file

A rule of ours that fails is no exception to the caller either: the run goes on, and the report
says so (Report.crashes).
"""

__all__ = ["CheckerError", "NotRecordedError", "UnwrittenError", "UsageError"]


class CheckerError(Exception):
    """Anything that keeps us from checking. Its text is one sentence for a person."""


class UsageError(CheckerError):
    """A wrong URL, header, option or file: nothing was sent."""


class UnwrittenError(CheckerError):
    """A report was lost while it was written, as on a full disk. The message is one sentence."""


class NotRecordedError(Exception):
    """A recording has no answer to this request; only a client that replays one raises it."""
