"""What is listed newest first is listed whole, piece by piece, each once."""

from broadcaster.store import Store


def test_all_broadcasts_are_listed_however_many(store: Store) -> None:
    made = [store.broadcasts.create(now=1.0).id for _ in range(405)]
    assert [one.id for one in store.broadcasts.each()] == made[::-1]


def test_a_report_is_read_only_where_it_is_wanted(store: Store) -> None:
    number = store.broadcasts.create(now=1.0).number
    store.loads.begin(number, "loader", until=9.0, now=1.0)
    store.loads.block(number, "loader", "", {"verdict": "fail"}, 2.0)
    assert [one.report for one in store.broadcasts.each()] == [None]
    assert [one.report for one in store.broadcasts.each(reports=True)] == [{"verdict": "fail"}]


def test_broadcasts_are_listed_before_one_and_after_one(store: Store) -> None:
    made = [store.broadcasts.create(now=1.0).number for _ in range(7)]

    def numbers(**place: int) -> list[int]:
        return [one.number for one in store.broadcasts.newest(3, **place)]

    assert numbers() == [made[6], made[5], made[4]]
    assert numbers(before=made[4]) == [made[3], made[2], made[1]]
    assert numbers(after=made[1]) == [made[4], made[3], made[2]]
    assert numbers(after=made[5]) == [made[6]]
    assert numbers(before=made[0]) == []


def test_checks_of_one_moment_are_each_listed_once(store: Store) -> None:
    made = {store.checks.begin("http://a.example/", "", 5.0) for _ in range(9)}
    made |= {store.checks.begin("http://a.example/", "", at) for at in (4.0, 6.0)}
    down, before = [], None
    while found := store.checks.newest(2, before=before):
        down += [one.id for one in found]
        before = (found[-1].created_at, found[-1].id)
    up, after = [], before
    while found := store.checks.newest(2, after=after):
        up += [one.id for one in reversed(found)]
        after = (found[0].created_at, found[0].id)
    assert set(down) == made
    assert len(down) == len(made)
    assert up == down[-2::-1]
