"""HTTP010 unsafe-redirect: from https to http, or to another origin while headers were given."""

from checker.core.model import Location
from checker.core.needs import Need
from checker.core.report import Severity
from checker.rules.base import FailureRule
from checker.rules.wording import page_of
from checker.signatures.sign_in import is_sign_in_address

__all__ = ["UnsafeRedirect"]

_APPS_SCRIPT_SENTENCE = "Google Apps Script cannot read request headers: check again without them."


class UnsafeRedirect(FailureRule):
    """See the help beside this file."""

    id = "HTTP010"
    name = "unsafe-redirect"
    severity = Severity.ERROR
    clause = "G3"
    summary = "a redirect from https to http, or to another origin while headers were given"
    fix = (
        "Answer at the endpoint's own URL, or give the URL of the other server as the "
        "endpoint, with the headers that it needs."
    )
    needs = frozenset({Need.SERVER, Need.REDIRECTS})

    def message(self, count: int, first: Location) -> str:
        login = " and seems to be a sign-in page" if is_sign_in_address(first.note) else ""
        script = " " + _APPS_SCRIPT_SENTENCE if "script.googleusercontent.com" in first.note else ""
        given = self.context.config.headers
        consequence = "The headers are not sent there, and the" if given else "The"
        return (
            f"{page_of(first)}: {first.note}{self._danger(first)}{login}. "
            f"{consequence} crawl does not follow.{script}"
        )

    def _danger(self, first: Location) -> str:
        target = first.note.rpartition(" to ")[2]
        scheme, colon, _ = target.partition("://")
        if not colon:
            return ""
        if self.context.config.endpoint.scheme == "https" and scheme == "http":
            return ", which is not encrypted"
        return ", which is another server"
