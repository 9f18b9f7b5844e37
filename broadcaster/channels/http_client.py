"""Sends one HTTP request of a channel, and says what is known of its outcome. The only module with
sessions. What a status means is decided by each channel.
"""

import io
import os
import ssl
from collections.abc import Mapping

import aiohttp
from yarl import URL

from broadcaster.channels.base import Answer, Verdict
from broadcaster.channels.http_reply import Reply, Transport
from broadcaster.errors import WrongCommand
from checker import UsageError
from checker.api import tls_context as checker_tls_context
from schemas import __version__

__all__ = ["HttpClient", "tls_context"]

_BODY_BYTES = 16 * 1024
_LARGE_BYTES = 1 << 20
"""aiohttp warns of larger bodies in one piece, since they hold up all others."""
_CONNECT_SECONDS = 10.0


class HttpClient:
    """A session with one service, `who` in its sentences."""

    def __init__(self, who: str, transport: Transport) -> None:
        self._who = who
        self._transport = transport
        self._session: aiohttp.ClientSession | None = None

    async def open(self, url: str, headers: Mapping[str, str]) -> None:
        """Make the session for `url`, with the headers that each request has. Raises
        WrongCommand for a bad CA bundle.
        """
        transport = self._transport
        tls = tls_context(transport.ca_bundle) if url.startswith("https:") else True
        connector = aiohttp.TCPConnector(
            limit=transport.concurrency, ssl=tls, keepalive_timeout=transport.idle_seconds
        )
        # No decompression: it is not needed, and a small answer could become a huge one.
        defaults = {
            "Accept-Encoding": "identity",
            "User-Agent": f"broadcast-conformance/{__version__}",
            **headers,
        }
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=defaults,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(
                total=transport.timeout_seconds,
                connect=min(_CONNECT_SECONDS, transport.timeout_seconds / 2),
            ),
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply | Answer:
        """The reply, or what its absence means."""
        return await self._request("POST", url, headers, body)

    async def get(self, url: str) -> Reply | Answer:
        """The same, by GET."""
        return await self._request("GET", url, {}, None)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply | Answer:
        if self._session is None:
            raise RuntimeError("the channel is not open")
        data = io.BytesIO(body) if body is not None and len(body) > _LARGE_BYTES else body
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, data=data, allow_redirects=False
            ) as response:
                content, complete = await _content(response)
                return Reply(
                    response.status,
                    response.headers,
                    content if complete and len(content) <= _BODY_BYTES else b"",
                    content[:_BODY_BYTES],
                    complete,
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return self._absent(error)

    def _absent(self, error: Exception) -> Answer:
        """What became of a request without a reply. Before a connection is ready nothing is sent
        (aiohttp, ClientConnectorError and its subclasses), afterwards the outcome is unknown.
        """
        who = self._who
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return Answer(
                verdict=Verdict.PAUSE,
                reason=f"The certificate of {who} is not trusted; nothing was sent.",
            )
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return _not_reached(f"{who} could not be reached in time; nothing was sent.")
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return _not_reached(f"The host name of {who} does not resolve; nothing was sent.")
        if isinstance(error, aiohttp.ClientSSLError):
            return _not_reached(f"No TLS connection with {who}; nothing was sent.")
        if isinstance(error, aiohttp.ClientConnectorError):
            number = error.os_error.errno
            cause = f" ({os.strerror(number)})" if number else ""
            return _not_reached(f"{who} could not be reached{cause}; nothing was sent.")
        if isinstance(error, TimeoutError):
            seconds = self._transport.timeout_seconds
            return _unknown(f"{who} did not answer within {seconds:g} s.")
        if isinstance(error, aiohttp.ClientResponseError | ValueError):
            return _unknown(f"{who} answered with something that is not HTTP.")
        return _unknown(f"The connection with {who} was lost before it answered.")


def _not_reached(reason: str) -> Answer:
    return Answer(verdict=Verdict.LATER, reason=_sentence(reason))


def _unknown(reason: str) -> Answer:
    return Answer(verdict=Verdict.UNKNOWN, reason=_sentence(reason))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


async def _content(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """The body, and whether it did not break off. A small one is read whole, so that the connection
    can be used again; of a longer one only the beginning, which is not an error of the server.
    """
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > _BODY_BYTES:
                response.close()
                break
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        response.close()
        return bytes(body), False
    return bytes(body), True


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Trusts the system's authorities, certifi's, and the user's own. Raises WrongCommand."""
    try:
        return checker_tls_context(ca_bundle)
    except UsageError as error:
        raise WrongCommand(str(error)) from None
