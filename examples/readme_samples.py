"""Write the README's samples from real runs: python -m examples.readme_samples [--check]"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from examples.demo import COMMANDS, FAULT, mock

README = Path(__file__).parent.parent / "README.md"
# What differs from run to run, and what the README has in its place, of the same width.
VARYING = (
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:46431"),
    (r"in \d\.\d s", "in 0.1 s"),
    (r"run [0-9a-f]{12}", "run 72871fc91b86"),
    (r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", "2026-12-01 09:00:00 UTC"),
    (r"(?<=WzIsMTAwXQ\.)[\w-]{27}", "OakWGyAP4DPB5UPYU0S71u26CY8"),
)


def report() -> str:
    """What the checker prints about an endpoint whose pages overlap."""
    with mock("--fault", FAULT) as url:
        return printed("broadcast-check", url)


def examples() -> str:
    """The list of the example endpoints."""
    return printed("broadcast-check", "example")


SAMPLES: dict[str, Callable[[], str]] = {"report": report, "examples": examples}


def printed(command: str, *arguments: str) -> str:
    """What a command prints, with the parts that vary made constant."""
    done = subprocess.run(
        [COMMANDS / command, *arguments], stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    text = done.stdout
    for pattern, constant in VARYING:
        text = re.sub(pattern, constant, text)
    return text.strip()


def renewed(text: str) -> str:
    """The README with its samples as printed today: each block after `<!-- sample NAME -->`."""
    for name, run in SAMPLES.items():
        block = re.compile(rf"(<!-- sample {name} -->\n```\n).*?(```\n)", re.DOTALL)
        found = block.search(text)
        if found is None:
            raise SystemExit(f"The README has no sample {name!r}.")
        text = text[: found.end(1)] + run() + "\n" + text[found.start(2) :]
    return text


def main() -> int:
    """Renew the README, or with --check say whether that would change it."""
    old = README.read_text("utf-8")
    new = renewed(old)
    if sys.argv[1:] == ["--check"]:
        if new != old:
            print("The README's samples are not what is printed today. Run: make generate")
        return int(new != old)
    README.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
