"""Which rule a status or a failure is (contract, section 6: HTTP). Pure."""

from checker.core.model import Exchange, Page

__all__ = ["failure_rule", "leaves_get_out", "status_rule"]


def failure_rule(page: Page) -> str:
    """The rule that an unreadable page is."""
    exchange = page.exchange
    if exchange.failure is not None:
        return exchange.failure.rule
    if exchange.succeeded:
        unreadable = [defect.rule for defect in page.defects]
        return unreadable[-1]
    return status_rule(exchange)


def status_rule(exchange: Exchange) -> str:
    """The rule that a status without a page is (contract, section 6, HTTP)."""
    status = exchange.status or 0
    if status in (405, 501) or leaves_get_out(exchange):
        return "HTTP001"
    if status in (401, 403):
        return "HTTP006"
    if status == 429:
        return "HTTP008"
    return "HTTP007" if 500 <= status < 600 else "HTTP005"


def leaves_get_out(exchange: Exchange) -> bool:
    """Whether a refusal's Allow header names methods, and GET is none of them."""
    allow = exchange.header("Allow")
    if allow is None or exchange.status is None or exchange.status < 400:
        return False
    return "GET" not in {method.strip().upper() for method in allow.split(",")}
