"""Logins: they end, and wrong passwords count however they come."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from broadcaster.web.access.sessions import SESSION_SECONDS, Sessions
from broadcaster.web.access.wrong_passwords import WrongPasswords
from broadcaster.web.http_server import BodyGuard

PASSWORD = "correct horse battery"


def test_a_session_ends_with_the_day_or_when_it_is_ended() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    first, second = sessions.begin(), sessions.begin()
    assert sessions.holds(first)
    assert sessions.holds_any(f"language=th; window-8322={first}")
    assert not sessions.holds_any("window-8322=made-up")
    assert not sessions.holds("")
    sessions.end(first)
    assert not sessions.holds(first)
    assert sessions.holds(second)
    now[0] = SESSION_SECONDS + 1
    assert not sessions.holds(second)


def test_a_cookie_that_was_copied_is_of_no_use_after_the_log_out(open_window: Any) -> None:
    visitor = open_window(password=PASSWORD)
    answer = visitor.post("/login", {"password": PASSWORD})
    cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    visitor.post("/logout")
    visitor.client.set_cookie("window", cookie)
    assert visitor.get("/").status_code == 303


def test_wrong_passwords_at_the_same_time_count_before_they_end() -> None:
    counter = WrongPasswords(lambda: 0.0)
    together = threading.Barrier(20)

    def attempt(_: int) -> bool:
        together.wait(60)
        return counter.begin("198.51.100.7")

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 5
    assert counter.begin("198.51.100.8")


def test_wrong_passwords_are_forgotten_and_right_ones_never_count() -> None:
    now = [0.0]
    counter = WrongPasswords(lambda: now[0])
    for wrong in (True, True, True, True, False, True):
        assert counter.begin("client")
        counter.end("client", wrong=wrong)
    assert not counter.begin("client")
    now[0] = 61.0
    assert counter.begin("client")


def test_bodies_share_a_budget() -> None:
    guard = BodyGuard(None, upload_bytes=1_000_000, budget_bytes=2_000_000)
    first, second = guard.reserve(1_000_000), guard.reserve(None)
    assert first is not None
    assert second is not None
    assert guard.reserve(300_000) is None
    assert guard.reserve(1000) is not None  # a form always has room
    first()
    assert guard.reserve(300_000) is not None
