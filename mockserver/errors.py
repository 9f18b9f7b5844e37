"""What can go wrong in the mock's own configuration, each as one sentence for a person.

Faults that the mock plays on purpose are never exceptions: see `mockserver.recipients.faults`.
"""

__all__ = ["BadInput", "BadOption", "MockError", "PortTaken", "UnknownFault", "UnknownPosition"]


class MockError(Exception):
    """The mock can't do what was asked; the message is one sentence to show as it is."""


class BadInput(MockError):  # noqa: N818 - the name is the sentence's subject
    """A file or a table of rows can't be used."""


class BadOption(MockError):  # noqa: N818
    """A setting is out of its range or malformed."""


class UnknownFault(MockError):  # noqa: N818
    """No scenario has this name."""


class PortTaken(MockError):  # noqa: N818
    """The address can't be listened on."""


class UnknownPosition(MockError):  # noqa: N818
    """A token's position means nothing to this source of rows."""
