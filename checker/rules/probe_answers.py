"""How a probe's answer stands to the pages of the crawl. Pure."""

from checker.core.model import ABSENT, Exchange, Page, Probe

__all__ = ["follows_with_cookies", "is_method_taken"]

_WRITTEN = frozenset({201, 202})
_BODY_WANTED = frozenset({400, 415, 422})


def follows_with_cookies(probe: Probe) -> bool:
    """Whether the second page came, other than the first, once the cookies were sent back."""
    if probe.page is None or probe.reference is None:
        return False
    return not probe.page.row_count or probe.page.key != probe.reference.key


def is_method_taken(probe: Probe) -> bool:
    """Whether another method than GET gives what GET gives, or is taken as a request to write.

    A page in HTML that answers GET as well, such as an interstitial or a challenge, is neither.
    """
    exchange = probe.exchange
    if exchange.failure is not None:
        return False
    if exchange.status in _BODY_WANTED:
        return exchange.method in _allowed(exchange)
    if not exchange.succeeded:
        return False
    if exchange.status in _WRITTEN:
        return not (
            _is_html(exchange)
            and probe.reference is not None
            and _is_html(probe.reference.exchange)
        )
    return probe.page is not None and _is_page_as_gets(probe.page, probe.reference)


def _is_page_as_gets(page: Page, first: Page | None) -> bool:
    """Whether a page has the members of the contract, or is what GET gives instead."""
    document = page.document
    if isinstance(document, dict) and isinstance(document.get("list"), list) and "next" in document:
        return True
    if first is None or not first.exchange.succeeded:
        return False
    gets = first.document
    if isinstance(document, dict) and isinstance(gets, dict):
        members = {name for name, value in gets.items() if value is not ABSENT}
        return document.keys() == members and any(map(_has_items, document.values()))
    return isinstance(gets, list) and _has_items(document)


def _has_items(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _allowed(exchange: Exchange) -> set[str]:
    return {method.strip().upper() for method in (exchange.header("Allow") or "").split(",")}


def _is_html(exchange: Exchange) -> bool:
    return exchange.body[:1000].lstrip().startswith(b"<")
