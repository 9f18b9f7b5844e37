"""What the control API tells and sets, and what a person sees at `/`."""

import json
from collections.abc import Callable
from typing import Any

import html5lib
import pytest
from line_client import ANA, BEN, CHO, LineClient, a_key

from mockserver.line_api.inboxes import text_digest

Start = Callable[..., LineClient]
NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def page(client: LineClient, **query: Any) -> str:
    answer = client.session.get(client.server.url, params=query, timeout=30)
    assert answer.status_code == 200
    return answer.text


def users_shown(text: str) -> list[str]:
    tree = html5lib.parse(text)
    return ["".join(each.itertext()) for each in tree.iter(f"{NAMESPACE}h2")]


def test_the_summary_counts(client: LineClient) -> None:
    client.push(ANA, key=a_key(1))
    client.push(ANA, key=a_key(1))
    client.push(BEN)
    client.push(BEN, Authorization=None)
    client.multicast([ANA, BEN, CHO], key=a_key(2))
    summary = client.summary()
    assert summary["requests"] == 5
    assert summary["by_status"] == {"200": 3, "401": 1, "409": 1}
    assert (summary["effects"], summary["users"], summary["keys"]) == (5, 3, 2)
    assert summary == client.server.summary()


def test_the_peak_rate_is_that_of_any_second(start: Start) -> None:
    now = [0.0]
    client = start(clock=lambda: now[0])
    for at in (0.0, 0.5, 0.9, 1.4, 5.0):
        now[0] = at
        client.multicast([ANA, BEN])
    assert client.summary()["peak_rate"] == 6  # 0.5, 0.9 and 1.4


def test_effects_in_pages(client: LineClient) -> None:
    ids = [f"U{number:032x}" for number in range(7)]
    client.multicast(ids)
    client.push(ids[0], "again")
    first = client.get("/_control/effects", limit=5)
    second = client.get("/_control/effects", limit=5, after=first["next"])
    assert second["next"] is None
    users = first["users"] + second["users"]
    assert [user["uid"] for user in users] == ids
    assert users[0]["texts"] == ["hello", "again"]
    assert users[0]["count"] == 2
    assert users[0]["digest"] == f"{text_digest(['again', 'hello']):016x}"


def test_effects_of_one_user(client: LineClient) -> None:
    client.push(ANA, "hello")
    [user] = client.get("/_control/effects", uid=ANA)["users"]
    assert (user["uid"], user["texts"]) == (ANA, ["hello"])
    assert client.get("/_control/effects", uid=BEN)["users"] == []


def test_effects_streamed(client: LineClient) -> None:
    ids = [f"U{number:032x}" for number in range(1234)]
    for begin in range(0, len(ids), 500):
        client.multicast(ids[begin : begin + 500])
    answer = client.session.get(
        f"{client.server.url}/_control/effects", params={"format": "jsonl"}, timeout=30
    )
    assert [json.loads(line)["uid"] for line in answer.text.splitlines()] == ids


def test_without_texts_counts_and_digests_remain(start: Start) -> None:
    client = start(keep_texts=False)
    client.push(ANA, "one")
    client.push(ANA, "two")
    [user] = client.get("/_control/effects")["users"]
    assert "texts" not in user
    assert (user["count"], user["digest"]) == (2, f"{text_digest(['two', 'one']):016x}")
    assert client.server.counts() == {ANA: 2}
    assert "keeps no texts" in page(client)
    assert users_shown(page(client, q=ANA)) == [ANA]
    assert users_shown(page(client, q="one")) == []


def test_keys(client: LineClient) -> None:
    client.push(key=a_key(1))
    client.push(key=a_key(1))
    client.push("x", key=a_key(2))
    keys = client.get("/_control/keys")["keys"]
    assert keys == [
        {"key": a_key(1), "attempts": 2, "effects": 1},
        {"key": a_key(2), "attempts": 1, "effects": 0},
    ]
    paged = client.get("/_control/keys", limit=1, after=1)
    assert (paged["keys"], paged["next"]) == (keys[1:], None)


def test_a_reset_forgets_what_came_and_keeps_the_settings(client: LineClient) -> None:
    client.control("limits", monthly=100)
    client.control("clock", advance_seconds=10)
    client.push(key=a_key())
    client.webhook({"uid": "a"})
    assert client.control("reset").json() == {}
    summary = client.summary()
    assert (summary["requests"], summary["effects"], summary["keys"]) == (0, 0, 0)
    assert summary["webhook"]["effects"] == 0
    assert client.get("/_control/limits")["monthly"] == 100
    assert client.get("/_control/clock")["advanced_seconds"] == 10
    assert client.push(key=a_key()).status_code == 200


