"""`python -m mockserver` is `broadcast-mock`."""

import sys

from broadcast_commands import mock

__all__: list[str] = []

sys.exit(mock())
