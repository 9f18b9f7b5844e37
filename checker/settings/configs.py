"""From what a command asks for to the checks that it means: of a URL, a name, or every name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.core.config import Config
from checker.core.errors import UsageError
from checker.core.model import Headers
from checker.settings.file import SettingsFile, settings_file
from checker.settings.precedence import config_from, merged_headers
from checker.settings.variables import PREFIX, from_environment, substituted

__all__ = ["Asked", "every_config", "one_config"]

_NAME = re.compile(r"[\w-]+\Z")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line says; `given` are the settings that it gives, by their names."""

    target: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    headers: Headers = ()
    file: str | None = None
    use_file: bool = True
    show_data: bool = False


def one_config(asked: Asked, environment: Mapping[str, str]) -> Config:
    """The check of one endpoint, given by its URL or its name. Raises UsageError."""
    file = _file_of(asked, environment)
    if "://" not in asked.target and _NAME.match(asked.target):
        return _named(asked.target, file, asked, environment)
    layers = [asked.given, from_environment(environment), _resolved(file.defaults, file)]
    return config_from(asked.target, asked.headers, layers, show_data=asked.show_data)


def every_config(asked: Asked, environment: Mapping[str, str]) -> dict[str, Config]:
    """The checks of all endpoints that the file names, in its order. Raises UsageError."""
    file = _file_of(asked, environment)
    if not file.endpoints:
        lacking = (
            "There is no settings file" if file.path is None else f"{file.path.name} names none"
        )
        raise UsageError(
            f"{lacking}: --all checks the endpoints of a settings file, "
            "each in a table such as [endpoints.orders] with its url."
        )
    return {name: _named(name, file, asked, environment) for name in file.endpoints}


def _file_of(asked: Asked, environment: Mapping[str, str]) -> SettingsFile:
    named = asked.file
    if named is None and asked.use_file:
        named = environment.get(f"{PREFIX}CONFIG") or None
    return settings_file(named, wanted=asked.use_file)


def _named(name: str, file: SettingsFile, asked: Asked, environment: Mapping[str, str]) -> Config:
    endpoint = dict(file.endpoint(name))
    url, secrets = _url(str(endpoint.pop("url")), file, name, environment)
    headers = merged_headers(
        asked.headers, _headers(endpoint.pop("headers", {}), file, name, environment)
    )
    layers = [
        asked.given,
        from_environment(environment),
        _resolved(endpoint, file),
        _resolved(file.defaults, file),
    ]
    try:
        return config_from(url, headers, layers, secrets=secrets, show_data=asked.show_data)
    except UsageError as error:
        raise UsageError(f"{file.where(('endpoints', name))}: {error}") from None


def _url(
    text: str, file: SettingsFile, name: str, environment: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The URL, and what variables put into its query, where only secrets would come from one."""
    path = ("endpoints", name, "url")
    where = f"{file.where(path)}: {'.'.join(path)}"
    address, mark, query = text.partition("?")
    query, secrets = substituted(query, environment, where)
    return substituted(address, environment, where)[0] + mark + query, secrets


def _headers(
    headers: Mapping[str, str], file: SettingsFile, name: str, environment: Mapping[str, str]
) -> Headers:
    found = []
    for header, text in headers.items():
        path = ("endpoints", name, "headers", header)
        where = f"{file.where(path)}: {'.'.join(path)}"
        found.append((header, substituted(text, environment, where)[0]))
    return tuple(found)


def _resolved(layer: Mapping[str, Any], file: SettingsFile) -> dict[str, Any]:
    """A layer of the file: whole numbers as such, paths as seen from the file."""
    found = dict(layer)
    if "ca-bundle" in found and file.path is not None:
        found["ca-bundle"] = str(file.path.parent / found["ca-bundle"])
    if "probe-methods" in found:
        found["probe-methods"] = [method.upper() for method in found["probe-methods"]]
    for key in ("body-limit", "load", "max-empty-pages", "max-pages", "retries"):
        if key in found:
            found[key] = int(found[key])  # a schema's integer may be written as 2.0
    return found
