"""What stays of a rule's places until the report: the examples, and no page."""

from checker.core.config import Config
from checker.core.endpoint import Endpoint
from checker.core.model import Exchange, Location, Purpose
from checker.engine.findings import EXAMPLES_KEPT, Tally, example_of, finding_of
from checker.rules import all_rules
from checker.rules.context import RuleContext
from checker.text.redact import MASK, Redactor

CONFIG = Config(endpoint=Endpoint.parse("http://localhost/recipients"))
LARGE = b'{"list":[{"uid":"u-1","msg":"' + b"m" * 1_000_000 + b'"}],"next":""}'
SECRET = "c00kie-0f-this-run"


def place(body: bytes, **values: object) -> Location:
    exchange = Exchange(
        purpose=Purpose.PAGE, method="GET", url=CONFIG.endpoint.url, page=3, status=200, body=body
    )
    return Location(exchange=exchange, pointer="/list/0/msg", **values)  # type: ignore[arg-type]


def tally_of(redactor: Redactor) -> Tally:
    return Tally(lambda found: example_of(found, CONFIG, redactor))


def test_a_large_page_is_shown_and_not_kept() -> None:
    tally = tally_of(Redactor())
    for _ in range(EXAMPLES_KEPT + 1):
        tally.add(place(LARGE, value="m" * 1_000_000))
    assert tally.count == EXAMPLES_KEPT + 1
    assert len(tally.examples) == len(tally.places) == EXAMPLES_KEPT
    assert [found.exchange.body for found in tally.places if found.exchange] == [b""] * 5
    assert all(len(str(found.value)) < 100_000 for found in tally.places)
    shown = tally.examples[0].transcript
    assert shown is not None
    assert '"list"' in shown.body


def test_an_error_page_stays_for_the_rules_sentence() -> None:
    tally = tally_of(Redactor())
    tally.add(place(b"Attention Required! | Cloudflare"))
    kept = tally.places[0].exchange
    assert kept is not None
    assert kept.body.startswith(b"Attention")


def test_what_becomes_a_secret_later_is_masked_then() -> None:
    redactor = Redactor()
    rule = all_rules()["ROW010"](RuleContext(CONFIG, redactor))
    tally = tally_of(redactor)
    tally.add(place(b"{}", note=f"the session {SECRET}"))
    assert SECRET in str(tally.examples)
    redactor.add(SECRET)
    finding = finding_of(rule, tally, redactor)
    assert SECRET not in str(finding)
    assert MASK in str(finding.examples)
