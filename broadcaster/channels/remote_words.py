"""Words of a service as part of a reason: short, on one line, without secrets. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from checker import Redactor, cut, visible

__all__ = ["RemoteWords", "said_in"]

_LENGTH = 200
_CONSIDERED = 1000
"""What is longer is not a sentence. It is left out: masking a cut text could miss a cut secret, and
masking all of it would take longer than the call.
"""
_KINDS = 100
_SHORTEST_PRIVATE = 3
_REFERENCE = re.compile(r"[\w.:/=+-]{1,100}", re.ASCII)
_MEMBERS = (
    "message",
    "error",
    "detail",
    "title",
    "reason",
    "errmsg",
    "description",
    "error_description",
)


class RemoteWords:
    """Knows a channel's secrets.

    Reports count rows by their reason, so there are at most a hundred different words; whatever
    comes after these is left out.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._redactor = Redactor(secrets)
        self._kinds: set[str] = set()

    def __repr__(self) -> str:
        return "RemoteWords()"

    def fit(self, text: str, private: Iterable[str] = ()) -> str:
        """The text for a reason; `private` is what this one call has and others have not, such as
        its uid.
        """
        if len(text) > _CONSIDERED:
            return ""
        for value in sorted(private, key=len, reverse=True):
            if len(value) >= _SHORTEST_PRIVATE:
                text = text.replace(value, "…")
        # Masked twice: to squeeze white space may put a secret together.
        text = self._redactor.text(" ".join(self._redactor.text(text).split()))
        text = cut(visible(text), _LENGTH)
        if text not in self._kinds:
            if len(self._kinds) >= _KINDS:
                return ""
            self._kinds.add(text)
        return text

    def reference(self, text: str) -> str:
        """A request's id as the service gives it; empty for what does not look like one."""
        return self._redactor.text(text) if _REFERENCE.fullmatch(text) else ""


def said_in(body: bytes, content_type: str) -> str:
    """What a body says in JSON or in plain text, as it is; nothing of a page of HTML."""
    try:
        if "json" in content_type:
            return _said(orjson.loads(body))
        if content_type.startswith("text/plain"):
            return body.decode("utf-8")
    except ValueError:
        pass
    return ""


def _said(content: Any) -> str:
    """The member in which APIs put their sentence (RFC 9457: detail, title)."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        for name in _MEMBERS:
            value = content.get(name)
            if isinstance(value, Mapping):
                value = value.get("message")
            if isinstance(value, str) and value.strip():
                return value
    return ""
