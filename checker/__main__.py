"""`python -m checker` is broadcast-check."""

import sys

from broadcast_commands import check

__all__: list[str] = []

sys.exit(check())
