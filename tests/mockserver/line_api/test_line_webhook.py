"""The sink for webhooks: one effect for each idempotency key, and signatures that are checked."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import pytest
from line_client import LineClient, a_key

from mockserver import MockError
from mockserver.line_api import Faults, Limits, LineConfig

Start = Callable[..., LineClient]
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four ").decode()
BODY = json.dumps({"uid": "ana", "msg": "hello"}).encode()


def signed(body: bytes, *, at: float | None = None, key: bytes = b"") -> dict[str, str]:
    """The headers as the Standard Webhooks specification asks for them."""
    moment = str(int(time.time() if at is None else at))
    content = b"m1." + moment.encode() + b"." + body
    key = key or base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook_id": "m1",
        "webhook_timestamp": moment,
        "webhook_signature": f"v1a,abc v1,{digest}",
    }


def test_any_json_is_taken(client: LineClient) -> None:
    for content in ({"uid": "ana", "msg": "hello"}, [1, 2], "text", None, {"uid": 7}):
        assert client.webhook(content).status_code == 200
    assert client.server.effects("webhook") == {
        "ana": ["hello"],
        "": ["[1, 2]", '"text"', "null", '{"uid": 7}'],
    }
    assert client.server.effects() == {}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_what_is_not_json_is_refused(client: LineClient, body: bytes) -> None:
    assert client.webhook(body).status_code == 400
    assert client.summary()["webhook"]["effects"] == 0


def test_a_key_has_one_effect(client: LineClient) -> None:
    first = client.webhook(BODY, Idempotency_Key="a")
    second = client.webhook(BODY, Idempotency_Key="a")
    other = client.webhook(BODY, Idempotency_Key="b")
    assert [each.status_code for each in (first, second, other)] == [200] * 3
    assert [each.json()["repeated"] for each in (first, second, other)] == [False, True, False]
    assert client.server.counts("webhook") == {"ana": 2}
    assert client.get("/_control/keys", of="webhook")["keys"] == [
        {"key": "a", "attempts": 2, "effects": 1},
        {"key": "b", "attempts": 1, "effects": 1},
    ]


def test_the_same_key_for_something_else_is_a_violation(client: LineClient) -> None:
    client.webhook(BODY, Idempotency_Key="a")
    assert client.webhook({"uid": "ben"}, Idempotency_Key="a").status_code == 422
    summary = client.summary()["webhook"]
    assert (summary["violations"], summary["effects"]) == (1, 1)


def test_the_id_of_standard_webhooks_is_a_key(client: LineClient) -> None:
    assert not client.webhook(BODY, webhook_id="m").json()["repeated"]
    assert client.webhook(BODY, webhook_id="m").json()["repeated"]


def test_without_a_key_each_is_an_effect(client: LineClient) -> None:
    assert [client.webhook(BODY).status_code for _ in range(2)] == [200] * 2
    assert client.server.counts("webhook") == {"ana": 2}


def test_a_sink_that_ignores_keys_counts_each(start: Start) -> None:
    client = start(honour_idempotency_key=False)
    for _ in range(3):
        assert not client.webhook(BODY, Idempotency_Key="a").json()["repeated"]
    assert client.server.counts("webhook") == {"ana": 3}
    assert client.summary()["webhook"]["most_effects_of_a_key"] == 3


def test_a_right_signature(start: Start) -> None:
    client = start(webhook_secret=SECRET)
    assert client.webhook(BODY, **signed(BODY)).status_code == 200
    assert client.summary()["webhook"]["signatures"] == {"valid": 1}


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({}, "missing"),
        (signed(BODY + b" "), "invalid"),
        (signed(BODY, key=b"another"), "invalid"),
        (signed(BODY) | {"webhook_id": "m2"}, "invalid"),
        (signed(BODY) | {"webhook_signature": "v1,"}, "invalid"),
        (signed(BODY) | {"webhook_signature": "é"}, "invalid"),
        (signed(BODY, at=1_000_000_000), "too old"),
        (signed(BODY) | {"webhook_signature": ""}, "missing"),
    ],
)
def test_a_wrong_signature_is_401(start: Start, headers: dict[str, str], verdict: str) -> None:
    client = start(webhook_secret=SECRET)
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert client.webhook(BODY, **encoded).status_code == 401
    summary = client.summary()["webhook"]
    assert summary["signatures"] == {verdict: 1}
    assert (summary["effects"], summary["keys"]) == (0, 0)


def test_without_a_secret_signatures_are_recorded(client: LineClient) -> None:
    headers = signed(BODY)
    assert client.webhook(BODY, **headers, Idempotency_Key="a").status_code == 200
    [seen] = client.get("/_control/webhooks")["newest_first"]
    assert seen["webhook-id"] == "m1"
    assert seen["webhook-signature"] == headers["webhook_signature"]
    assert seen["idempotency-key"] == "a"
    assert seen["verdict"] == "unchecked"


def test_faults_and_limits_hold_here_too(start: Start) -> None:
    client = start(faults=Faults(error_after=1.0, times=1), limits=Limits(rate=2), clock=lambda: 0)
    assert client.webhook(BODY, Idempotency_Key="a").status_code == 500
    assert client.webhook(BODY, Idempotency_Key="a").json()["repeated"]
    assert client.webhook(BODY, Idempotency_Key="a").status_code == 429
    assert client.server.counts("webhook") == {"ana": 1}


def test_the_limit_of_concurrency_holds_here_too(start: Start) -> None:
    client = start(faults=Faults(hang_before=1.0), limits=Limits(concurrency=1))
    with client.push_and_not_read(a_key()):
        client.wait_for_in_flight(1)
        assert client.webhook(BODY).status_code == 429


def test_a_secret_that_is_no_base64() -> None:
    with pytest.raises(MockError, match="the webhook secret must be 'whsec_' and base64"):
        LineConfig(webhook_secret="whsec_?")
