"""Every broadcast and every check is reached by links, newest first, also while others come."""

import re
from typing import Any

import pytest

from broadcaster.web.pages.paging import ON_A_PAGE

COUNT = 2 * ON_A_PAGE + 7


def begin(visitor: Any, kind: str, number: int) -> str:
    """One more in the history; gives its id."""
    if kind == "checks":
        # two at each moment, as when several begin at once
        return str(visitor.store.checks.begin("http://api.example/", "", number // 2 + 0.25))
    return str(visitor.store.broadcasts.create(now=1.0, endpoint="http://api.example/").id)


def listed(page: str, kind: str) -> list[str]:
    return list(re.findall(rf'<td[^>]*><a href="/{kind}/([\w-]+)"', page))


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'<a href="([^"]*)" rel="{rel}"', page)
    return found and found[1].replace("&amp;", "&")


@pytest.mark.parametrize("kind", ["broadcasts", "checks"])
def test_all_are_reached_by_links_while_others_come(visitor: Any, kind: str) -> None:
    made = {begin(visitor, kind, number) for number in range(COUNT)}
    page = visitor.get(f"/{kind}").text
    seen, pages = listed(page, kind), [page]
    assert link(page, "prev") is None
    while (address := link(page, "next")) is not None:
        begin(visitor, kind, COUNT + len(pages))  # which shifts nothing
        page = visitor.get(address).text
        seen += listed(page, kind)
        pages.append(page)
    assert len(pages) == 3
    assert set(seen) == made
    assert len(seen) == COUNT


@pytest.mark.parametrize("kind", ["broadcasts", "checks"])
def test_the_way_back_shows_the_same_pages_and_ends_on_a_whole_one(visitor: Any, kind: str) -> None:
    for number in range(COUNT):
        begin(visitor, kind, number)
    first = visitor.get(f"/{kind}").text
    second = visitor.get(link(first, "next")).text
    third = visitor.get(link(second, "next")).text
    back = visitor.get(link(third, "prev")).text
    assert listed(back, kind) == listed(second, kind)
    assert listed(visitor.get(link(back, "prev")).text, kind) == listed(first, kind)
    newer = {begin(visitor, kind, COUNT + 1 + number) for number in range(2)}
    again = visitor.get(link(back, "prev")).text
    assert listed(again, kind) == listed(first, kind)
    assert newer < set(listed(visitor.get(link(again, "prev")).text, kind))


@pytest.mark.parametrize("kind", ["broadcasts", "checks"])
@pytest.mark.parametrize("place", ["", "x", "~", "nan~a", "inf~a", "1", "1~", "-5"])
def test_a_place_that_is_none_shows_a_page(visitor: Any, kind: str, place: str) -> None:
    begin(visitor, kind, 0)
    for name in ("before", "after"):
        assert visitor.get(f"/{kind}?{name}={place}").status_code == 200
