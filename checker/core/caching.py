"""Whether a response lets shared caches keep it (RFC 9111, sections 3 and 5.2.2). Pure."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checker.core.model import Exchange

__all__ = ["cache_permission"]


def cache_permission(exchange: Exchange) -> str | None:
    """The header that allows it, or None."""
    directives = _directives(exchange.header("Cache-Control") or "")
    if "private" in directives or "no-store" in directives:
        return None
    if "public" in directives:
        return "Cache-Control: public"
    for name in ("s-maxage", "max-age"):
        if name in directives:
            seconds = directives[name]
            ahead = seconds.isascii() and seconds.isdigit() and int(seconds[:12]) > 0
            return f"Cache-Control: {name}={seconds}" if ahead else None
    return "an Expires ahead" if _expires_ahead(exchange) else None


def _directives(header: str) -> dict[str, str]:
    found = {}
    for item in header.split(","):
        name, _, value = item.strip().partition("=")
        found[name.strip().lower()] = value.strip().strip('"')
    return found


def _expires_ahead(exchange: Exchange) -> bool:
    expires = _date(exchange.header("Expires"))
    if expires is None:
        return False
    return expires > (_date(exchange.header("Date")) or datetime.now(UTC))


def _date(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None  # RFC 9111, section 5.3: an invalid date, such as 0, lies in the past
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
