"""What `make demo` shows: a correct endpoint checked, then a broken one. Uses the real commands."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMANDS = Path(sys.executable).parent
CONTACTS = Path(__file__).parent / "contacts.csv"
FAULT = "NEXT006"
PASSED, FAILED, INTERRUPTED = 0, 1, 130


@contextmanager
def mock(*options: str) -> Iterator[str]:
    """Run the mock on a free port; gives its endpoint's URL once it listens."""
    command: list[str | Path] = [
        COMMANDS / "broadcast-mock",
        "--csv",
        CONTACTS,
        "--port",
        "0",
        *options,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as server:
        try:
            yield address(server)
        finally:
            server.terminate()


def address(server: subprocess.Popen[str]) -> str:
    """Read the endpoint's URL from what the mock prints; without one, show what it printed."""
    assert server.stdout is not None
    printed = []
    for line in server.stdout:
        if match := re.search(r"http://\S+/recipients\b", line):
            return match[0]
        printed.append(line)
    raise SystemExit("The mock did not start:\n" + "".join(printed))


def check(url: str) -> int:
    """Run the checker as a user would; gives its exit status."""
    print(f"\n$ broadcast-check {url}\n", flush=True)
    return subprocess.run([COMMANDS / "broadcast-check", url], check=False).returncode


def demonstrate() -> int:
    """Show both, and judge whether each ended as it should."""
    with mock() as url:
        print(f"A correct endpoint gives the 1,200 rows of examples/contacts.csv at {url}")
        good = check(url)
    print("\n" + "-" * 80)
    with mock("--fault", FAULT) as url:
        print("\nNow the same rows from an endpoint whose pages overlap, a common bug:")
        bad = check(url)
    print("\n" + "-" * 80)
    if (good, bad) != (PASSED, FAILED):
        print(f"\nThis demonstration should have ended with 0 and 1, not with {good} and {bad}.")
        return 1
    print(
        "\nThe first endpoint passed; the second failed, and its report says what is wrong, where,"
        "\nand what to change. Next, check your own:"
        "\n"
        "\n  make check URL=https://example.com/recipients"
        "\n  .venv/bin/broadcast-check URL -H 'Authorization: Bearer …'"
    )
    return 0


def main() -> int:
    """End quietly when interrupted; the mock is stopped either way."""
    try:
        return demonstrate()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
