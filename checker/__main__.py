"""`python -m checker` is broadcast-check."""

import sys

from checker.cli.main import main

sys.exit(main())
