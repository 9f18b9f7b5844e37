"""The form of a check: what was typed, and the job made from it. Sends and stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from broadcaster.web.config import CheckBudget
from broadcaster.web.jobs.check_job import CheckJob
from broadcaster.web.languages import _
from checker import Redactor, UsageError
from checker.api import (
    Config,
    Endpoint,
    Headers,
    Resolver,
    all_rules,
    parse_headers,
    selected,
)

__all__ = ["CheckForm", "FormError", "host_of", "masked"]

_MOST_HEADERS = 50


class FormError(Exception):
    """What was typed cannot be used; the text is one sentence for the person who typed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckForm:
    """The fields as they were typed, so that a form with an error can be shown again."""

    url: str = ""
    headers: Headers = (("", ""),)
    channel: str = ""
    token_param: str = ""
    timeout: str = ""
    retries: str = ""
    max_pages: str = ""
    slow_page: str = ""
    load: str = ""
    ignore: str = ""
    probes: bool = True
    strict: bool = False

    @classmethod
    def typed(cls, fields: MultiDict[str, str]) -> "CheckForm":
        """What a browser sent."""
        names = fields.getlist("header-name")[:_MOST_HEADERS]
        values = fields.getlist("header-value")[:_MOST_HEADERS]
        texts = (
            "url",
            "channel",
            "token_param",
            "timeout",
            "retries",
            "max_pages",
            "slow_page",
            "load",
            "ignore",
        )
        return cls(
            headers=tuple(zip(names, values, strict=False)),
            probes="probes" in fields,
            strict="strict" in fields,
            **{name: fields.get(name, "").strip() for name in texts},
        )

    def with_changed_rows(self, fields: Mapping[str, str]) -> "CheckForm | None":
        """The form with one more or one less row of headers, if a button for that was pressed."""
        if "add-header" in fields:
            return replace(self, headers=(*self.headers, ("", "")))
        if "remove-header" in fields:
            gone = fields["remove-header"]
            kept = tuple(pair for n, pair in enumerate(self.headers) if str(n) != gone)
            return replace(self, headers=kept or (("", ""),))
        return None

    @property
    def has_more_options(self) -> bool:
        """Whether one of the folded options differs from its default."""
        typed = (self.token_param, self.timeout, self.retries, self.max_pages, self.slow_page)
        return any((*typed, self.load, self.ignore, self.strict, not self.probes))

    def job(self, budget: CheckBudget, resolver: Resolver) -> CheckJob:
        """The check. Raises FormError."""
        try:
            config = self._config(budget, resolver)
            selected(config, all_rules())
        except UsageError as error:
            raise FormError(str(error)) from None
        return CheckJob(endpoint=masked(config), host=host_of(config.endpoint.url), config=config)

    def _config(self, budget: CheckBudget, resolver: Resolver) -> Config:
        return Config(
            endpoint=Endpoint.parse(self.url, self.token_param or "next"),
            headers=parse_headers([pair for pair in self.headers if pair[0].strip() or pair[1]]),
            channel=self.channel or None,
            probes=self.probes,
            strict=self.strict,
            timeout_seconds=_number(
                self.timeout,
                min(30.0, budget.timeout_seconds),
                budget.timeout_seconds,
                _("Timeout of one request, in seconds"),
            ),
            retries=int(_number(self.retries, 2, 10, _("Retries"), whole=True)),
            max_pages=int(
                _number(
                    self.max_pages,
                    budget.max_pages,
                    budget.max_pages,
                    _("Maximum pages"),
                    whole=True,
                )
            ),
            slow_page_seconds=_number(
                self.slow_page, 2.0, 3600, _("A page is slow after this many seconds")
            ),
            load=int(
                _number(self.load, 0, budget.max_load, _("Parallel crawls (load test)"), whole=True)
            ),
            ignore=tuple(self.ignore.replace(",", " ").split()),
            body_limit_bytes=budget.body_limit_bytes,
            resolver=resolver,
        )


def host_of(url: str) -> str:
    """The host of an endpoint, the same for each spelling; empty for what is not a URL."""
    try:
        return (urlsplit(Endpoint.parse(url).url).hostname or "").rstrip(".")
    except UsageError:
        return ""


def masked(config: Config) -> str:
    """The endpoint as it may be shown and stored."""
    return Redactor(config.all_secrets()).text(config.endpoint.url)


def _number(typed: str, usual: float, most: float, label: str, *, whole: bool = False) -> float:
    if not typed:
        return usual
    try:
        number = float(int(typed)) if whole else float(typed)
    except ValueError:
        raise FormError(_("“%(label)s” must be a number.", label=label)) from None
    if not number <= most:
        raise FormError(
            _("“%(label)s” can be at most %(most)s here.", label=label, most=f"{most:g}")
        )
    return number
