"""What an endpoint is built with: from headers, cookies' names and error pages. Pure.

A member is named only by what the part itself writes. A proxy in front may replace `Server`, so
that header never overrules what the program says, and a proxy's own headers name only itself.
"""

import re
from collections.abc import Iterable, Iterator

from checker.core.model import Exchange
from checker.core.report import Stack

__all__ = ["recognized"]

_VERSION_AT_END = re.compile(r" [\d.]+\Z")
_BODY_BYTES = 16 * 1024
_ANSWERS_READ = 50
_VERSION = r"(?:[/ ]v?(\d{1,3}(?:\.\d{1,3}){0,2}))?"

# member, name, header, pattern of its value; the first that fits names the member
_BY_HEADER = (
    ("language", "PHP", "x-powered-by", rf"\bPHP{_VERSION}"),
    ("language", "PHP", "server", rf"\bPHP{_VERSION}"),
    ("framework", "Express", "x-powered-by", r"\AExpress\b"),
    ("framework", "Next.js", "x-powered-by", rf"\ANext\.js{_VERSION}"),
    ("framework", "ASP.NET", "x-powered-by", r"\AASP\.NET\b"),
    ("framework", "ASP.NET", "x-aspnet-version", r""),
    ("framework", "ASP.NET MVC", "x-aspnetmvc-version", r""),
    ("language", "Java", "x-powered-by", r"\bServlet\b|\bJSP\b"),
    ("framework", "Ruby on Rails", "x-powered-by", r"Phusion Passenger.*Rails|\bRails\b"),
    ("framework", "Google Apps Script", "server", r"\A(?:ESF|GSE)\Z"),
    ("server", "nginx", "server", rf"\bnginx{_VERSION}"),
    ("server", "OpenResty", "server", rf"\bopenresty{_VERSION}"),
    ("server", "Apache", "server", rf"\AApache{_VERSION}"),
    ("server", "LiteSpeed", "server", r"LiteSpeed"),
    ("server", "IIS", "server", rf"Microsoft-IIS{_VERSION}"),
    ("server", "Kestrel", "server", r"\AKestrel"),
    ("server", "Caddy", "server", r"\ACaddy"),
    ("server", "gunicorn", "server", rf"gunicorn{_VERSION}"),
    ("server", "uvicorn", "server", r"\Auvicorn"),
    ("server", "hypercorn", "server", r"hypercorn"),
    ("server", "Werkzeug", "server", rf"Werkzeug{_VERSION}"),
    ("server", "WSGIServer", "server", rf"WSGIServer{_VERSION}"),
    ("server", "waitress", "server", r"\Awaitress"),
    ("server", "Puma", "server", rf"\bPuma{_VERSION}"),
    ("server", "WEBrick", "server", rf"WEBrick{_VERSION}"),
    ("server", "Tomcat", "server", r"Apache-Coyote|Tomcat"),
    ("server", "Jetty", "server", r"\AJetty"),
    ("server", "Cowboy", "server", r"\ACowboy"),
    ("in_front", "Cloudflare", "cf-ray", r""),
    ("in_front", "Amazon CloudFront", "x-amz-cf-id", r""),
    ("in_front", "Amazon CloudFront", "via", r"\(CloudFront\)"),
    ("in_front", "Amazon API Gateway", "x-amz-apigw-id", r""),
    ("in_front", "Amazon load balancer", "server", r"\Aawselb/"),
    ("in_front", "Akamai", "server", r"\AAkamaiGHost"),
    ("in_front", "Fastly", "x-served-by", r"\Acache-[a-z]{3}"),
    ("in_front", "Varnish", "x-varnish", r""),
    ("in_front", "Vercel", "x-vercel-id", r""),
    ("in_front", "Netlify", "x-nf-request-id", r""),
    ("in_front", "ngrok", "ngrok-error-code", r""),
    ("in_front", "ngrok", "ngrok-trace-id", r""),
    ("in_front", "Google Front End", "server", r"\A(?:Google Frontend|gws)\Z"),
    ("in_front", "Envoy", "server", r"\A(?:envoy|istio-envoy)\Z"),
    ("in_front", "Heroku", "via", r"\bvegur\b"),
    ("in_front", "Azure Front Door", "x-azure-ref", r""),
)

_BY_COOKIE = (
    ("framework", "Laravel", r"laravel_session"),
    ("framework", "CodeIgniter", r"ci_session"),
    ("framework", "CakePHP", r"CAKEPHP"),
    ("framework", "WordPress", r"wordpress_\w+|wp-settings-\d+"),
    ("framework", "Django", r"csrftoken|django_language"),
    ("framework", "Express", r"connect\.sid"),
    ("framework", "ASP.NET", r"ASP\.NET_SessionId|\.AspNetCore\.\w+"),
    ("language", "PHP", r"PHPSESSID"),
    ("language", "Java", r"JSESSIONID"),
)

