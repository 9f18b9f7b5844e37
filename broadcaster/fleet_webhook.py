"""Tells another system what changed in a fleet, by one POST."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from broadcaster.errors import NotNow, WrongCommand
from checker import Endpoint, UsageError

__all__ = ["post"]

_TIMEOUT_SECONDS = 30.0


def post(url: str, document: Mapping[str, object]) -> None:
    """POST it as JSON. Raises WrongCommand for a URL that is none, NotNow when it is not taken;
    neither repeats the URL, which may hold a secret.
    """
    try:
        target = Endpoint.parse(url).url
    except UsageError as error:
        raise WrongCommand(f"The URL of --webhook is wrong: {error}") from None
    host = urlsplit(target).hostname
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                target, json=document, timeout=_TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            raise NotNow(
                f"The webhook at {host} was not reached ({type(error).__name__}); "
                "the changes were not told."
            ) from None
    if not 200 <= answer.status_code < 300:
        raise NotNow(f"The webhook at {host} answered {answer.status_code}.")
