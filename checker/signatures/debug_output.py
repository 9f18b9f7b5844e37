"""Debug output in a body: whose stack trace or error page it is. Pure."""

import re

__all__ = ["debug_output"]


_DEBUG_OUTPUT = (
    (r"Traceback \(most recent call last\)", "a Python traceback"),
    (r"Werkzeug Debugger|<title>.{0,200}// Werkzeug", "Werkzeug's debugger"),
    (r"DEBUG = True</code>|DJANGO_SETTINGS_MODULE", "Django's debug page"),
    (
        r"Whoops! There was an error|Illuminate\\|laravel-ignition|facade/ignition",
        "Laravel's debug page",
    ),
    (
        r"Stack trace:\s*(?:<br\s*/?>\s*)?#0 |Fatal error</?b?>?:.{0,400} on line ",
        "a PHP stack trace",
    ),
    (
        (
            r"\bat (?:async )?[\w$.<>\[\] ]{1,200} "
            r"\((?:file://|node:|/|[A-Z]:\\)[^)\n]{1,300}:\d+:\d+\)"
        ),
        "a Node stack trace",
    ),
    (r"\bat [\w$.]+\.[\w$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)", "a Java stack trace"),
    (
        (
            r"\bat [\w.`<>\[\], ]{1,200}\([^)\n]{0,300}\) in [^\n]{1,300}:line \d+"
            r"|Server Error in '[^']{0,200}' Application.{0,8000}(?:Stack Trace|Source Error):"
        ),
        "a .NET stack trace",
    ),
    (r"goroutine \d+ \[[^\]\n]{1,100}\]:", "a Go stack trace"),
    (r"Action Controller: Exception caught|\.rb:\d+:in [`'][^'\n]{1,200}'", "a Ruby stack trace"),
    (r"SQLSTATE\[\w+\]|ORA-\d{5}:|PG::\w+Error|psycopg2?\.errors", "a database error"),
)


_DEBUG_PATTERNS = tuple((re.compile(pattern, re.DOTALL), name) for pattern, name in _DEBUG_OUTPUT)


def debug_output(body: bytes) -> str | None:
    """The inside of a server that an error response shows, in words; None if it shows none."""
    text = body[:65536].decode("utf-8", "replace")
    unescaped = (
        text.replace("&#x27;", "'").replace("&#39;", "'").replace("\\n", "\n").replace("\\/", "/")
    )
    for pattern, name in _DEBUG_PATTERNS:
        if pattern.search(unescaped):
            return name
    return None