_BY_BODY = (
    ("framework", "Laravel", r"Illuminate\\{1,2}|laravel-ignition|Whoops! There was an error"),
    ("framework", "Symfony", r"Symfony\\{1,2}Component"),
    ("framework", "WordPress", r"\"code\":\"rest_[a-z_]+\"|wp-content/|/wp-includes/"),
    ("framework", "Django", r"DJANGO_SETTINGS_MODULE|DEBUG = True</code>|django/core/handlers"),
    ("framework", "FastAPI", r"fastapi/routing\.py"),
    ("framework", "FastAPI", r"\A\{\"detail\":\[\{\"(?:type|loc)\":"),
    ("framework", "Flask", r"flask/app\.py|Werkzeug Debugger|// Werkzeug"),
    ("framework", "Ruby on Rails", r"Action Controller: Exception caught|ActionController::"),
    ("framework", "Sinatra", r"Sinatra doesn(?:'|&rsquo;|’)t know this ditty|sinatra/base\.rb"),
    ("framework", "Spring", r"Whitelabel Error Page|org\.springframework\."),
    (
        "framework",
        "Spring",
        r"\A\{\"timestamp\":.{10,60}\"status\":\d{3},\"error\":\".{3,60}\"path\":",
    ),
    ("framework", "Express", r"<pre>Cannot (?:GET|POST) /|node_modules/express/"),
    ("framework", "ASP.NET", r"Server Error in '[^']{0,200}' Application|Microsoft\.AspNetCore\."),
    ("framework", "Google Apps Script", r"Script function not found: do(?:Get|Post)"),
    ("language", "PHP", r"<b>(?:Warning|Notice|Deprecated|Fatal error)</b>: .{1,400} on line <b>"),
    ("language", "PHP", r"PHP (?:Fatal error|Warning|Notice):|\.php(?: on line |\(|:)\d+"),
    ("language", "Python", r"Traceback \(most recent call last\)"),
    ("language", "Java", r"\bat [\w$.]+\([\w$]+\.(?:java|kt):\d+\)"),
    ("language", "Go", r"goroutine \d+ \[running\]"),
    ("language", "Node.js", r"\(node:internal/|\bat [\w$.<> ]{1,100} \(/[^)\n]{1,200}js:\d+:\d+\)"),
    ("language", "Ruby", r"\.rb:\d+:in [`']"),
    ("server", "nginx", rf"<hr><center>nginx{_VERSION}"),
    ("server", "Apache", rf"<address>Apache{_VERSION}"),
    ("server", "Tomcat", rf"<h3>Apache Tomcat{_VERSION}"),
    ("in_front", "ngrok", r"ERR_NGROK_\d+"),
    ("in_front", "Cloudflare", r"cf-error-details|Cloudflare Ray ID"),
)

_LANGUAGE_OF = {
    "Laravel": "PHP",
    "CodeIgniter": "PHP",
    "CakePHP": "PHP",
    "WordPress": "PHP",
    "Symfony": "PHP",
    "Django": "Python",
    "Flask": "Python",
    "FastAPI": "Python",
    "Express": "Node.js",
    "Next.js": "Node.js",
    "Google Apps Script": "JavaScript",
    "Ruby on Rails": "Ruby",
    "Sinatra": "Ruby",
    "Spring": "Java",
    "ASP.NET": ".NET",
    "ASP.NET MVC": ".NET",
}
_LANGUAGE_OF_SERVER = {
    "gunicorn": "Python",
    "uvicorn": "Python",
    "hypercorn": "Python",
    "Werkzeug": "Python",
    "WSGIServer": "Python",
    "waitress": "Python",
    "Puma": "Ruby",
    "WEBrick": "Ruby",
    "Tomcat": "Java",
    "Jetty": "Java",
    "Kestrel": ".NET",
    "Cowboy": "Erlang",
}

_HEADER_PATTERNS = tuple(
    (member, name, header, re.compile(pattern, re.IGNORECASE))
    for member, name, header, pattern in _BY_HEADER
)
_COOKIE_PATTERNS = tuple(
    (member, name, re.compile(rf"(?:{pattern})\Z")) for member, name, pattern in _BY_COOKIE
)
_BODY_PATTERNS = tuple(
    (member, name, re.compile(pattern, re.DOTALL)) for member, name, pattern in _BY_BODY
)


def recognized(answers: Iterable[Exchange]) -> Stack:
    """The stack behind these answers; a member is None where nothing names it."""
    found: dict[str, str] = {}
    for number, exchange in enumerate(answers):
        if number == _ANSWERS_READ:
            break
        for member, name in _signs(exchange):
            known = found.get(member)
            if known is None or (name.startswith(known + " ") and name != known):
                found[member] = name
    framework, server = found.get("framework"), found.get("server", "").partition(" ")[0]
    implied = _LANGUAGE_OF.get(_VERSION_AT_END.sub("", framework or ""))
    language = found.get("language")
    if language is None or (implied and not language.startswith(implied)):
        language = implied or language or _LANGUAGE_OF_SERVER.get(server)
    return Stack(
        language=language,
        framework=framework,
        server=found.get("server"),
        in_front=found.get("in_front"),
    )


def _signs(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Member and name of each sign in one answer."""
    if "macros/echo?user_content_key=" in exchange.final_url:
        yield "framework", "Google Apps Script"
    headers = [(name.lower(), value[:500]) for name, value in exchange.headers[:60]]
    for member, name, header, pattern in _HEADER_PATTERNS:
        for key, value in headers:
            if key == header and (match := pattern.search(value)):
                yield member, _with_version(name, match)
    for key, value in headers:
        if key == "set-cookie":
            cookie = value.partition("=")[0].strip()
            yield from ((m, name) for m, name, pattern in _COOKIE_PATTERNS if pattern.match(cookie))
    if not exchange.succeeded or not exchange.body[:1].isascii() or exchange.body[:1] not in b"{[":
        text = exchange.body[:_BODY_BYTES].decode("utf-8", "replace")
        for member, name, pattern in _BODY_PATTERNS:
            if match := pattern.search(text):
                yield member, _with_version(name, match)


def _with_version(name: str, match: re.Match[str]) -> str:
    version = next((group for group in match.groups() if group), None)
    return f"{name} {version}" if version else name