def test_faults_are_replaced_whole_and_limits_one_by_one(client: LineClient) -> None:
    client.control("faults", answer_lost=0.5, seed=3)
    assert client.control("faults", slow=0.25).json()["answer_lost"] == 0
    assert client.get("/_control/faults")["slow"] == 0.25
    client.control("limits", rate=7)
    assert client.control("limits", concurrency=5).json()["rate"] == 7


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("faults", {"nothing": 1}, "unknown setting 'nothing'"),
        ("faults", {"answer_lost": 2}, "answer_lost must be a probability"),
        ("limits", {"rate": -1}, "rate must be 0 or more"),
        ("limits", {"monthly": "many"}, "monthly must be a whole number or null"),
        ("clock", {}, "send {'advance_seconds'"),
        ("clock", {"advance_seconds": -1}, "send {'advance_seconds'"),
        ("reset", [], "send a JSON object"),
        ("faults", b"{", "not JSON"),
        ("faults", {"\n": "\r\n"}, "unknown setting"),
    ],
)
def test_wrong_settings_are_one_sentence_and_change_nothing(
    client: LineClient, name: str, content: Any, sentence: str
) -> None:
    before = [client.get(f"/_control/{each}") for each in ("faults", "limits")]
    answer = client.post(f"/_control/{name}", content)
    assert answer.status_code == 400
    assert sentence in answer.json()["message"]
    assert [client.get(f"/_control/{each}") for each in ("faults", "limits")] == before


def test_a_page_of_another_origin_can_set_nothing(client: LineClient) -> None:
    answer = client.post("/_control/reset", {}, Content_Type="text/plain")
    assert answer.status_code == 400


@pytest.mark.parametrize("query", [{"of": "mail"}, {"after": "-1"}, {"limit": "many"}])
def test_wrong_questions(client: LineClient, query: dict[str, str]) -> None:
    url = f"{client.server.url}/_control/effects"
    assert client.session.get(url, params=query, timeout=30).status_code == 400


def test_the_page_shows_the_newest_first(client: LineClient) -> None:
    assert "Nobody has received anything yet" in page(client)
    for uid in (ANA, BEN, CHO, ANA):
        client.push(uid)
    assert users_shown(page(client)) == [ANA, CHO, BEN]


def test_the_page_finds_users_and_texts(client: LineClient) -> None:
    client.push(ANA, "Your order is on its way")
    client.push(BEN, "Straße")
    assert users_shown(page(client, q="ORDER")) == [ANA]
    assert users_shown(page(client, q="STRASSE")) == [BEN]
    assert users_shown(page(client, q=ANA[:9])) == [ANA]
    assert "No user has that id" in page(client, q="nothing")


def test_the_page_has_pages(client: LineClient) -> None:
    client.multicast([f"U{number:032x}" for number in range(120)])
    first, last = page(client), page(client, start=100)
    assert len(users_shown(first)) == 50
    assert "start=50" in first
    assert len(users_shown(last)) == 20
    assert "Newer" in last
    assert "Older" not in last


def test_hostile_texts_stay_texts(start: Start) -> None:
    client = start(any_ids=True)
    hostile = "</bdi><script>alert(1)</script>\x00\x1b[31m\u202e"
    client.push('"><img src=x onerror=alert(1)>', hostile)
    shown = page(client, q='"><script>')
    assert "<script" not in shown
    shown = page(client)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "\x00" not in shown
    assert "\x1b" not in shown
    [item] = list(html5lib.parse(shown).iter(f"{NAMESPACE}li"))
    assert "</bdi><script>alert(1)</script>\u2400\u241b[31m\u202e" in "".join(item.itertext())


def test_the_page_runs_no_script_and_loads_nothing_foreign(client: LineClient) -> None:
    answer = client.session.get(client.server.url, timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "script-src" not in policy
    assert "style=" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    style = client.session.get(f"{client.server.url}/inboxes.css", timeout=30)
    assert style.headers["Content-Type"].startswith("text/css")


def test_the_page_refreshes_if_asked(client: LineClient) -> None:
    assert "http-equiv" not in page(client)
    assert '<meta http-equiv="refresh" content="5">' in page(client, refresh=5)


def test_the_page_bears_any_time(start: Start) -> None:
    client = start(clock=lambda: 1e18)
    assert client.push(key=a_key()).status_code == 200
    assert "at an unknown time" in page(client)


def test_the_page_of_webhooks(client: LineClient) -> None:
    client.webhook({"uid": "ana", "msg": "hello"})
    client.webhook({"other": 1})
    assert users_shown(page(client, of="webhook")) == ["(no id)", "ana"]
    assert users_shown(page(client)) == []
