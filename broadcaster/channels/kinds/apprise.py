"""Sends through Apprise, which knows some hundred services: e-mail, SMS gateways, chats.

Apprise says whether it sent, and not why it didn't; and it knows no keys. So whatever it does not
call sent has an unknown outcome and is never repeated by itself.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import orjson

from broadcaster.channels.base import Answer, Channel, Quota, Verdict
from broadcaster.channels.kind import ChannelKind, ChannelSettings
from broadcaster.errors import WrongCommand
from broadcaster.model import Call

__all__ = ["KINDS", "AppriseChannel"]

_PLACE = "{uid}"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}(?=://)")
_REPEATS = re.compile(r"[?&]retry=", re.IGNORECASE)
_SAMPLES = ("U1234567890", "15551234567", "someone@example.com")
_SEVERAL = re.compile(r"[\s,;|/\[\]]")
"""Where Apprise cuts a list of recipients in pieces."""
_CONCURRENCY = 8
_RATE = 10.0
_ACCEPTED = Answer(verdict=Verdict.ACCEPTED)
_NO_ADDRESS = Answer(
    verdict=Verdict.REFUSED,
    reason="Apprise cannot make an address from this uid; nothing was sent.",
)
_NOT_SENT = Answer(
    verdict=Verdict.UNKNOWN, reason="Apprise reported that it was not sent, without a reason."
)


class AppriseChannel:
    """One notification a row, to the address that the template makes of its uid. Raises
    WrongCommand for a template that can't be one, and never repeats it.
    """

    idempotent = False
    rate: float | None = _RATE
    concurrency = _CONCURRENCY
    group_limit = 1
    row_format: str | None = None

    def __init__(self, template: str, environ: Mapping[str, str]) -> None:
        template = template.strip()
        scheme = _SCHEME.match(template)
        if scheme is None or _PLACE not in template:
            raise WrongCommand(
                "apprise: give an Apprise address in which {uid} is replaced by the recipient, "
                "such as apprise:mailto://user:password@example.com?to={uid}."
            )
        if _REPEATS.search(template):
            raise WrongCommand(
                "apprise: remove retry= from the address: it would resend what may have arrived."
            )
        self.name = f"apprise:{scheme[0].lower()}://•••"
        self._template = template
        self._title = environ.get("BROADCAST_APPRISE_TITLE", "")

    def render(self, uids: Sequence[str], msg: str) -> bytes:
        """A row as JSON."""
        return orjson.dumps({"uid": uids[0], "msg": msg})

    async def open(self) -> None:
        """Load Apprise. Raises WrongCommand when it is missing, or knows no such service."""
        try:
            import apprise
        except ImportError:
            raise WrongCommand(
                "apprise needs another package: pip install 'broadcast-conformance[apprise]'."
            ) from None
        for name in ("apprise", "urllib3.connectionpool"):
            logging.getLogger(name).disabled = True  # they would print addresses with passwords
        self._asset = apprise.AppriseAsset(async_mode=False)
        self._threads = ThreadPoolExecutor(_CONCURRENCY, "apprise")
        if all(self._service(uid) is None for uid in _SAMPLES):
            raise WrongCommand(
                "Apprise does not know this address; its documentation lists those of each service."
            )

    def _service(self, uid: str) -> Any:
        """Apprise with the one address of the uid; None if that is none."""
        from apprise import Apprise

        service = Apprise(asset=self._asset)
        address = self._template.replace(_PLACE, quote(uid, safe=""))
        return service if service.add(address) else None

    async def send(self, call: Call) -> Answer:
        """Notify the row's recipient."""
        row = orjson.loads(call.request)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._notify, row["uid"], row["msg"])

    def _notify(self, uid: str, msg: str) -> Answer:
        if _SEVERAL.search(uid):
            return _NO_ADDRESS
        try:
            service = self._service(uid)
            if service is None:
                return _NO_ADDRESS
            sent = service.notify(body=msg, title=self._title, body_format="text")
        except Exception:  # noqa: BLE001  each plugin raises its own errors
            return _NOT_SENT
        return _ACCEPTED if sent else _NOT_SENT

    async def quota(self) -> Quota | None:
        """Apprise knows of none."""
        return None

    async def validate(self, requests: Sequence[bytes]) -> str | None:
        """Apprise can't be asked without sending."""
        return None

    async def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _make(address: str, settings: ChannelSettings) -> Channel:
    return AppriseChannel(address, settings.environ)


def _looks_like_a_service(name: str, rest: str) -> bool:
    return name not in ("http", "https") and rest.startswith("//")


KINDS = (
    ChannelKind(
        name="apprise",
        address="URL-TEMPLATE",
        summary="any service of Apprise, at most once; {uid} is replaced by the recipient",
        make=_make,
        hint=_looks_like_a_service,
        hint_words="For a service of Apprise",
    ),
)
