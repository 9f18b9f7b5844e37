"""Single rows that can't be sent, or that no contact should get."""

from typing import Any

from mockserver.recipients.exchange import EndpointRequest, Wrap
from mockserver.recipients.faults.fault import (
    EVERY_PAGE,
    Fault,
    changing_page,
    changing_row,
    changing_rows,
)

__all__ = ["FAULTS"]

_LINE = ("--channel", "line")
_LINE_LIMIT = 5000


def _with(**members: object) -> Wrap:
    return changing_row(lambda row: {**row, **members})


def _without(member: str) -> Wrap:
    return changing_row(lambda row: {name: value for name, value in row.items() if name != member})


def _row_fault(name: str, summary: str, wrap: Wrap, options: tuple[str, ...] = ()) -> Fault:
    rule = name.partition("-")[0]
    return Fault(name=name, rules=(rule,), summary=summary, wrap_endpoint=wrap, options=options)


def _in_every_row(name: str, summary: str, text: str) -> Fault:
    """All messages are this text, with the number of the order in place of `<n>`."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "msg": text.replace("<n>", row["msg"].rpartition("#")[2])}

    return Fault(
        name=name,
        rules=(name.partition("-")[0],),
        summary=summary,
        wrap_endpoint=changing_rows(change),
        page=EVERY_PAGE,
    )


def _same_row_twice(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
    rows = document["list"]
    return {**document, "list": [*rows, *rows[:1]]}


def _one_uid_twice(document: dict[str, Any], _request: EndpointRequest) -> dict[str, Any]:
    first, *others = document["list"]
    another = {"uid": first["uid"], "msg": f"{first['msg']} (second reminder)"}
    return {**document, "list": [first, *others, another]}


FAULTS = (
    _row_fault("ROW001", "a row is a string, not an object", changing_row(lambda row: row["msg"])),
    _row_fault("ROW001-array", "a row is an array", changing_row(lambda row: list(row.values()))),
    _row_fault("ROW002", "a row has no uid", _without("uid")),
    _row_fault("ROW003", "a uid is a number: the database's own id", _with(uid=4711)),
    _row_fault(
        "ROW003-null", "a uid is null: this contact never linked an account", _with(uid=None)
    ),
    _row_fault("ROW004", "a uid is empty", _with(uid="")),
    _row_fault("ROW004-blank", "a uid is only white space", _with(uid=" \t ")),
    _row_fault("ROW005", "a row has no msg", _without("msg")),
    _row_fault("ROW006", "a msg is an object that holds the text", _with(msg={"text": "Hello"})),
    _row_fault("ROW006-null", "a msg is null", _with(msg=None)),
    _row_fault("ROW007", "a msg is empty", _with(msg="")),
    _row_fault("ROW007-blank", "a msg is only line feeds", _with(msg="\n\n")),
    _row_fault("ROW008", "a uid is a display name, not a LINE user id", _with(uid="zoe.m"), _LINE),
    _row_fault(
        "ROW008-upper-case",
        "a LINE user id was turned to upper case",
        changing_row(lambda row: {**row, "uid": row["uid"].upper()}),
        _LINE,
    ),
    _row_fault(
        "ROW009",
        "a msg is longer than LINE allows",
        _with(msg="The whole manual. ".ljust(_LINE_LIMIT + 1, "x")),
        _LINE,
    ),
    _row_fault(
        "ROW009-emoji",
        "a msg of 2,501 emoji: each counts twice, so LINE refuses it",
        _with(msg="🎉" * (_LINE_LIMIT // 2 + 1)),
        _LINE,
    ),
    _row_fault("ROW010", "a msg holds a NUL character", _with(msg="Hello\x00Zoë, see you soon")),
    _row_fault("ROW010-delete", "a msg holds a DEL character", _with(msg="Price: 6\x7f5 today")),
    _row_fault(
        "ROW011",
        "a uid ends in a space, as fixed-width columns do",
        changing_row(lambda row: {**row, "uid": row["uid"] + " "}),
    ),
    _row_fault(
        "ROW012", "a row is twice on its page, as a JOIN makes it", changing_page(_same_row_twice)
    ),
    _row_fault("ROW013", "one contact gets two different messages", changing_page(_one_uid_twice)),
    _row_fault("ROW014", "rows have other members", _with(name="Zoë Müller")),
    _row_fault(
        "ROW015",
        "a msg in UTF-8 was decoded as Latin-1",
        _with(msg="Ihr Termin im Café Müller um 5 € bestätigt".encode().decode("cp1252")),
    ),
    _row_fault(
        "ROW015-lost",
        "a character was replaced by U+FFFD and is lost",
        _with(msg="See you at the Caf\ufffd"),
    ),
    _in_every_row(
        "ROW015-question-marks",
        "every letter that the database could not store became a question mark",
        "????????? ???? ?????????? <n> ?????????????",
    ),
    _row_fault("ROW016", "a placeholder was not filled in", _with(msg="Hi {{name}}, see you!")),
    _row_fault(
        "ROW016-undefined",
        "a missing name became the word undefined",
        _with(msg="Hi undefined, see you!"),
    ),
    _row_fault(
        "ROW016-object", "an object was converted to text", _with(msg="For you: [object Object]")
    ),
    _row_fault(
        "ROW016-merge-tag", "a merge tag was not filled in", _with(msg="Hi *|FNAME|*, see you!")
    ),
    _in_every_row(
        "ROW016-brackets", "[NAME] was not filled in", "Dear [NAME], your order <n> has arrived."
    ),
    _row_fault(
        "ROW016-spreadsheet", "a formula of a spreadsheet failed", _with(msg="Hi #N/A, hello")
    ),
    _row_fault("ROW016-array", "PHP converted an array to text", _with(msg="Array")),
    _row_fault("ROW016-null", "the msg is just the word null", _with(msg="null")),
    _row_fault("ROW017", "a msg has HTML tags", _with(msg="<b>Sale</b> today!<br>Come and see.")),
    _row_fault(
        "ROW018", "a spreadsheet turned a phone number into 6.68E+10", _with(uid="6.68E+10")
    ),
    _row_fault(
        "ROW018-decimal", "a phone number became a decimal number", _with(uid="66812345678.0")
    ),
    _in_every_row(
        "ROW019",
        "line ends are shown as backslash and n",
        "Order <n> is here.\\nPlease pick it up.",
    ),
    _in_every_row(
        "ROW019-unicode",
        "letters are shown as escapes",
        "\\u0e2a\\u0e27\\u0e31\\u0e2a\\u0e14\\u0e35 <n>",
    ),
    _in_every_row("ROW019-percent", "spaces are shown as %20", "Your%20order%20<n>%20is%20here."),
    _row_fault(
        "ROW017-entities", "a msg is escaped as HTML", _with(msg="Tom &amp; Zoë&#39;s shop")
    ),
)
