"""TLS in front of the mock: listeners with a good certificate and with several bad ones.

A listener ends TLS and passes the bytes on to the plain server, both ways. Certificates are made
when a listener starts and are gone with it.
"""

import contextlib
import datetime
import ipaddress
import select
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["EXPIRED", "GOOD", "NO_HANDSHAKE", "SELF_SIGNED", "WRONG_HOST", "TlsListener"]

GOOD = "good"
SELF_SIGNED = "self-signed"
EXPIRED = "expired"
WRONG_HOST = "wrong-host"
NO_HANDSHAKE = "no-handshake"

_POLL_SECONDS = 0.1
_HOSTS = ("localhost", "127.0.0.1", "::1")


class TlsListener:
    """One listener with one kind of certificate."""

    def __init__(self, certificate: str, backend: tuple[str, int]) -> None:
        self._certificate = certificate
        self._backend = backend
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.url = ""
        self.ca_bundle = ""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="broadcast-mock-")
        self.ca_bundle = str(Path(self._folder.name, "ca.pem"))
        self._context = _context(self._certificate, Path(self._folder.name))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.settimeout(_POLL_SECONDS)
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept, name="mock-tls", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._acceptor.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            thread = threading.Thread(
                target=self._serve, args=(client,), name="mock-tls-line", daemon=True
            )
            self._threads = [known for known in self._threads if known.is_alive()] + [thread]
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            client.settimeout(10)
            if self._certificate == NO_HANDSHAKE:
                client.sendall(b"\x15\x03\x01\x00\x02\x02\x28")  # a fatal alert: handshake failure
                return
            with (
                contextlib.suppress(OSError),
                self._context.wrap_socket(client, server_side=True) as plain,
                socket.create_connection(self._backend, timeout=10) as backend,
            ):
                self._pass_on(plain, backend)

    def _pass_on(self, client: ssl.SSLSocket, backend: socket.socket) -> None:
        sinks: dict[socket.socket, socket.socket] = {client: backend, backend: client}
        while not self._stopping.is_set():
            # Bytes that TLS has already taken in are not seen by select.
            ready = [client] if client.pending() else select.select(sinks, [], [], _POLL_SECONDS)[0]
            for source in ready:
                content = source.recv(65_536)
                if not content:
                    return
                sinks[source].sendall(content)


def _context(certificate: str, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate == SELF_SIGNED:
        pem = folder / "self-signed.pem"
        pem.write_bytes(_self_signed())
        context.load_cert_chain(pem)
        return context
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    hosts = ("other-host.example.test",) if certificate == WRONG_HOST else _HOSTS
    leaf = authority.issue_cert(*hosts, not_after=yesterday if certificate == EXPIRED else None)
    leaf.configure_cert(context)
    return context


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
