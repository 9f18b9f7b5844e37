"""A plain client of the stand-in for LINE: one request a call, nothing retried, nothing guessed."""

import json
import socket
import uuid
from typing import Any
from urllib.parse import urlsplit

import requests

from mockserver.line_api import LineServer

ANA = "U" + "a" * 32
BEN = "U" + "b" * 32
CHO = "U" + "c" * 32


def a_key(number: int = 0) -> str:
    """A retry key; the same for the same number."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


class LineClient:
    """Sends to one server with its token."""

    def __init__(self, server: LineServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.headers = {"Authorization": f"Bearer {server.token}"}

    def post(self, path: str, content: Any, **headers: str | None) -> requests.Response:
        """POST JSON, or bytes as they are; None leaves a header out, `_` stands for `-`."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        wanted = {"Content-Type": "application/json", **self.headers, **named}
        return self.session.post(f"{self.server.url}{path}", data=body, headers=wanted, timeout=30)

    def push(
        self, to: Any = ANA, text: Any = "hello", key: str | None = None, **headers: str | None
    ) -> requests.Response:
        """Push one text."""
        content = {"to": to, "messages": [{"type": "text", "text": text}]}
        return self.post("/v2/bot/message/push", content, X_Line_Retry_Key=key, **headers)

    def multicast(self, to: list[str], text: str = "hello", key: str | None = None) -> Any:
        """Send one text to many."""
        content = {"to": to, "messages": [{"type": "text", "text": text}]}
        return self.post("/v2/bot/message/multicast", content, X_Line_Retry_Key=key)

    def webhook(self, content: Any, **headers: str | None) -> requests.Response:
        """Send to the sink."""
        return self.post("/webhook", content, **headers)

    def get(self, path: str, **query: Any) -> Any:
        """GET JSON."""
        found = self.session.get(
            f"{self.server.url}{path}", params=query, headers=self.headers, timeout=30
        )
        assert found.status_code == 200, found.text
        return found.json()

    def push_and_not_read(self, key: str) -> socket.socket:
        """Push to ANA on a connection of its own, whose answer nobody reads yet."""
        body = b'{"to":"%s","messages":[{"type":"text","text":"hello"}]}' % ANA.encode()
        lines = ["POST /v2/bot/message/push HTTP/1.1", "Host: line", f"X-Line-Retry-Key: {key}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        place = urlsplit(self.server.url)
        opened = socket.create_connection((place.hostname, place.port or 0), timeout=30)
        opened.sendall("\r\n".join(lines).encode() + body)
        return opened

    def wait_for_in_flight(self, count: int) -> None:
        """Return once this many requests are being answered; the test's timeout is the deadline."""
        while self.summary()["in_flight"] != count:
            pass

    def control(self, name: str, **content: Any) -> requests.Response:
        """Set something at run time."""
        return self.post(f"/_control/{name}", content)

    def summary(self) -> Any:
        """The figures."""
        return self.get("/_control/summary")
