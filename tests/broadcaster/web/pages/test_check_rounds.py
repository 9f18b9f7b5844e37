"""Check again and broadcast from a check: with its headers, which leave the server for nobody."""

import json
from typing import Any

import pytest
from answering import Answer, Asked, Server
from window_kit import ended

from broadcaster.web.jobs.short_memory import ShortMemory

SECRET = "Bearer Zq8-secret-71"
UID = "U" + "0" * 32


@pytest.fixture
def endpoint() -> Any:
    """Answers with its `rows` whoever has the secret; `seen` are the headers that came."""
    server: Any = Server()
    server.rows, server.seen = [], []

    def answer(asked: Asked) -> Answer:
        server.seen.append(asked.headers.get("Authorization"))
        if asked.headers.get("Authorization") != SECRET:
            return Answer(b"{}", 401)
        if asked.method != "GET":
            return Answer(b"", 405, {"Allow": "GET"})
        if asked.token:
            return Answer(b"{}", 400)
        return Answer(json.dumps({"list": server.rows, "next": ""}).encode())

    server.answer = answer
    yield server
    server.close()


def checked(visitor: Any, url: str) -> str:
    fields = {"header-name": "Authorization", "header-value": SECRET}
    name: str = visitor.start(url, **fields)
    visitor.wait(name)
    return name


def again(visitor: Any, name: str) -> str:
    answer = visitor.post(f"/checks/{name}/again")
    assert answer.status_code == 303
    after: str = answer.headers["Location"].rpartition("/")[2]
    visitor.wait(after)
    return after


def facts(page: str) -> dict[str, str]:
    section = page.partition('id="compared"')[2].partition("</section>")[0]
    pairs = [part.partition("</dt>") for part in section.split("<dt>")[1:]]
    return {head.partition(":")[0]: rest for head, _, rest in pairs}


def test_a_round_says_what_is_fixed_new_and_remains(visitor: Any, endpoint: Any) -> None:
    endpoint.rows = [{"uid": 1, "msg": "a"}, {"uid": 2, "msg": "b"}, {"uid": "", "msg": "c"}]
    first = checked(visitor, endpoint.url)
    assert 'id="compared"' not in visitor.get(f"/checks/{first}").text
    endpoint.rows = [{"uid": 1, "msg": "a"}, {"uid": UID, "msg": ""}]
    second = again(visitor, first)
    page = visitor.get(f"/checks/{second}").text
    told = facts(page)
    assert "ROW004" in told["Fixed"]
    assert "ROW007" in told["New"]
    assert "ROW003" in told["Remaining"]
    assert "(2 → 1)" in told["Remaining"]
    endpoint.rows = [{"uid": UID, "msg": "a"}]
    third = again(visitor, second)
    page = visitor.get(f"/checks/{third}").text
    assert "ROW003" in facts(page)["Fixed"]
    rounds = page.partition("Earlier checks of this endpoint")[2]
    assert rounds.index(second) < rounds.index(first)
    assert SECRET not in page


def test_a_check_of_another_endpoint_is_no_round(visitor: Any, endpoint: Any) -> None:
    checked(visitor, endpoint.url)
    other = checked(visitor, f"{endpoint.url}?shop=2")
    assert "Earlier checks" not in visitor.get(f"/checks/{other}").text


def test_a_broadcast_from_a_check_has_its_headers_and_shows_them_to_nobody(
    visitor: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.rows = [{"uid": UID, "msg": "a"}]
    name = checked(visitor, endpoint.url)
    link = f"/broadcasts/new?check={name}"
    assert f'href="{link}"' in visitor.get(f"/checks/{name}").text
    form = visitor.get(link).text
    assert f'value="{endpoint.url}"' in form
    assert "Authorization" in form
    assert "Zq8" not in form
    via = visitor.queues.sends.channels[0]
    answer = visitor.post("/broadcasts", {"url": endpoint.url, "via": via, "check": name})
    broadcast = answer.headers["Location"].rpartition("/")[2]
    ended(visitor.queues.loads, broadcast)
    assert "<h1>Ready to be sent</h1>" in visitor.get(f"/broadcasts/{broadcast}").text


def test_the_headers_of_a_check_go_to_no_other_endpoint(visitor: Any, endpoint: Any) -> None:
    endpoint.rows = [{"uid": UID, "msg": "a"}]
    name = checked(visitor, endpoint.url)
    endpoint.seen.clear()
    via = visitor.queues.sends.channels[0]
    url = f"{endpoint.url}?other=1"
    answer = visitor.post("/broadcasts", {"url": url, "via": via, "check": name})
    ended(visitor.queues.loads, answer.headers["Location"].rpartition("/")[2])
    assert set(endpoint.seen) == {None}


def test_what_is_forgotten_is_asked_for_again(visitor: Any, endpoint: Any) -> None:
    via = visitor.queues.sends.channels[0]
    answer = visitor.post("/broadcasts", {"url": endpoint.url, "via": via, "check": "gone"})
    assert answer.status_code == 422
    assert "no longer in memory" in answer.text
    assert visitor.post("/checks/gone/again").status_code == 404


def test_values_are_forgotten_after_half_an_hour_and_the_oldest_first() -> None:
    now = [0.0]
    memory = ShortMemory[int](lambda: now[0])
    memory.put("a", 1)
    now[0] = 1799.0
    assert memory.get("a") == 1
    now[0] = 1801.0
    assert memory.get("a") is None
    for number in range(201):
        memory.put(str(number), number)
    assert memory.get("0") is None
    assert memory.get("200") == 200
