"""The extra requests that answer what a plain crawl cannot (contract, section 5).

Each is a single small request. A probe only asks and compares; the rules judge.
"""

import secrets
import string

from checker.core.config import Config
from checker.core.endpoint import looks_secret
from checker.core.model import Exchange, Headers, Page, PageKind, Probe, Purpose
from checker.core.protocols import PageSource
from checker.parsing.page import read_page

__all__ = ["Probes"]


class Probes:
    """Asks the probes of one check."""

    def __init__(self, config: Config, client: PageSource) -> None:
        self._config = config
        self._client = client

    def methods(self, first: Page | None) -> list[Probe]:
        """POST, and what the user added, at the address that gave the first page."""
        wanted = dict.fromkeys(("POST", *self._config.probe_methods))
        return [self._method(method, first) for method in wanted]

    def _method(self, method: str, first: Page | None) -> Probe:
        exchange = self._client.try_method(method)
        page = read_page(exchange, 0, self._config.endpoint)
        return Probe(purpose=Purpose.METHOD, exchange=exchange, page=page, reference=first)

    def replay(self, page: Page, others: tuple[Page, ...] = ()) -> Probe:
        """A page asked again."""
        return self._page(Purpose.REPLAY, page.exchange.token, reference=page, others=others)

    def again(self, page: Page) -> Probe:
        """A page at which the crawl must choose: blank, or naming itself as the next one."""
        purpose = Purpose.BLANK if page.is_blank else Purpose.REPLAY
        return self._page(purpose, page.exchange.token, reference=page)

    def bad_token(self, first: Page | None) -> Probe:
        """A token that was never issued: letters only, so that it is not a page number."""
        word = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
        return self._page(Purpose.BAD_TOKEN, word, reference=first)

    def has_credentials(self) -> bool:
        """Whether one of the user's headers looks like a credential."""
        return any(looks_secret(name) for name, _ in self._config.headers)

    def without_credentials(self, first: Page | None) -> Probe:
        """The first page without the user's headers."""
        return self._page(Purpose.NO_CREDENTIALS, None, reference=first, headers=())

    def altered_credentials(self, first: Page | None) -> Probe:
        """The first page with the credentials' values altered."""
        headers = tuple(
            (name, _altered(value) if looks_secret(name) else value)
            for name, value in self._config.headers
        )
        return self._page(Purpose.ALTERED_CREDENTIALS, None, reference=first, headers=headers)

    def with_cookies(self, first: Page, second: Page) -> Probe | None:
        """The second page once more with the first page's cookies; None without any."""
        cookies = _cookies(first.exchange)
        if not cookies:
            return None
        return self._page(
            Purpose.COOKIE,
            second.exchange.token,
            reference=first,
            others=(second,),
            extra=(("Cookie", cookies),),
        )

    def _page(
        self,
        purpose: Purpose,
        token: str | None,
        *,
        reference: Page | None,
        others: tuple[Page, ...] = (),
        headers: Headers | None = None,
        extra: Headers = (),
    ) -> Probe:
        number = (
            reference.number if reference is not None and purpose is not Purpose.BAD_TOKEN else None
        )
        exchange = self._client.get_page(
            token, page=number, purpose=purpose, headers=headers, extra_headers=extra
        )
        page: Page | None = read_page(exchange, number or 0, self._config.endpoint)
        if page is not None and page.kind is PageKind.UNREADABLE:
            page = None
        return Probe(
            purpose=purpose, exchange=exchange, page=page, reference=reference, others=others
        )


def _altered(value: str) -> str:
    """The value with each letter and digit of its last word replaced by another of its kind."""
    scheme, blank, credential = value.rpartition(" ")
    return scheme + blank + credential.translate(_SHIFTED)


def _rotated(alphabet: str, by: int) -> str:
    return alphabet[by:] + alphabet[:by]


_ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_SHIFTED = str.maketrans(
    "".join(_ALPHABETS), "".join(_rotated(alphabet, 3) for alphabet in _ALPHABETS)
)


def _cookies(exchange: Exchange) -> str:
    """The Cookie header that a client with cookies would send (RFC 6265, section 5.4)."""
    pairs: dict[str, str] = {}
    for name, value in exchange.headers:
        if name.lower() == "set-cookie":
            key, equals, content = value.partition(";")[0].partition("=")
            if equals:
                pairs[key.strip()] = content.strip()
    return "; ".join(f"{key}={content}" for key, content in pairs.items())
