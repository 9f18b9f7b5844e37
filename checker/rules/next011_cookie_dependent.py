"""NEXT011 cookie-dependent: pages follow each other only with the server's cookies."""

from collections.abc import Iterable

from checker.comparing import follows_with_cookies
from checker.model import Place, Purpose
from checker.outcome import Severity
from checker.probes import Probe
from checker.rules import Rule

__all__ = ["CookieDependent"]


class CookieDependent(Rule):
    """See the help beside this file."""

    id = "NEXT011"
    name = "cookie-dependent"
    severity = Severity.ERROR
    clause = "G4"
    summary = "pages follow each other only with the server's cookies"
    fix = "Put all that the next page needs into the token; the application keeps no cookies."

    def on_probe(self, probe: Probe) -> Iterable[Place]:
        if probe.purpose is Purpose.COOKIE and follows_with_cookies(probe):
            yield Place(exchange=probe.exchange)

    def message(self, count: int, first: Place) -> str:
        return (
            "The second page comes only when the cookies of the first are sent back; "
            "the application keeps none, so the paging must not depend on a session."
        )
