"""What tests of settings and baselines share: the command as a process, and a secret."""

import subprocess
from collections.abc import Callable

Command = Callable[..., subprocess.CompletedProcess[str]]

SECRET = "Zq8-demo-secret-71"
