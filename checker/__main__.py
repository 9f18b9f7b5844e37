"""`python -m checker` is broadcast-check."""

import sys

from checker.cli import main

sys.exit(main())
