"""A command that serves ends at a signal, whenever it comes and whichever thread gets it."""

import signal
import subprocess
import sys

import pytest

# As under load: the signal comes while the main thread sleeps, and it wakes another thread.
STRUCK_ASLEEP = """
import contextlib, pathlib, signal, sys, threading
from mockserver.serving.foreground import serve_until_signal

main = threading.get_native_id()

def asleep():
    state = pathlib.Path(f"/proc/self/task/{main}/stat").read_text().rpartition(")")[2].split()[0]
    frame = sys._current_frames()[threading.main_thread().ident]
    return state == "S" and frame.f_code is not announce.__code__

def strike():
    while not asleep():
        pass
    signal.pthread_kill(threading.get_ident(), int(sys.argv[1]))

def announce():
    striking.start()

striking = threading.Thread(target=strike, daemon=True)
sys.exit(serve_until_signal(contextlib.nullcontext(), announce))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux whether a thread sleeps")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_that_another_thread_gets_ends_it_too(number: signal.Signals, status: int) -> None:
    command = [sys.executable, "-c", STRUCK_ASLEEP, str(int(number))]
    assert subprocess.run(command, timeout=60, check=False).returncode == status


def test_a_signal_that_comes_before_it_serves_is_not_lost() -> None:
    code = """if True:
        import contextlib, signal, sys
        from mockserver.serving.foreground import serve_until_signal
        strike = lambda: signal.raise_signal(signal.SIGINT)
        sys.exit(serve_until_signal(contextlib.nullcontext(), strike))
    """
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 130
