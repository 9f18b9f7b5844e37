"""Names what went wrong with an attempt: the rule that it is, and a sentence's end. No I/O."""

import http.client
import ssl

from checker.core.model import Failure
from checker.transport.resolver import NotPublicError
from checker.transport.sockets import Attempt, DeadlineError, MalformedError

__all__ = ["first_bytes", "name_failure"]


def name_failure(error: Exception, attempt: Attempt, timeout_seconds: float) -> Failure:
    """Which rule a failed attempt is, by what was seen of it and what was raised."""
    causes = list(_causes(error))
    if any(isinstance(cause, DeadlineError) for cause in causes):
        if attempt.stage == "head" and attempt.stuck_on_interim:
            return _final_interim(attempt)
        waited = _WAITED_FOR[attempt.stage]
        return Failure(rule="NET004", detail=f"{waited} took more than {timeout_seconds:g} s")
    if any(isinstance(cause, NotPublicError) for cause in causes):
        return Failure(rule="NET002", detail="the host name resolves to a non-public address")
    if attempt.stage == "resolve":
        return Failure(rule="NET001", detail="the host name does not resolve")
    if attempt.stage == "connect":
        return Failure(rule="NET002", detail=f"the connection failed: {_os_reason(causes)}")
    if attempt.stage == "tls":
        return Failure(rule="NET003", detail=_tls_reason(causes))
    if not attempt.received:
        closed = attempt.ended or not any(isinstance(c, ConnectionError) for c in causes)
        how = "closed" if closed else "reset"
        return Failure(rule="NET002", detail=f"the connection was {how} before a single byte came")
    return _name_broken_response(causes, attempt)


def _name_broken_response(causes: list[BaseException], attempt: Attempt) -> Failure:
    where = "in its headers" if attempt.stage == "head" else "in the middle of its body"
    was_reset = any(isinstance(cause, ConnectionError | ssl.SSLError) for cause in causes)
    if attempt.ended or was_reset:
        if attempt.stage == "head" and attempt.stuck_on_interim:
            return _final_interim(attempt)
        how = "closed" if attempt.ended else "reset"
        detail = f"the connection was {how} {where}"
        strange = attempt.stage == "head" and not attempt.start.startswith(b"HTTP")
        seen = first_bytes(attempt.start) if strange else _missing(causes)
        return Failure(rule="NET005", detail=detail, seen=seen)
    for cause in causes:
        if isinstance(cause, MalformedError):
            return Failure(rule="NET006", detail=str(cause))
    if attempt.stage == "body":
        return Failure(rule="NET006", detail="a chunk of the body has no readable size")
    return Failure(rule="NET006", detail=_head_reason(causes), seen=first_bytes(attempt.start))


def _missing(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, http.client.IncompleteRead) and cause.expected:
            left = f"{cause.expected:,} byte{'' if cause.expected == 1 else 's'}"
            return f"all but the last {left} that were promised"
    return ""


def first_bytes(start: bytes) -> str:
    """The beginning of what came: its first line where that is text, else bytes in hexadecimal."""
    line = start.split(b"\n")[0].strip().decode("utf-8", "replace").rstrip("\ufffd")
    if not line.isprintable() or "\ufffd" in line or not line:
        return f"the bytes {start[:16].hex(' ')}" if start else ""
    return f'the line "{line}"'


def _final_interim(attempt: Attempt) -> Failure:
    status = attempt.interim[-1]
    return Failure(rule="NET006", detail=f"it answers {status} as its final status")


_WAITED_FOR = {
    "resolve": "looking up the host name",
    "connect": "connecting",
    "tls": "the TLS handshake",
    "send": "sending the request",
    "head": "waiting for the response headers",
    "body": "reading the response body",
}


def _causes(error: BaseException) -> list[BaseException]:
    """The error and all that stand behind it, as causes, contexts or arguments."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 50:
        item = waiting.pop(0)
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            waiting += [item.__cause__, item.__context__, getattr(item, "reason", None)]
            waiting += list(item.args)
    return found


def _os_reason(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror and cause.errno is not None:
            return cause.strerror.lower()
    return "the server cannot be reached"


def _tls_reason(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {cause.verify_message}"
    text = " ".join(str(cause) for cause in causes)
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
        return "the TLS handshake failed: the server does not speak TLS on this port"
    return "the TLS handshake failed"


def _head_reason(causes: list[BaseException]) -> str:
    text = " ".join(str(cause) for cause in causes)
    if any(isinstance(cause, http.client.LineTooLong) for cause in causes):
        return "a header line is over 64 KiB"
    if "more than" in text:
        return "it has more than 100 headers"
    return "its status line is not HTTP"
