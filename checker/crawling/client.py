"""The requests of a check: headers, pauses, retries and redirects around single attempts.

Knows nothing of pages and rules; what it cannot get is an exchange with a named failure.
"""

import time
from collections.abc import Callable, Mapping

from checker.core.config import Config
from checker.core.events import Exchanged, Listener, Waiting
from checker.core.model import Exchange, Failure, Headers, Purpose, Reply
from checker.core.needs import Need
from checker.core.protocols import HttpSender
from checker.crawling.redirects import redirect_target
from checker.crawling.retries import Pace, pause_before_retry, why_retry
from checker.text.redact import Redactor
from checker.transport.network import Transport
from schemas import __version__

__all__ = ["Client"]

_TOO_MANY_REQUESTS = 429


class Client:
    """Sends the requests of one check over one connection, and counts them."""

    def __init__(
        self,
        config: Config,
        *,
        run: str,
        redactor: Redactor,
        listener: Listener,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self._run = run
        self._redactor = redactor
        self._listener = listener
        self._sleep = sleep
        self._sender: HttpSender = config.sender or Transport(
            timeout_seconds=config.timeout_seconds,
            body_limit_bytes=config.body_limit_bytes,
            ca_bundle=config.ca_bundle,
            resolver=config.resolver,
        )
        self._page_headers = self._request_headers(dict(config.headers))
        self._pace = Pace(config.delay_seconds)
        self._rested_seconds = 0.0
        self._reached: str | None = None
        self._ahead: tuple[str, Mapping[str, str]] | None = None
        self.requests = 0
        self.bytes = 0

    def close(self) -> None:
        """Let go of the connection."""
        self._sender.close()

    def lacks(self) -> Mapping[Need, str]:
        """The network answers everything."""
        return {}

    def get_page(
        self,
        token: str | None,
        *,
        page: int | None = None,
        purpose: Purpose = Purpose.PAGE,
        headers: Headers | None = None,
        extra_headers: Headers = (),
    ) -> Exchange:
        """A page by its token, with the user's headers unless others are given."""
        url = self._config.endpoint.page_url(token)
        given = self._config.headers if headers is None else headers
        for _, value in headers or ():
            self._redactor.add(value)  # an altered credential tells much of the right one
        usual = headers is None and not extra_headers
        sent = self._page_headers if usual else self._request_headers(dict(given + extra_headers))
        may_leave = not (self._config.headers or extra_headers) and isinstance(
            self._sender, Transport
        )
        exchange = self._follow(
            url, sent, may_leave=may_leave, token=token, page=page, purpose=purpose
        )
        first = token is None or bool(exchange.redirects)
        if purpose is Purpose.PAGE and self._reached is None and first:
            self._reached = exchange.final_url
        return self._told(exchange)

    def send_ahead(self, token: str) -> None:
        """Send a page's request before the page is asked for, which must come next. Only a network
        can: an app in this process is asked when its answer is.
        """
        if not isinstance(self._sender, Transport) or self._pace.pause_seconds:
            return
        url, headers = self._config.endpoint.page_url(token), self._page_headers
        if self._sender.send_ahead("GET", url, headers):
            self.requests += 1
            self._ahead = url, headers

    def try_method(self, method: str) -> Exchange:
        """The address that the first page came from, asked with another method and an empty body,
        once.
        """
        url = self._reached or self._config.endpoint.url
        headers = self._request_headers(dict(self._config.headers))
        reply = self._send(method, url, headers)
        return self._told(
            _exchange(
                reply,
                method=method,
                url=url,
                purpose=Purpose.METHOD,
                request_headers=tuple(headers.items()),
            )
        )

    def _told(self, exchange: Exchange) -> Exchange:
        self._listener(Exchanged(exchange=exchange))
        return exchange

    def _follow(
        self,
        url: str,
        sent: Mapping[str, str],
        *,
        may_leave: bool,
        token: str | None,
        page: int | None,
        purpose: Purpose,
    ) -> Exchange:
        """The answer behind the redirects that may be followed (HTTP009 to HTTP011)."""
        asked, redirects, retry_reasons, seconds = url, list[str](), list[str](), 0.0
        while True:
            reply, failed = self._persist(url, sent)
            retry_reasons += failed
            seconds += reply.seconds
            target, failure = redirect_target(
                url, reply, redirects, self._redactor, may_leave=may_leave
            )
            if target is None:
                break
            redirects.append(url)
            url = target
            for _, value in self._config.endpoint.secret_parameters(url):
                self._redactor.add_passing(value)  # a one-time address opens a page to anyone
        return _exchange(
            reply,
            method="GET",
            url=asked,
            purpose=purpose,
            token=token,
            page=page,
            request_headers=tuple(sent.items()),
            redirects=tuple(redirects),
            final_url=url,
            retry_reasons=tuple(retry_reasons),
            seconds=seconds,
            failure=failure or reply.failure,
        )

    def _persist(self, url: str, headers: Mapping[str, str]) -> tuple[Reply, list[str]]:
        """The reply after as many retries as it takes and the user allows, and what failed."""
        retry_reasons: list[str] = []
        refused = False
        while True:
            reply = self._send("GET", url, headers)
            refused = refused or reply.status == _TOO_MANY_REQUESTS
            why = why_retry(reply)
            if why is None or len(retry_reasons) >= self._config.retries:
                break
            retry_reasons.append(why)
            seconds = pause_before_retry(reply, len(retry_reasons))
            self._listener(Waiting(why=why, seconds=seconds))
            self._rest(seconds)
        if refused:
            self._pace.refused()
        else:
            self._pace.granted()
        return reply, retry_reasons

    def _rest(self, seconds: float) -> None:
        self._sleep(seconds)
        self._rested_seconds += seconds

    def _send(self, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        pause = self._pace.pause_seconds - self._rested_seconds
        if self.requests and pause > 0:
            self._rest(pause)
        self._rested_seconds = 0.0
        counted, self._ahead = self._ahead == (url, headers), None
        self.requests += not counted
        reply = self._sender.send(method, url, headers)
        self.bytes += reply.wire_bytes
        for name, value in reply.headers:
            if name.lower() == "set-cookie":
                self._redactor.add_passing(value.partition(";")[0].partition("=")[2])
        return reply

    def _request_headers(self, given: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        agent = f"broadcast-check/{__version__}"
        for name, value in given.items():
            if name.lower() == "user-agent":
                agent = value
            elif name.lower() == "accept":
                headers["Accept"] = value
            else:
                headers[name] = value
        headers["User-Agent"] = f"{agent} run/{self._run}"
        return headers


def _exchange(
    reply: Reply,
    *,
    method: str,
    url: str,
    purpose: Purpose,
    token: str | None = None,
    page: int | None = None,
    request_headers: Headers = (),
    redirects: tuple[str, ...] = (),
    final_url: str = "",
    retry_reasons: tuple[str, ...] = (),
    seconds: float | None = None,
    failure: Failure | None = None,
) -> Exchange:
    return Exchange(
        purpose=purpose,
        method=method,
        url=url,
        token=token,
        page=page,
        request_headers=request_headers,
        status=reply.status,
        reason=reply.reason,
        headers=reply.headers,
        body=reply.body,
        wire_bytes=reply.wire_bytes,
        seconds=reply.seconds if seconds is None else seconds,
        attempts=len(retry_reasons) + 1,
        retry_reasons=retry_reasons,
        redirects=redirects,
        final_url=final_url or url,
        failure=failure or reply.failure,
        local_peer=reply.local_peer,
        closes_connection=reply.closes_connection,
    )
