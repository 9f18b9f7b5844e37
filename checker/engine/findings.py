"""Collects what the rules yield, bounded: a count and the first few places of each rule."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from checker.core.config import Config
from checker.core.model import Location, Purpose
from checker.core.report import Example, Finding, Transcript
from checker.engine.transcript import transcript_of
from checker.rules.base import Rule
from checker.text.display import cut
from checker.text.redact import Redactor, masked_value

__all__ = ["EXAMPLES_KEPT", "Tally", "example_of", "finding_of"]

EXAMPLES_KEPT = 5
_TOKEN_SHOWN = 200
_NOTE_SHOWN = 300
_LONGEST_URL = 20_000
_KEPT_BYTES = 64 * 1024
"""A body up to this size stays with its place: a rule's sentence may quote an error page."""


@dataclass(slots=True)
class Tally:
    """What one rule found so far, with the first few places and how each is shown.

    A place is shown when it is found, since its page may be large: only what a rule's sentence may
    ask for stays of it.
    """

    show: Callable[[Location], Example] | None = None
    count: int = 0
    places: list[Location] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    def add(self, place: Location) -> None:
        """One more place, kept only among the first."""
        self.count += place.count
        if len(self.places) < EXAMPLES_KEPT and place.count == 1:
            self.places.append(_without_its_page(place))
            if self.show is not None:
                self.examples.append(self.show(place))


def _without_its_page(place: Location) -> Location:
    exchange, value = place.exchange, place.value
    if exchange is not None and len(exchange.body) > _KEPT_BYTES:
        exchange = replace(exchange, body=b"")
    if isinstance(value, str):
        value = value[:_KEPT_BYTES]
    return replace(place, exchange=exchange, value=value)


def finding_of(rule: Rule, tally: Tally, redactor: Redactor) -> Finding:
    """A rule's finding as it is shown: redacted, masked, cut short."""
    first = tally.places[0] if tally.places else Location()
    message = rule.message(tally.count, first)
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=rule.severity,
        count=tally.count,
        message=cut(redactor.text(message), _NOTE_SHOWN + 300),
        fix=rule.fix,
        help=f"docs/rules/{rule.id}.md",
        examples=tuple(_masked_again(example, redactor) for example in tally.examples),
    )


def _masked_again(example: Example, redactor: Redactor) -> Example:
    """Masked by what has become known as a secret since the example was made."""

    def masked(text: str | None) -> str | None:
        return None if text is None else redactor.text(text)

    shown = example.transcript
    if shown is not None:
        shown = Transcript(
            sent=redactor.text(shown.sent),
            received=redactor.text(shown.received),
            body=redactor.text(shown.body),
        )
    return replace(
        example,
        token=masked(example.token),
        pointer=masked(example.pointer),
        value=masked(example.value),
        curl=masked(example.curl),
        transcript=shown,
    )


def example_of(place: Location, config: Config, redactor: Redactor) -> Example:
    """A place as it is shown: redacted, masked, cut short."""
    exchange = place.exchange
    page, token = place.page, place.token
    if exchange is not None:
        page, token = exchange.page, exchange.token
    value = masked_value(place.value, place.pointer, show_data=config.show_data, redactor=redactor)
    if value is None and place.note:
        value = cut(redactor.text(place.note), _NOTE_SHOWN)
    return Example(
        page=page,
        token=None if token is None else cut(redactor.text(token), _TOKEN_SHOWN),
        pointer=None if place.pointer is None else cut(redactor.text(place.pointer), 200),
        value=value,
        curl=_curl(place, token, config, redactor),
        transcript=None
        if exchange is None
        else transcript_of(exchange, place.pointer, config, redactor),
    )


def _curl(place: Location, token: str | None, config: Config, redactor: Redactor) -> str | None:
    """The command that repeats the request, with a variable in place of each header's value."""
    exchange = place.exchange
    if (exchange is None and place.page is None) or config.endpoint.scheme == "file":
        return None
    method = exchange.method if exchange is not None else "GET"
    url = config.endpoint.page_url(token)
    if len(url) > _LONGEST_URL:
        return None
    words = ["curl", "-sS", "--compressed"]
    if method != "GET":
        words += ["-X", method]
    without = exchange is not None and exchange.purpose is Purpose.NO_CREDENTIALS
    if not without:
        for name, _ in config.headers:
            words += ["-H", f'"{name}: ${variable_for(name)}"']
    words.append(_quoted_url(url, config, redactor))
    return " ".join(words)


def variable_for(name: str) -> str:
    """The environment variable that stands for a header's or parameter's value."""
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in name).upper()


def _quoted_url(url: str, config: Config, redactor: Redactor) -> str:
    """The URL for a shell; a secret parameter's value is a variable, any other secret masked."""
    for name, value in config.endpoint.secret_parameters():
        url = url.replace(f"={value}", f"=\0{variable_for(name)}\0")
    parts = url.split("\0")
    if len(parts) == 1:
        return shlex.quote(redactor.text(url))
    quoted = [
        f'"${part}"' if index % 2 else shlex.quote(redactor.text(part)) if part else ""
        for index, part in enumerate(parts)
    ]
    return "".join(quoted)
