"""Sends what changed in a fleet to another system, by one POST, signed if there is a secret."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping

from broadcaster.channels.base import Answer
from broadcaster.channels.http_client import HttpClient
from broadcaster.channels.http_reply import Transport
from broadcaster.channels.webhook_signature import Signer
from broadcaster.errors import NotNow, WrongCommand
from checker import Endpoint, UsageError

__all__ = ["ChangesWebhook"]

_TIMEOUT_SECONDS = 30.0
_NOT_DELIVERED = "The changes were not delivered: run the same command again to send them again."


class ChangesWebhook:
    """Where changes are POSTed to. Raises WrongCommand for a URL that is none. No sentence repeats
    the URL, which may hold a secret.
    """

    def __init__(
        self, url: str, signer: Signer | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        try:
            self._url = Endpoint.parse(url).url
        except UsageError as error:
            raise WrongCommand(f"The URL of --webhook is wrong: {error}") from None
        self._signer = signer
        self._clock = clock

    def post(self, document: Mapping[str, object]) -> None:
        """As JSON, once. Raises NotNow when it was not taken."""
        asyncio.run(self._post(json.dumps(document, ensure_ascii=False).encode()))

    async def _post(self, body: bytes) -> None:
        poster = HttpClient(
            "the webhook", Transport(concurrency=1, timeout_seconds=_TIMEOUT_SECONDS)
        )
        await poster.open(self._url, {"Content-Type": "application/json"})
        try:
            reply = await poster.post(self._url, self._headers(body), body)
        finally:
            await poster.close()
        if isinstance(reply, Answer):
            raise NotNow(f"{reply.reason} {_NOT_DELIVERED}")
        if not 200 <= reply.status < 300:
            raise NotNow(f"The webhook answered {reply.status}. {_NOT_DELIVERED}")

    def _headers(self, body: bytes) -> dict[str, str]:
        """Each request has its own id: one for each time that changes are sent."""
        if self._signer is None:
            return {}
        return self._signer.headers(f"changes_{uuid.uuid4().hex}", body, self._clock())
