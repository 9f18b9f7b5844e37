"""`python -m benchmarks.stand_in`: how many pushes a second the stand-in for LINE takes.

What counts is the server's processor time a push: the client here takes more of the machine than
the server does, and other work beside it stretches the time on the wall.
"""

import argparse
import asyncio
import itertools
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

_CONNECTIONS = 50
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main(argv: list[str]) -> int:
    """Measure once, with the stand-in's options as they are given, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stand_in", description=__doc__)
    parser.add_argument("--pushes", type=int, default=50_000)
    options, others = parser.parse_known_args(argv)
    command = [sys.executable, "-m", "mockserver", "line", "--port", "0", "--rate", "0", *others]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().strip().rpartition(":")[2])
            before = _cpu_seconds(server.pid)
            begun = time.perf_counter()
            wrong = asyncio.run(_push(port, options.pushes))
            wall_seconds = time.perf_counter() - begun
            cpu_seconds = _cpu_seconds(server.pid) - before
            peak_kib = _status(server.pid, "VmHWM")
        finally:
            server.terminate()
    each = cpu_seconds / options.pushes
    print(
        f"{options.pushes:,} pushes on {_CONNECTIONS} connections, load {os.getloadavg()[0]:.1f}:"
    )
    print(f"{options.pushes / wall_seconds:,.0f} a second on the wall, client beside it")
    print(f"{each * 1e6:.0f} us of the server's processor each: {1 / each:,.0f} a second on a core")
    print(f"{peak_kib / 1024:,.0f} MiB at most; {wrong:,} answers were not 200")
    return 0


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def _requests(count: int) -> Iterator[bytes]:
    for number in range(count):
        body = b'{"to":"U%032x","messages":[{"type":"text","text":"Hello, number %d"}]}' % (
            number,
            number,
        )
        yield (
            b"POST /v2/bot/message/push HTTP/1.1\r\nHost: line\r\n"
            b"Authorization: Bearer line-stand-in\r\nX-Line-Retry-Key: %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        ) % (str(uuid.UUID(int=number)).encode(), len(body), body)


class _Connection(asyncio.Protocol):
    """One request after the other; as little work as can be done in Python."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.wrong = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
        else:
            self._transport.write(request)

    def data_received(self, content: bytes) -> None:
        self._received += content
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0]):
            self.wrong += not head.startswith(b"HTTP/1.1 200 ")
            self._received = b""
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the stand-in closed a connection"))


async def _push(port: int, count: int) -> int:
    loop, requests = asyncio.get_running_loop(), _requests(count)
    made = [
        (await loop.create_connection(lambda: _Connection(requests), "127.0.0.1", port))[1]
        for _ in itertools.repeat(None, _CONNECTIONS)
    ]
    await asyncio.gather(*(connection.done for connection in made))
    return sum(connection.wrong for connection in made)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
