"""`python -m mockserver` is `broadcast-mock`."""

import sys

from mockserver.cli import main

__all__: list[str] = []

sys.exit(main())
