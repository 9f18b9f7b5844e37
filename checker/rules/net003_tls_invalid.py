"""NET003 tls-invalid: certificate expired, self-signed, for another host, or the handshake failed."""

from checker.core.report import Severity
from checker.rules.base import FailureRule

__all__ = ["TlsInvalid"]


class TlsInvalid(FailureRule):
    """See the help beside this file."""

    id = "NET003"
    name = "tls-invalid"
    severity = Severity.ERROR
    clause = "G5"
    summary = "certificate expired, self-signed, for another host, or the handshake failed"
    fix = (
        "Install a certificate of a public authority for exactly this host name, with its "
        "intermediate certificates, and renew it in time; for a private authority give the "
        "checker its certificate with --ca-bundle."
    )
