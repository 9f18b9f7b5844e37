"""The reference API of the broadcast contract, and every way to break it.

Imports `schemas` only, and never the checker: each is the other's oracle.
"""

from mockserver.errors import MockError
from mockserver.recipients.app import create_app
from mockserver.recipients.config import MockConfig
from mockserver.recipients.data import GeneratedRows, ListedRows, PagedRows
from mockserver.recipients.faults import Fault, catalogue
from mockserver.recipients.server import MockServer

__all__ = [
    "Fault",
    "GeneratedRows",
    "ListedRows",
    "MockConfig",
    "MockError",
    "MockServer",
    "PagedRows",
    "catalogue",
    "create_app",
]
