"""NEXT011 cookie-dependent: pages follow each other only with the server's cookies."""

from collections.abc import Iterable

from checker.core.model import Location, Probe, Purpose
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import Rule
from checker.rules.probe_answers import follows_with_cookies

__all__ = ["CookieDependent"]


class CookieDependent(Rule):
    """See the help beside this file."""

    id = "NEXT011"
    name = "cookie-dependent"
    severity = Severity.ERROR
    clause = "G4"
    summary = "pages follow each other only with the server's cookies"
    fix = "Put all that the next page needs into the token; the application keeps no cookies."
    needs = frozenset({Need.SERVER, Need.PAGE, Need.SECOND_PAGE, Need.COOKIE_PROBE})

    def on_probe(self, probe: Probe) -> Iterable[Location]:
        if probe.purpose is Purpose.COOKIE and follows_with_cookies(probe):
            yield Location(exchange=probe.exchange)

    def message(self, count: int, first: Location) -> str:
        return (
            "The second page comes only when the cookies of the first are sent back. "
            "The application keeps no cookies, so the paging must not depend on a session."
        )
