"""Where the mock's rows come from: generated ones and listed ones, behind one small protocol.

Files are read in `row_files.py`, tables in `database.py`. Nothing here knows HTTP.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from mockserver.errors import UnknownPosition

__all__ = ["GeneratedRows", "ListedRows", "PagedRows", "Position", "Row", "RowSource", "Slice"]

Row = dict[str, str]
Position = int | str


class Slice(NamedTuple):
    """Some rows in order, where the next ones begin, and whether there are any."""

    rows: Sequence[Row]
    onward: Position
    more: bool


class RowSource(Protocol):
    """Rows in one fixed order; `after` is None at the beginning, else an earlier `onward`."""

    def read(self, after: Position | None, size: int) -> Slice:
        """Return up to `size` rows that follow the position."""

    def close(self) -> None:
        """Give back connections; reading again opens them anew."""


class ListedRows:
    """Rows held in memory; the position is the number of rows already given."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def read(self, after: Position | None, size: int) -> Slice:
        """Return up to `size` rows that follow the position."""
        start = _offset(after)
        end = start + size
        rows = self._rows[start:end]
        return Slice(rows, start + len(rows), end < len(self._rows))

    def close(self) -> None:
        """Nothing to give back."""


class PagedRows:
    """Rows that are already in pages; the position is the number of pages already given."""

    def __init__(self, pages: Sequence[Sequence[Row]]) -> None:
        self._pages = pages

    def read(self, after: Position | None, size: int) -> Slice:
        """Return the page that follows the position, whatever its size."""
        number = _offset(after)
        rows = self._pages[number] if number < len(self._pages) else ()
        return Slice(rows, number + 1, number + 1 < len(self._pages))

    def close(self) -> None:
        """Nothing to give back."""


class GeneratedRows:
    """Any number of rows, each made from its index alone: the same for ever, and no memory."""

    def __init__(self, count: int, *, first: int = 0) -> None:
        self._count = count
        self._first = first

    def read(self, after: Position | None, size: int) -> Slice:
        """Return up to `size` rows that follow the position."""
        start = _offset(after)
        end = min(start + size, self._count)
        rows = [generated_row(self._first + index) for index in range(start, end)]
        return Slice(rows, start + len(rows), end < self._count)

    def close(self) -> None:
        """Nothing to give back."""


def generated_row(index: int) -> Row:
    """Make the row of this index: a valid LINE id that no other index has, and a lifelike text."""
    uid = "U" + hashlib.blake2b(str(index).encode(), digest_size=16).hexdigest()
    name = _NAMES[(index // len(_TEXTS)) % len(_NAMES)]
    text = _TEXTS[index % len(_TEXTS)].replace("<name>", name)
    return {"uid": uid, "msg": f"{text} #{index + 1}"}


def _offset(after: Position | None) -> int:
    if after is None:
        return 0
    if not isinstance(after, int):
        raise UnknownPosition("the token belongs to another source of rows")
    return after


_NAMES = (
    "Zoë",
    "José",
    "Łukasz",
    "Anna",
    "สมชาย",
    "花子",
    "Ахмед",
    "Ngọc",
    "Μαρία",
    "ליאור",
    "नेहा",
    "Sam",
)

# Healthy look-alikes of what the rules hunt stand among them: a correct page must stay silent.
_TEXTS = (
    "Hello <name>, your order has left our warehouse and should arrive the day after tomorrow.",
    "สวัสดีคุณ <name> ร้านของเราเปิดทุกวัน แวะมาชิมกาแฟสูตรใหม่ได้เลย ☕",
    "<name>さん、ご予約を承りました。当日は午前10時にお越しください。楽しみにしています 🎉",
    "Hi <name>, 5 < 6 and 7 > 6, so our bundle of seven is the better deal this week. Really!",
    "Dear <name>, our R&D team in the Café Müller building invites you to Q&A on Friday at 17:00.",
    "مرحبا <name>، تم تأكيد موعدك يوم الأحد. نتطلع إلى لقائك 🌙",
    "Привет, <name>! Ваша подписка продлена до конца года. Спасибо, что вы с нами.",
    "<name>, vouchers from last year are null and void; the new ones {with a star} start today ⭐",
    "Olá <name>, a sua encomenda chegou à loja de São João. Traga o código e um sorriso 😊",
    "您好 <name>，您的会员积分将于月底到期，请及时兑换礼品 🎁",
    "שלום <name>, החבילה שלך ממתינה בסניף. נתראה בקרוב!",
    "नमस्ते <name>, आपका भुगतान प्राप्त हो गया है। धन्यवाद 🙏🏽",
    "Chào <name>, cửa hàng giảm giá 20% cho cả gia đình 👨‍👩‍👧‍👦 đến hết Chủ nhật.",
    "Γεια σου <name>, none of our shops is closed on Monday; undefined hours are history.",
    "Hi <name>,\nyour table for 4 is booked.\n\nUse {code} in braces? No: just say your name.",
)
