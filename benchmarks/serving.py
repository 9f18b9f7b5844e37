"""The servers that are measured against: nginx with files, and a generator of endless rows."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.samples import page_bodies, tokens

__all__ = ["MissingProgramError", "generated", "nginx"]

_PATIENCE_SECONDS = 20.0

_NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  gzip off;
  sendfile on;
  tcp_nopush off;
  keepalive_requests 1000000;
  types {{ }}
  default_type application/json;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $arg_next $page {{
    "" first;
    "~^(?<token>[0-9a-f]+)$" $token;
    default unknown;
  }}
  server {{
    listen 127.0.0.1:{port};
    root {folder}/pages;
    location = /recipients {{
      add_header Cache-Control no-store;
      try_files /$page.json =400;
    }}
  }}
}}
"""


class MissingProgramError(Exception):
    """A program that a measurement needs is not on this machine."""


@contextmanager
def nginx() -> Iterator[str]:
    """nginx serving the sample pages from files; yields the endpoint's URL."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise MissingProgramError("nginx is missing: install it (Debian: apt-get install nginx).")
    with tempfile.TemporaryDirectory(prefix="broadcast-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker gives up root
        _write_pages(folder / "pages")
        port = _free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=folder, port=port), "ascii")
        command = [program, "-e", str(folder / "error.log"), "-c", str(configuration)]
        with _running(command, port):
            yield f"http://127.0.0.1:{port}/recipients"


def _write_pages(folder: Path) -> None:
    folder.mkdir()
    for name, body in zip(["first", *tokens()], page_bodies(), strict=True):
        (folder / f"{name}.json").write_bytes(body)


@contextmanager
def generated(*, pages: int, rows_a_page: int, latency_seconds: float = 0.0) -> Iterator[str]:
    """A process that makes its pages as they are asked for; yields the endpoint's URL."""
    port = _free_port()
    figures = [port, pages, rows_a_page, latency_seconds]
    with _running([sys.executable, "-m", "benchmarks.generator", *map(str, figures)], port):
        yield f"http://127.0.0.1:{port}/recipients"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    """The server while it is needed, from when it takes connections."""
    process = subprocess.Popen(command)
    try:
        _wait_for(process, port)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} takes no connections")
