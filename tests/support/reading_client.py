"""A client that reads an endpoint as the contract asks, and one wrong in one way for each flaw.

    read(url, headers)                     the right client
    read(url, headers, flaw="CLIENT014")   wrong in just what this scenario of the referee is about

As a command: `python reading_client.py URL [FLAW]` prints a JSON line for each row.
"""

import http.client
import json
import os
import re
import sys
import time
import zlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

ATTEMPTS = 3
EMPTY_PAGES = 100
PAGE_BYTES = 16 * 1024 * 1024
REDIRECTS = 5
LONGEST_WAIT_SECONDS = 30.0
BUSY = {429, 502, 503, 504}


class Unreadable(Exception):  # noqa: N818
    """The data cannot be read to its end."""


class Broken(Exception):  # noqa: N818
    """One attempt failed; another may succeed."""


class Response:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class Reader:
    """Reads one endpoint."""

    def __init__(self, url: str, headers: Mapping[str, str], flaw: str, seconds: float) -> None:
        self.url, self.headers, self.flaw, self.seconds = url, headers, flaw, seconds
        self.connections: dict[str, http.client.HTTPConnection] = {}
        self.cookie = ""
        self.first_encoding: str | None = None

    def rows(self) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = []
        token, seen, empty = "", set(), 0
        while True:
            page = self.page(token)
            if page is None:
                return self.kept(rows)
            rows += page["list"]
            onward = self.onward(page, token)
            if not page["list"]:
                self.empty_page(onward)
            if not onward:
                return self.kept(rows)
            empty = 0 if page["list"] else empty + 1
            if empty > EMPTY_PAGES and self.flaw != "CLIENT016":
                raise Unreadable("only empty pages come")
            if self.is_loop(onward, token, seen):
                raise Unreadable("the tokens go in a loop")
            seen.add(onward)
            token = onward

    def kept(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        if self.flaw == "CLIENT027":
            return [{**row, "msg": row["msg"].strip()} for row in rows]
        if self.flaw == "CLIENT029":
            return list({row["uid"]: row for row in reversed(rows)}.values())
        return rows

    def onward(self, page: dict[str, Any], token: str) -> str:
        onward = page["next"]
        if self.flaw == "CLIENT007" and onward is None:
            return "None"
        if self.flaw == "CLIENT006" and not onward and not token:
            raise Unreadable("there is no second page")
        if self.flaw == "CLIENT031" and isinstance(onward, int):
            return str(int(float(onward)))
        return "" if onward is None else str(onward)

    def empty_page(self, onward: str) -> None:
        if self.flaw == ("CLIENT011" if onward else "CLIENT010"):
            raise Unreadable("the list is empty")

    def is_loop(self, onward: str, token: str, seen: set[str]) -> bool:
        if self.flaw == "CLIENT014":
            return onward == token
        if self.flaw == "CLIENT015":
            return onward in seen and onward != token
        return onward in seen

    def page(self, token: str) -> dict[str, Any] | None:
        """The page, or None at the end of the data."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self.attempt(self.page_url(token))
            except Broken as error:
                if attempt == ATTEMPTS:
                    raise Unreadable(str(error)) from None
        raise AssertionError

    def page_url(self, token: str) -> str:
        if not token:
            return self.url
        safe = "+/=&?%#" if self.flaw == "CLIENT003" else ""
        base = self.url.partition("?")[0] if self.flaw == "CLIENT002" else self.url
        return f"{base}{'&' if '?' in base else '?'}next={quote(token, safe=safe)}"

    def attempt(self, url: str) -> dict[str, Any] | None:
        for _ in range(REDIRECTS):
            response = self.request(url)
            if response.status not in {301, 302, 303, 307, 308}:
                return self.read_page(response)
            url = response.headers["Location"]
            away = urlsplit(url).netloc != urlsplit(self.url).netloc
            if away and self.headers and self.flaw != "CLIENT004":
                raise Unreadable("a redirect to another origin, with headers")
        raise Unreadable("too many redirects")

    def request(self, url: str) -> Response:
        parts = urlsplit(url)
        away = parts.netloc != urlsplit(self.url).netloc
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if not away or self.flaw == "CLIENT004":
            headers |= self.headers
        if self.flaw == "CLIENT005" and self.cookie:
            headers["Cookie"] = self.cookie
        connection = self.connections.setdefault(
            parts.netloc, http.client.HTTPConnection(parts.netloc, timeout=self.seconds)
        )
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if self.flaw == "CLIENT003" and parts.fragment:
            target += f"#{parts.fragment}"
        try:
            connection.request(
                "GET", target, body=b"{}" if self.flaw == "CLIENT001" else None, headers=headers
            )
            response = connection.getresponse()
            body = self.read_body(response)
        except ConnectionError as error:
            connection.close()
            raise (Unreadable if self.flaw == "CLIENT026" else Broken)(str(error)) from None
        except http.client.IncompleteRead:
            connection.close()
            cut = "the page was cut short"
            raise (Unreadable if self.flaw == "CLIENT023" else Broken)(cut) from None
        except TimeoutError as error:
            connection.close()
            raise Unreadable(str(error)) from None
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Broken(f"{type(error).__name__}: {error}") from None
        self.cookie = response.headers.get("Set-Cookie", self.cookie).partition(";")[0]
        return Response(response.status, dict(response.headers.items()), body)

    def read_body(self, response: http.client.HTTPResponse) -> bytes:
        """The body as it came, within a time for all of it."""
        until = time.monotonic() + self.seconds
        parts = []
        while part := response.read1(65_536):
            parts.append(part)
            if sum(map(len, parts[-1:])) and time.monotonic() > until and self.flaw != "CLIENT018":
                response.close()
                raise TimeoutError("the page takes too long")
        body = b"".join(parts)
        response.close()  # the next request may then use the connection
        length = response.headers.get("Content-Length")
        if length is not None and len(body) < int(length):
            raise http.client.IncompleteRead(body)
        return body

    def read_page(self, response: Response) -> dict[str, Any] | None:
        if response.status == 204 and self.flaw != "CLIENT008":
            return None
        if response.status in BUSY:
            self.wait(response.headers.get("Retry-After", "0"))
            busy = f"the server answered {response.status}"
            raise (Unreadable if self.flaw == "CLIENT022" and response.status == 503 else Broken)(
                busy
            )
        if response.status == 500 and self.flaw == "CLIENT012":
            return None
        if response.status in {400, 414, 431} and self.flaw == "CLIENT019":
            return None
        if response.status != 200:
            raise Unreadable(f"the server answered {response.status}")
        return self.parsed(response)

    def wait(self, retry_after: str) -> None:
        if retry_after.isdigit():
            seconds = 0.0 if self.flaw == "CLIENT020" else float(retry_after)
        else:
            at = parsedate_to_datetime(retry_after).timestamp()
            seconds = 0.0 if self.flaw == "CLIENT021" else at - time.time()
        time.sleep(max(0.0, min(seconds, LONGEST_WAIT_SECONDS)))

    def parsed(self, response: Response) -> dict[str, Any] | None:
        body = self.unpacked(response)
        if not body.strip() and self.flaw != "CLIENT009":
            return None
        html = response.headers.get("Content-Type", "").startswith("text/html")
        if html and self.flaw == "CLIENT013":
            return None
        if self.flaw == "CLIENT028":
            body = re.sub(rb"\\ud[89a-f][0-9a-f]{2}", b"", body)
        try:
            page = json.loads(body)
        except ValueError:
            self.forget_connections()
            if self.flaw == "CLIENT025":  # repairs what was cut
                return {"list": json.loads(body.rpartition(b"},")[0][8:] + b"}]"), "next": ""}
            raise Broken("the page is not JSON") from None
        if not isinstance(page, dict) or not isinstance(page.get("list"), list):
            raise Unreadable("the page has no list")
        return page

    def unpacked(self, response: Response) -> bytes:
        encoding = response.headers.get("Content-Encoding", "")
        if self.first_encoding is None:
            self.first_encoding = encoding
        if self.flaw == "CLIENT030" and self.first_encoding:
            encoding = self.first_encoding
        if encoding != "gzip":
            return response.body
        most = 0 if self.flaw == "CLIENT017" else PAGE_BYTES  # 0 is no limit
        unchecked = self.flaw == "CLIENT024"
        unpacker = zlib.decompressobj(-15 if unchecked else 31)
        try:
            body = unpacker.decompress(response.body[10 if unchecked else 0 :], most)
        except zlib.error as error:
            raise Broken(f"damaged: {error}") from None
        if unpacker.unconsumed_tail:
            raise Unreadable("the page is too large")
        if not unpacker.eof:
            raise Broken("the compressed page ends too early")
        return body

    def forget_connections(self) -> None:
        for connection in self.connections.values():
            connection.close()


def read(
    url: str, headers: Mapping[str, str], *, flaw: str = "", seconds: float = 1.0
) -> list[dict[str, str]]:
    """Every row of the endpoint; raises an exception when it cannot be read to its end."""
    reader = Reader(url, headers, flaw, seconds)
    try:
        return reader.rows()
    finally:
        reader.forget_connections()


if __name__ == "__main__":
    given = json.loads(os.environ.get("BROADCAST_HEADERS", "{}"))
    for row in read(sys.argv[1], given, flaw="".join(sys.argv[2:3])):
        print(json.dumps(row))
