"""Who wins: the command line over the environment over the endpoint's part of the file over the
rest of the file over the defaults, setting by setting. Pure.

Three settings are made of parts: a layer that selects forgets what the layers below it select and
ignore; ignored rules add up; of headers with one name the highest layer's is sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from checker.core.config import Config, parse_headers
from checker.core.endpoint import Endpoint
from checker.core.model import Headers

__all__ = ["config_from", "merged", "merged_headers"]

_FIELDS = {
    "body-limit": "body_limit_bytes",
    "delay": "delay_seconds",
    "slow-page": "slow_page_seconds",
    "timeout": "timeout_seconds",
}
_ADDRESS = frozenset({"token-param", "ignore"})


def merged(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One layer made of all, the highest given first."""
    result: dict[str, Any] = {}
    for layer in reversed(layers):
        ignored = [] if "select" in layer else result.get("ignore", [])
        result |= layer
        result["ignore"] = [*ignored, *layer.get("ignore", [])]
    return result


def merged_headers(above: Headers, below: Headers) -> Headers:
    """Each name once, whatever its case; the order is that of the lower layer."""
    named = {name.lower() for name, _ in above}
    return (*(pair for pair in below if pair[0].lower() not in named), *above)


def config_from(
    url: str,
    headers: Headers,
    layers: Sequence[Mapping[str, Any]],
    *,
    secrets: Sequence[str] = (),
    show_data: bool = False,
) -> Config:
    """What is to be checked. Raises UsageError."""
    settings = merged(layers)
    items = settings["ignore"]
    values: dict[str, Any] = {
        _FIELDS.get(key, key.replace("-", "_")): tuple(value) if isinstance(value, list) else value
        for key, value in settings.items()
        if key not in _ADDRESS
    }
    return Config(
        endpoint=Endpoint.parse(url, settings.get("token-param", "next")),
        headers=parse_headers(headers),
        ignore=tuple(item if isinstance(item, str) else item["rule"] for item in items),
        ignore_reasons=tuple(
            (item["rule"], item["reason"]) for item in items if not isinstance(item, str)
        ),
        secrets=tuple(secrets),
        show_data=show_data,
        **values,
    )
