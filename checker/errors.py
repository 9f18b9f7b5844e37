"""The errors about our own run. What is wrong with an endpoint is a finding, never one of these.

CheckerError
├── UsageError      the command or call was wrong; the message says what to change
└── RuleCrashed     a rule of ours failed; the run goes on and says so
"""

__all__ = ["CheckerError", "RuleCrashed", "UsageError"]


class CheckerError(Exception):
    """Anything that keeps us from checking. Its text is one sentence for a person."""


class UsageError(CheckerError):
    """A wrong URL, header, option or file: nothing was sent."""


class RuleCrashed(CheckerError):
    """A rule raised: our fault, told apart from the endpoint's."""
