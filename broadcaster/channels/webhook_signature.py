"""Signs the requests of a webhook, by Standard Webhooks (standardwebhooks.com, version 1)."""

import base64
import binascii
import hmac
from collections.abc import Mapping

from broadcaster.errors import WrongCommand

__all__ = ["Signer", "webhook_signer"]

_PREFIX = "whsec_"


class Signer:
    """HMAC-SHA256 of id, time and body. Raises WrongCommand for a secret of another form, and never
    repeats it.
    """

    def __init__(self, secret: str) -> None:
        text = secret.strip().removeprefix(_PREFIX).rstrip("=")
        try:
            self._key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            self._key = b""
        if not self._key or not secret.strip().startswith(_PREFIX):
            raise WrongCommand("BROADCAST_WEBHOOK_SECRET is 'whsec_' followed by base64.")
        self.secrets = [secret.strip(), text]

    def __repr__(self) -> str:
        return "Signer()"

    def headers(self, key: str, body: bytes, now: float) -> dict[str, str]:
        """The three headers of a request."""
        moment = str(int(now))
        signed = f"{key}.{moment}.".encode() + body
        digest = base64.b64encode(hmac.digest(self._key, signed, "sha256")).decode()
        return {
            "webhook-id": key,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{digest}",
        }


def webhook_signer(environ: Mapping[str, str]) -> Signer | None:
    """That of BROADCAST_WEBHOOK_SECRET, if it is set. Raises WrongCommand."""
    secret = environ.get("BROADCAST_WEBHOOK_SECRET", "")
    return Signer(secret) if secret.strip() else None
