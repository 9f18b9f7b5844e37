"""No usable HTTP answer: the connection, TLS, the framing, the encoding of the body."""

import re

from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import Looks, either, saying


def _failed(pattern: str, *, came: str = "", encoding: str = "") -> Looks:
    """Sees a failure whose words match, and what came, and the Content-Encoding."""

    def looks(facts: Facts, rule: str) -> Seen | None:
        exchange = facts.exchange(rule)
        failure = exchange.failure if exchange is not None else None
        if exchange is None or failure is None or not re.search(pattern, failure.detail):
            return None
        if came and not re.search(came, failure.seen):
            return None
        header = exchange.header("Content-Encoding") or ""
        if encoding and not re.search(encoding, header, re.IGNORECASE):
            return None
        return Seen()

    return looks


def _tls_alert(facts: Facts, rule: str) -> Seen | None:
    """A TLS record (RFC 8446, 5.1) in answer to plain HTTP."""
    exchange = facts.exchange(rule)
    failure = exchange.failure if exchange is not None else None
    if failure is None or not re.search(r"the bytes 1[56] 03 0[0-4]", failure.seen):
        return None
    return seen("The first bytes are those of a TLS record.")


def _dropped(facts: Facts, rule: str) -> bool:
    exchange = facts.exchange(rule)
    failure = exchange.failure if exchange is not None else None
    return failure is not None and "single byte" in failure.detail


def _drops_all(facts: Facts, rule: str) -> Seen | None:
    answered = any(exchange.status is not None for exchange in facts.answers())
    return seen("No request was answered.") if _dropped(facts, rule) and not answered else None


def _drops_one(facts: Facts, rule: str) -> Seen | None:
    exchange = facts.exchange(rule)
    fine = next((answer for answer in facts.answers() if answer.status is not None), None)
    if exchange is None or fine is None or not _dropped(facts, rule):
        return None
    where = f"page {exchange.page}" if exchange.page else "this request"
    return seen(
        f"Other requests were answered, such as {fine.method} with {fine.status}.", where=where
    )


