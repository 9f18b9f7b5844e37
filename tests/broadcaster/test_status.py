"""The JSON of a broadcast keeps its schema, whatever state it is in."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.model import Broadcast, BroadcastState, DeliveryState, Summary
from broadcaster.status import status_document
from schemas import read

STATUS = jsonschema.Draft202012Validator(
    read("status"), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
COUNTS = st.fixed_dictionaries({state: st.integers(0) for state in DeliveryState})
MOMENTS = st.none() | st.floats(0, 4e9)
REPORT = {
    "findings": [
        {"rule": "ROW015", "name": "mojibake", "severity": "warning", "count": 2, "message": "m"},
        {"rule": "ROW013", "name": "repeated-uid", "severity": "info", "count": 1, "message": "m"},
    ]
}


@given(
    st.sampled_from(BroadcastState),
    COUNTS,
    MOMENTS,
    MOMENTS,
    st.booleans(),
    st.none() | st.floats(0.01, 5000),
    st.none() | st.integers(1),
    st.sampled_from([None, REPORT]),
)
def test_any_broadcast_keeps_the_schema(
    state: BroadcastState,
    counts: dict[DeliveryState, int],
    sent_at: float | None,
    ended_at: float | None,
    summed_up: bool,
    rate: float | None,
    limit: int | None,
    report: dict[str, object] | None,
) -> None:
    summary = Summary(rows=9, people=3, people_with_several=1, repeated_rows=0, longest_message=7)
    one = Broadcast(
        number=1,
        id="0123456789abcdef",
        state=state,
        created_at=0.0,
        updated_at=1.5,
        rows=sum(counts.values()),
        counts=counts,
        first_sent_at=sent_at,
        ended_at=ended_at,
        rate=rate,
        limit=limit,
        summary=summary if summed_up else None,
        report=report,
    )
    document = status_document(one)
    STATUS.validate(document)
    STATUS.validate([document, document])
    assert sum(document["counts"].values()) == document["rows"]
    assert [warning["rule"] for warning in document["warnings"]] == (["ROW015"] if report else [])


@pytest.mark.parametrize(
    ("member", "value"),
    [("id", "no id"), ("state", "finished"), ("rows", -1), ("counts", {}), ("surprise", 1)],
)
def test_what_is_no_status_is_refused(member: str, value: object) -> None:
    one = Broadcast(
        number=1, id="0123456789abcdef", state=BroadcastState.READY, created_at=0, updated_at=0
    )
    assert not STATUS.is_valid(status_document(one) | {member: value})
