"""A stand-in for LINE's Messaging API, and a sink for webhooks: what broadcasts are tested against.

It keeps the rules that LINE documents, counts every effect by its key and by its user, and fails
on demand. It sends nothing to anyone.
"""

from mockserver.line_api.config import Limits, LineConfig
from mockserver.line_api.faults import Faults
from mockserver.line_api.server import LineServer

__all__ = ["Faults", "Limits", "LineConfig", "LineServer"]