refused = Cause(
    name="nothing-listens",
    rules=("NET002",),
    looks=_failed(r"refused"),
    sentence=(
        "Nothing listens on this port of the host: the program is not running, or listens "
        "on another port or only on localhost."
    ),
    fix=(
        "Start the program, and let it listen on 0.0.0.0 (not 127.0.0.1) and on the port of "
        "the URL; in Docker publish the port."
    ),
)
drops_connections = Cause(
    name="listener-drops-connections",
    rules=("NET002",),
    looks=_drops_all,
    sentence=(
        "Every connection is accepted and dropped before a byte is sent: a listener or "
        "firewall in front does this, or a program that dies at once; a handler that fails "
        "would answer something."
    ),
    fix=(
        "Look at what listens on the port (a proxy without its program, a worker that crashes "
        "at its start, a TLS port) and in its log."
    ),
)
worker_dies = Cause(
    name="worker-dies",
    rules=("NET002",),
    looks=_drops_one,
    sentence=(
        "The process that handles {where} most likely dies before it answers (out of "
        "memory, a time limit, a crash of an extension), since other requests are answered."
    ),
    fix=(
        "Look in the log of the process manager (php-fpm, gunicorn, pm2, the container) at the "
        "time of the request, not in the program's own; read fewer rows a page."
    ),
)
https_on_plain_port = Cause(
    name="plain-http-port",
    rules=("NET003",),
    looks=_failed(r"does not speak TLS"),
    sentence="The port speaks plain HTTP, and the URL begins with https.",
    fix=(
        "Give the port of https (443 unless configured otherwise), or, on this machine, an "
        "http:// URL; certificates are not the matter."
    ),
)
http_on_tls_port = Cause(
    name="tls-port",
    rules=("NET002", "NET005", "NET006", "HTTP005"),
    looks=either(
        saying(
            r"plain HTTP request was sent to HTTPS port",
            r"HTTP request to an HTTPS server",
            r"speaking plain HTTP to an SSL-enabled",
        ),
        _tls_alert,
    ),
    sentence="The port speaks TLS, and the URL begins with http.",
    fix="Give the https:// URL.",
)
expired = Cause(
    name="certificate-expired",
    rules=("NET003",),
    looks=_failed(r"expired"),
    sentence="The certificate's time is over.",
    fix=(
        "Renew it (certbot renew, or the host's console) and reload the web server; then let "
        "it be renewed by itself."
    ),
)
incomplete_chain = Cause(
    name="certificate-chain",
    rules=("NET003",),
    looks=_failed(r"unable to get local issuer|unable to verify the first"),
    sentence=(
        "The server does not send the intermediate certificate, or the authority is a "
        "private one; browsers fetch it themselves, programs do not."
    ),
    fix=(
        "Give the web server the full chain (fullchain.pem in place of cert.pem); for a "
        "private authority check with --ca-bundle."
    ),
)
self_signed = Cause(
    name="certificate-self-signed",
    rules=("NET003",),
    looks=_failed(r"self[- ]signed"),
    sentence="The certificate is signed by itself, as those made for development are.",
    fix=(
        "Use a certificate of a public authority (Let's Encrypt); to check a test system, give "
        "its authority with --ca-bundle."
    ),
)
other_host = Cause(
    name="certificate-other-host",
    rules=("NET003",),
    looks=_failed(r"ostname mismatch|IP address mismatch|not valid for"),
    sentence="The certificate is for another host name than that of the URL.",
    fix=(
        "Give the URL by the name in the certificate, or have one issued for this name (a "
        "certificate for example.com is not for www.example.com)."
    ),
)
encoding_is_charset = Cause(
    name="content-encoding-is-charset",
    rules=("NET008",),
    looks=_failed(r"", encoding=r"utf-?8|iso-8859|windows-125|tis-620|ascii"),
    sentence="Content-Encoding holds a character set, which belongs into the Content-Type.",
    fix="Send Content-Type: application/json; charset=utf-8 and no Content-Encoding.",
)
encoding_without_compression = Cause(
    name="declared-but-not-compressed",
    rules=("NET008",),
    looks=_failed(r"is not (?:gzip|x-gzip|deflate)", came=r'line "\s*[{\[<]'),
    sentence=(
        "The header says that the body is compressed, and it is plain text: something set "
        "the header without compressing, or decompressed the body and kept the header."
    ),
    fix=(
        "Set Content-Encoding only where the body is compressed, and remove it in a proxy that "
        "decompresses."
    ),
)
truncated_gzip = Cause(
    name="compression-cut",
    rules=("NET008",),
    looks=_failed(r"ends in the middle"),
    sentence=(
        "The compressed body ends before its end: it was cut after compression (a "
        "Content-Length of the uncompressed text, a size limit), or the stream was never closed."
    ),
    fix=(
        "Close the gzip stream before the answer is sent (gz.Close(), stream.end()), and let "
        "the length be counted after compression."
    ),
)
encoding_not_asked = Cause(
    name="encoding-not-accepted",
    rules=("NET008",),
    looks=_failed(r"though only gzip was accepted"),
    sentence="The server compresses by a method that the request did not accept.",
    fix=(
        "Look at Accept-Encoding before compressing: only gzip was accepted; a cache must Vary "
        "by it."
    ),
)
endless_repetition = Cause(
    name="endless-repetition",
    rules=("NET007",),
    looks=_failed(r"", came=r"come again and again"),
    sentence="The body repeats itself without end: a loop writes the page again and again.",
    fix=(
        "Write the page once: look for a loop around the output, or a stream that is piped "
        "into itself."
    ),
)
length_too_large = Cause(
    name="content-length-too-large",
    rules=("NET005",),
    looks=_failed(r"middle of its body", came=r"promised"),
    sentence=(
        "Fewer bytes came than the Content-Length or the chunks promised: the length was "
        "counted before the body changed, or the program died while sending."
    ),
    fix=(
        "Let the framework count the length (in bytes, after compression), and look in the log "
        "for a crash at the time of the request."
    ),
)
not_http = Cause(
    name="not-http",
    rules=("NET006",),
    looks=_failed(
        r"status line",
        came=(
            r'line "(?:SSH-|220 |\* OK|-ERR|\+OK|MQTT|AMQP|HTTP/0|RTSP)'
            r"|bytes [0-9a-f]{2} 00 00 00 0a"
        ),
    ),
    sentence="Another kind of server listens on this port, such as SSH, mail or a database.",
    fix="Give the port of the web server.",
)
body_before_head = Cause(
    name="body-without-head",
    rules=("NET006",),
    looks=_failed(r"status line", came=r'line "\s*[{\[<]'),
    sentence="The program writes the body without a status line and headers.",
    fix=(
        "Answer through an HTTP server or framework; a CGI program prints Content-Type and an "
        "empty line first."
    ),
)
