"""What `make demo` shows: a correct endpoint checked, a broken one, and a broadcast to a stand-in.

Uses the real commands.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

COMMANDS = Path(sys.executable).parent
CONTACTS = Path(__file__).parent / "contacts.csv"
FAULT = "NEXT006"
TOKEN = "for-the-demonstration"
ROWS = 1200
PASSED, FAILED, INTERRUPTED = 0, 1, 130


def started(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[str]:
    """Start a command. Ctrl-C waits until it runs, so that it is not left behind unknown."""
    interrupted = []
    before = signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    try:
        process = subprocess.Popen(command, encoding="utf-8", **options)
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        process.send_signal(signal.SIGINT)  # the first came before it could hear any
        process.wait()
        raise KeyboardInterrupt
    return process


@contextmanager
def server(pattern: str, *command: str | Path) -> Iterator[str]:
    """Run a command that serves; gives the URL that it prints once it listens."""
    command = (COMMANDS / "broadcast-mock", *command, "--port", "0")
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield address(process, pattern)
        finally:
            process.terminate()
            process.wait()  # after Ctrl-C leaving the context would not


def mock(*options: str) -> AbstractContextManager[str]:
    """The mock of an endpoint with the example contacts."""
    return server(r"http://\S+/recipients\b", "--csv", CONTACTS, *options)


def line() -> AbstractContextManager[str]:
    """The stand-in for LINE, which loses some answers: nobody may get a message twice for that."""
    return server(r"http://\S+", "line", "--token", TOKEN, "--fault", "answer_lost=0.02")


def address(process: subprocess.Popen[str], pattern: str) -> str:
    """Read the URL from what it prints; without one, show what it printed."""
    assert process.stdout is not None
    printed = []
    for text in process.stdout:
        if match := re.search(pattern, text):
            return match[0]
        printed.append(text)
    raise SystemExit("The mock did not start:\n" + "".join(printed))


def check(url: str) -> int:
    """Run the checker as a user would; gives its exit status."""
    print(f"\n$ broadcast-check {url}\n", flush=True)
    return run([COMMANDS / "broadcast-check", url])


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> int:
    """Run a command to its end; after Ctrl-C, too, which it gets as we do."""
    with started(command, env=environment) as process:
        try:
            return process.wait()
        finally:
            process.wait()


def broadcast(url: str, line_url: str, folder: str) -> int:
    """Load and send as a user would, with a store that is gone afterwards; the exit status."""
    command = ["run", url, "--via", "line", "--yes"]
    print(f"\n$ broadcast {' '.join(command)}\n", flush=True)
    ours = {name: value for name, value in os.environ.items() if "BROADCAST" not in name}
    environment = ours | {
        "BROADCAST_STORE": f"sqlite:///{folder}/store.sqlite",
        "BROADCAST_LINE_BASE_URL": line_url,
        "BROADCAST_LINE_TOKEN": TOKEN,
    }
    return run([COMMANDS / "broadcast", *command], environment)


def asked(url: str) -> Any:
    """What the stand-in answers, past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return json.load(answer)


def received(line_url: str) -> bool:
    """Tell what the stand-in received; whether everybody got the message, and got it once."""
    summary = asked(f"{line_url}/_control/summary")
    [first] = asked(f"{line_url}/_control/effects?limit=1")["users"]
    lost = summary["faults_played"].get("answer_lost", 0)
    once = summary["most_effects_of_a_key"] == 1 and summary["violations"] == 0
    how = "none of them twice" if once else "SOME OF THEM TWICE"
    print(
        f"\nThe stand-in for LINE received {summary['effects']:,} messages for "
        f"{summary['users']:,} people, {how},"
        f"\nthough it lost {lost:,} of its answers. To {first['uid']} it gave:"
        f"\n\n  {first['texts'][0]}",
        flush=True,
    )
    return bool(once and summary["effects"] == ROWS)


def demonstrate() -> int:
    """Show all three, and judge whether each ended as it should."""
    with mock() as url:
        print(f"A correct endpoint gives the 1,200 rows of examples/contacts.csv at {url}")
        good = check(url)
    print("\n" + "-" * 80)
    with mock("--fault", FAULT) as url:
        print("\nNow the same rows from an endpoint whose pages overlap, a common bug:")
        bad = check(url)
    print("\n" + "-" * 80)
    print("\nAnd the correct one broadcast, to a stand-in for LINE that reaches nobody:")
    with mock() as url, line() as line_url, tempfile.TemporaryDirectory() as folder:
        sent = broadcast(url, line_url, folder)
        once = received(line_url)
    print("\n" + "-" * 80)
    if (good, bad, sent, once) != (PASSED, FAILED, PASSED, True):
        print(
            f"\nThis demonstration should have ended with 0, 1 and 0, not with {good}, {bad} and "
            f"{sent}, and each message should have arrived once."
        )
        return 1
    print(
        "\nThe first endpoint passed; the second failed, and its report says what is wrong, where,"
        "\nand what to change. Next, check your own, and broadcast from it:"
        "\n"
        "\n  make check URL=https://example.com/recipients"
        "\n  .build/demo/bin/broadcast-check URL -H 'Authorization: Bearer …'"
        "\n  .build/demo/bin/broadcast run URL -H 'Authorization: Bearer …' --via line"
    )
    return 0


def main() -> int:
    """End quietly when interrupted; the servers are stopped either way."""
    try:
        return demonstrate()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
