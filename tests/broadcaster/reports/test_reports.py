"""The report's two formats, over any rows."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import Broadcast, BroadcastState, DeliveryState
from broadcaster.reports.csv_report import csv_lines
from broadcaster.reports.html_report import html_parts
from broadcaster.store.outcomes import OTHER_REASONS, Cause, Outcome

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def an_outcome(row: int, uid: str, msg: str, reason: str | None = "never") -> Outcome:
    return Outcome(
        row=row,
        uid=uid,
        msg=msg,
        state=DeliveryState.REFUSED,
        attempt=1,
        reason=reason,
        reference=None,
        answered_at=0.0,
        not_before=None,
    )


def a_broadcast(rows: int) -> Broadcast:
    return Broadcast(
        number=1,
        id="0123456789abcdef",
        state=BroadcastState.DONE,
        created_at=0.0,
        updated_at=0.0,
        rows=rows,
        counts={DeliveryState.REFUSED: rows},
        endpoint="https://api.example/?a=<b>",
    )


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_csv_keeps_every_cell_and_none_begins_a_formula(rows: list[tuple[str, str]]) -> None:
    outcomes = [an_outcome(number, uid, msg) for number, (uid, msg) in enumerate(rows)]
    text = "".join(csv_lines(outcomes, show_data=True))
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(found) == len(rows)
    for (uid, msg), cells in zip(rows, found, strict=True):
        for wanted, cell in ((uid, cells["uid"]), (msg, cells["msg"])):
            assert cell in (wanted, f"'{wanted}")
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_csv_has_messages_only_when_asked() -> None:
    masked = "".join(csv_lines([an_outcome(0, "U1", "secret words")], show_data=False))
    assert masked == (
        "row,uid,state,reason,attempts,answered_at,reference,outcome\r\n"
        "1,U1,refused,never,1,1970-01-01T00:00:00Z,,not accepted\r\n"
    )


@given(TEXTS, TEXTS)
def test_html_holds_remote_text_as_text(uid: str, reason: str) -> None:
    cause = Cause(state=DeliveryState.REFUSED, reason=reason, rows=1)
    rows = [an_outcome(0, uid, "<b>words</b>", reason)]
    page = "".join(html_parts(a_broadcast(1), [cause], lambda *_: rows, show_data=True))
    body = page.partition("<body>")[2]
    assert "<b>" not in body
    assert "\x1b" not in page
    assert body.count("<script") == 0
    assert body.count("<td>") == body.count("</td>")


def test_html_leaves_the_people_of_unnamed_causes_to_the_csv() -> None:
    cause = Cause(state=DeliveryState.REFUSED, reason=OTHER_REASONS, rows=10_000)

    def never(*_: object) -> list[Outcome]:
        raise AssertionError

    page = "".join(html_parts(a_broadcast(10_000), [cause], never, show_data=False))
    assert "10,000" in page


def test_html_is_cut_and_says_so() -> None:
    cause = Cause(state=DeliveryState.REFUSED, reason="never", rows=6_000)
    rows = [an_outcome(number, f"U{number}", "words") for number in range(6_000)]
    page = "".join(html_parts(a_broadcast(6_000), [cause], lambda *_: rows, show_data=False))
    assert page.count("<tr><td>") == 5_001, "one of them is the cause's"
    assert "the report as CSV has all" in page
    assert "words" not in page
