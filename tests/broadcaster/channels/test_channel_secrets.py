"""No reason, reference or name holds a secret, whatever the other side sends back."""

import base64
import json
from urllib.parse import quote

from channel_kit import call_of, send_all
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scripted import ScriptedServer, reply

from broadcaster.channels import open_channel
from broadcaster.channels.base import Answer
from broadcaster.channels.remote_words import RemoteWords
from checker import visible

TOKEN = "kR3y/T0k3n+of=LINE" * 9
HEADER = "Basic " + base64.b64encode(b"me:pass word+word").decode()
KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
IN_PATH = "XyZ12345678901234567"
IN_QUERY = "q9-hunter2"
LINE_SECRETS = [TOKEN]
WEBHOOK_SECRETS = [HEADER.removeprefix("Basic "), "pass word+word", KEY, IN_PATH, IN_QUERY]
WAYS = [
    lambda secret: secret,
    lambda secret: quote(secret, safe=""),
    lambda secret: json.dumps(secret)[1:-1].replace("o", "\\u006f"),
    lambda secret: base64.b64encode(b"x" + secret.encode()).decode(),
    lambda secret: secret.encode().hex(),
    lambda secret: secret.replace(" ", "  \n"),
]
ECHOES = st.builds(
    lambda before, secret, way, after: before + way(secret) + after,
    st.text(st.characters(codec="utf-8"), max_size=300),
    st.sampled_from([*LINE_SECRETS, *WEBHOOK_SECRETS, HEADER, "whsec_" + KEY]),
    st.sampled_from(WAYS),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
STATUSES = st.sampled_from([200, 301, 400, 401, 404, 409, 422, 429, 500, 503])


def texts(answer: Answer) -> str:
    return f"{answer.reason} {answer.reference}"


def held(text: str, secrets: list[str]) -> list[str]:
    """The secrets of which eight characters in a row, in any of the ways, are in the text."""
    return [
        secret
        for secret in secrets
        for written in (secret, base64.b64encode(secret.encode()).decode(), secret.encode().hex())
        if any(written[at : at + 8] in text for at in range(len(written) - 7))
    ]


def answer_to(scripted: ScriptedServer, echo: str, status: int, spec: str) -> Answer:
    body = json.dumps({"message": echo, "details": [{"message": echo}]}).encode()
    headers = {"X_Request_Id": "", "x_line_request_id": "", "Retry_After": "", "Location": ""}
    if echo.isascii() and echo.isprintable():
        headers = dict.fromkeys(headers, echo.strip())
    scripted.answer = lambda request: reply(
        status, body, Content_Type="application/json", **headers
    )
    environ = {
        "BROADCAST_LINE_TOKEN": TOKEN,
        "BROADCAST_LINE_BASE_URL": scripted.url,
        "BROADCAST_WEBHOOK_HEADERS": f"Authorization: {HEADER}",
        "BROADCAST_WEBHOOK_SECRET": f"whsec_{KEY}",
    }
    channel = open_channel(spec, environ=environ)
    [answer] = send_all(channel, [call_of(channel)])
    return answer


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(ECHOES, STATUSES)
@example(f"{TOKEN} {HEADER}", 400)
@example(TOKEN, 200)
def test_a_server_that_echoes_a_secret_does_not_get_it_into_a_reason(
    scripted: ScriptedServer, echo: str, status: int
) -> None:
    webhook = f"webhook:{scripted.url}/{IN_PATH}?a={IN_QUERY}"
    for spec, secrets in (("line", LINE_SECRETS), (webhook, WEBHOOK_SECRETS)):
        answer = answer_to(scripted, echo, status, spec)
        assert held(texts(answer), secrets) == []
        assert visible(texts(answer)) == texts(answer)
        assert len(answer.reason) < 600


@given(st.text(), st.lists(st.text(max_size=8), max_size=3))
def test_words_are_one_short_printable_line(text: str, private: list[str]) -> None:
    words = RemoteWords([TOKEN]).fit(text, private)
    assert len(words) <= 200
    assert len(words.splitlines()) <= 1
    assert not any(value in words for value in private if len(value) > 2 and "…" not in value)
