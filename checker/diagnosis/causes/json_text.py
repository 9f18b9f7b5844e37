"""Bodies that are meant to be the page, and do not parse as JSON."""

import base64
import binascii
import json
import re

from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import Looks, saying
from checker.diagnosis.words import beginning, header_line, quoted
from checker.signatures.encodings import compression_of

_PARSED_BYTES = 4 * 1024 * 1024
_RULES = ("JSON001",)
_BASE64 = re.compile(rb"\s*\"?([A-Za-z0-9+/_-]{16,}={0,2})\"?\s*\Z")
_PHP_NOTICE = re.compile(
    r"(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?"
    r"(Notice|Warning|Deprecated|Fatal error|Parse error)(?:</b>)?: .{1,400}?"
    r"(?: on line (?:<b>)?\d+|\Z)",
    re.DOTALL,
)


def _cause(name: str, looks: Looks, sentence: str, fix: str, **more: object) -> Cause:
    return Cause(
        name=name,
        rules=_RULES,
        looks=looks,
        sentence=sentence,
        fix=fix,
        follows=("HTTP012",),
        **more,  # type: ignore[arg-type]
    )


def _decoded(body: bytes) -> bytes | None:
    match = _BASE64.match(body)
    if match is None:
        return None
    text = match[1].replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(text[: len(text) // 4 * 4])
    except (binascii.Error, ValueError):
        return None


def _base64(facts: Facts, rule: str) -> Seen | None:
    body = facts.body(rule)
    inner = _decoded(body)
    if inner is None or not (inner.lstrip()[:1] in (b"{", b"[") or inner[:2] == b"\x1f\x8b"):
        return None
    kind = "gzip bytes" if inner[:2] == b"\x1f\x8b" else "JSON"
    return Seen((f"The body is {len(body):,} characters of base64; decoded, it begins as {kind}.",))


def _compressed(facts: Facts, rule: str) -> Seen | None:
    body, exchange = facts.body(rule), facts.exchange(rule)
    kind = compression_of(body)
    if exchange is None or kind is None or exchange.header("Content-Encoding"):
        return None
    line = f"The body begins with the bytes {body[:4].hex(' ')}, as {kind} data does."
    return seen(line, "There is no Content-Encoding header.", kind=kind)


def _compressed_twice(facts: Facts, rule: str) -> Seen | None:
    exchange, kind = facts.exchange(rule), compression_of(facts.body(rule))
    line = header_line(facts.mask, exchange, "Content-Encoding") if exchange is not None else None
    if kind is None or line is None:
        return None
    return seen(f"{line}; without it, what is left is {kind} data again.")


def _php_notice(facts: Facts, rule: str) -> Seen | None:
    text = facts.text(rule)
    match = _PHP_NOTICE.match(text.lstrip()) or _PHP_NOTICE.search(text)
    if match is None or not ("<b>" in match.group() or ".php" in match.group()):
        return None
    before = text.lstrip().startswith(match.group()[:20])
    where = "before the JSON" if before else "after the JSON"
    if not re.search(r"[{\[]\s*[\"{\[]", text.replace(match.group(), "")):
        where = "in place of the JSON"
    bare = " ".join(re.sub(r"<[^>]*>", "", match.group()).split())
    return Seen((f"PHP says {quoted(facts.mask, bare, 300)}.",), {"where": where})


def _behind_json(facts: Facts, rule: str) -> str | None:
    """What stands behind a whole JSON text; None without one."""
    text = facts.body(rule).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    rest = text[end:].strip()
    return rest if text[:1] in "{[" and rest else None


def _cache_comment(facts: Facts, rule: str) -> Seen | None:
    rest = _behind_json(facts, rule)
    if rest is None or not re.match(r"<!--", rest):
        return None
    return Seen((f"After the JSON comes {quoted(facts.mask, rest, 160)}.",))


def _wordpress_zero(facts: Facts, rule: str) -> Seen | None:
    rest = _behind_json(facts, rule)
    return Seen(('After the JSON comes a single "0".',)) if rest == "0" else None


def _html_behind(facts: Facts, rule: str) -> Seen | None:
    rest = _behind_json(facts, rule)
    if rest is None or not re.match(r"<(?!!--)", rest):
        return None
    return Seen((f"After the JSON comes {quoted(facts.mask, rest, 120)}.",))


def _second_document(facts: Facts, rule: str) -> Seen | None:
    rest = _behind_json(facts, rule)
    if rest is None or rest[0] not in "{[":
        return None
    same = facts.text(rule).strip().startswith(rest) or facts.text(rule).count(rest) > 1
    return seen("The second begins as the first does." if same else "The two differ.")


def _other_output(facts: Facts, rule: str) -> Seen | None:
    rest = _behind_json(facts, rule)
    if rest is None:
        return None
    shown = beginning(facts.mask, rest.encode())
    return seen(f"Behind the JSON stands {shown}.") if shown else Seen()


def _cut_by_characters(facts: Facts, rule: str) -> Seen | None:
    exchange, body = facts.exchange(rule), facts.body(rule)
    length = exchange.header("Content-Length") if exchange is not None else None
    if length is None or length != str(len(body)) or body.isascii():
        return None
    if len(body) > _PARSED_BYTES:
        return None
    text = body.decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        if not at_end:
            return None
    except RecursionError:
        return None
    else:
        return None
    ends = f"The body ends in the middle, at exactly its Content-Length of {length} bytes."
    return Seen((ends, f"It has {len(body) - len(text):,} bytes more than characters."))


def _csv(facts: Facts, rule: str) -> Seen | None:
    lines = facts.text(rule).lstrip("\ufeff").splitlines()[:20]
    if len(lines) < 2 or re.match(r"\s*[{\[<(]", lines[0]):
        return None
    for separator, name in ((",", "a comma"), (";", "a semicolon"), ("\t", "a tab")):
        columns = lines[0].count(separator)
        if columns and all(line.count(separator) >= columns for line in lines if line):
            return Seen((f"Every line has {columns + 1} fields separated by {name}.",))
    return None


json_base64 = Cause(
    name="body-is-base64",
    rules=("JSON001", "PAGE001"),
    looks=_base64,
    sentence=(
        "The body is the base64 text of the page, not the page: the function returned base64 and "
        "nothing decoded it."
    ),
    fix=(
        "With Amazon Lambda: return the JSON text with isBase64Encoded false, or take `*/*` out of "
        "the binary media types of API Gateway."
    ),
    follows=("HTTP012",),
)
undeclared_compression = _cause(
    "undeclared-compression",
    _compressed,
    "The body is compressed as {kind}, and no Content-Encoding header says so.",
    "Send Content-Encoding: gzip with a gzip body, or leave compression to the web server; a "
    "proxy or serverless adapter may have dropped the header.",
)
compressed_twice = _cause(
    "compressed-twice",
    _compressed_twice,
    "The body is compressed twice, by the program and once more by the web server.",
    "Turn one of the two off: leave compression to the web server.",
)
php_notice = _cause(
    "php-notice",
    _php_notice,
    "PHP prints an error message of its own {where}.",
    "Mend the line that the message names, and set display_errors = Off and log_errors = On in "
    "php.ini (in code: ini_set('display_errors', '0')), so that messages go to the log.",
)
php_source = _cause(
    "php-not-run",
    saying(r"\A\s*<\?php"),
    "The web server sends the source of the PHP file: PHP is not installed or not run for this "
    "path.",
    "Let the web server hand .php files to PHP (php-fpm, mod_php); until then passwords in the "
    "source are public.",
)
print_r = _cause(
    "printed-php-array",
    saying(r"\A\s*Array\s*\(\s*\[", r"\A\s*(?:array|object\(\w+\)#\d+ )\(\d+\) \{"),
    "The program prints a PHP array (print_r or var_dump) in place of JSON.",
    "Print json_encode($page) instead, and nothing else.",
)
gviz = _cause(
    "google-visualization",
    saying(r"\A\s*/\*O_o\*/\s*google\.visualization"),
    "This is Google's query format for charts (gviz), a function call around the JSON, not the "
    "endpoint's own JSON.",
    "Publish the sheet by an Apps Script web app that answers in the contract's format, in "
    "place of the gviz address.",
)
jsonp = _cause(
    "jsonp",
    saying(r"\A\s*(?:/\*\*/)?\s*[A-Za-z_$][\w$.]*\s*\(\s*[{\[]"),
    "The JSON is wrapped in a function call (JSONP), as for a script element of a web page.",
    "Send the JSON alone: leave the callback out (res.json in place of res.jsonp; no callback "
    "parameter).",
)
guarded = _cause(
    "anti-hijacking-prefix",
    saying(r"\A\s*(?:\)\]\}'|while ?\(1\);|for ?\(;;\);|\{\}&&|throw 1;)"),
    "A prefix that guards JSON from script elements comes before the JSON.",
    "Turn the prefix off for this endpoint; with a secret header there is nothing that it "
    "would guard.",
)
cache_comment = _cause(
    "cache-plugin-comment",
    _cache_comment,
    "A plugin writes an HTML comment after the JSON, as page caches of WordPress do.",
    "Exclude the endpoint's path from the page cache or minifier, or end the program right "
    "after the JSON (wp_send_json, exit).",
)
wordpress_zero = _cause(
    "wordpress-zero",
    _wordpress_zero,
    "WordPress's admin-ajax.php writes its 0 after the JSON, since the action did not end the "
    "request.",
    "End the action with wp_send_json($page), or with wp_die() after echo.",
)
html_behind = _cause(
    "page-template-behind",
    _html_behind,
    "The program continues after the JSON and prints the rest of an HTML page.",
    "End the request right after the JSON (PHP: exit; WordPress: wp_send_json).",
)
answered_twice = _cause(
    "answered-twice",
    _second_document,
    "The program writes two JSON documents into one answer: it answers twice, or writes a "
    "document a line.",
    "Answer once: return right after the page is written, and put all rows into one list.",
)
output_behind = _cause(
    "output-behind-json",
    _other_output,
    "The program goes on after the JSON and writes something else: a debug line, a print, an echo.",
    "End the request right after the JSON, and write debug output to the log.",
)
content_length_characters = _cause(
    "content-length-in-characters",
    _cut_by_characters,
    "The Content-Length most likely counts characters, not bytes, so the end of the body is "
    "cut off.",
    "Do not set Content-Length yourself, or give the bytes: Buffer.byteLength(text), "
    "strlen($text), len(text.encode()).",
)
unrendered = _cause(
    "unrendered-template",
    saying(
        r"\{%-?\s*(?:for|if|block|extends|include)\b",
        r"<%[=-]?\s*\w",
        r"\A\s*\{\{\s*\w+[\w.| ]*\}\}",
    ),
    "A template was sent without being rendered.",
    "Render the template, or better: build the page as data and write it with the JSON library.",
)
python_repr = _cause(
    "python-repr",
    saying(r"\A\s*\{'(?:list|next|\w+)':", r"\A\s*\[\{'"),
    "A Python dict was printed (str or print), not JSON: single quotes, True, None.",
    "Write it with json.dumps(page, ensure_ascii=False), or jsonify(page) in Flask, "
    "JsonResponse(page) in Django.",
)
xml = _cause(
    "xml",
    saying(r"\A\s*<\?xml(?!.{0,300}<html)", r"\A\s*<(?!!doctype|html|br|b>)[a-z][\w:-]*>\s*<[a-z]"),
    "The endpoint answers in XML.",
    "Answer in JSON: many frameworks choose by the Accept header (application/json is asked "
    "for) or by the path's ending.",
)
yaml = _cause(
    "yaml",
    saying(r"\A\s*(?:---\s*\n)?list:\s*\n\s*- "),
    "The endpoint answers in YAML.",
    "Write the page with a JSON library.",
)
csv = _cause(
    "csv",
    _csv,
    "The endpoint answers with a CSV table.",
    "Answer in JSON, a page at a time. A CSV file can be loaded as it is: broadcast load FILE.csv.",
)
trailing_comma = _cause(
    "trailing-comma",
    saying(r"[^\[{,\s]\s*,\s*[}\]]\s*(?:[,}\]]|\Z)"),
    "The JSON is put together as text: there is a comma after the last element.",
    "Build the page as data and write it with a JSON library, in place of joining strings.",
)
