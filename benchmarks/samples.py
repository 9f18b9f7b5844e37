"""The pages that everyone is measured on: realistic texts of several scripts, the same each time.

Rows are written as most JSON libraries write them: compact, and as plain UTF-8.
"""

import json
import random
from collections.abc import Iterator

__all__ = ["PAGES", "ROWS_A_PAGE", "page_bodies", "tokens"]

PAGES = 400
ROWS_A_PAGE = 499
_SEED = 20_260_101
_NAMES = (
    "Aisha",
    "Björn",
    "Chloé",
    "Đặng Thị Hoa",
    "Emeka",
    "Fernanda",
    "Giorgos",
    "Hanako",
    "İpek",
    "João",
    "Kofi",
    "Łukasz",
    "María José",
    "Nguyễn Văn An",
    "O'Brien",
    "Priya",
    "สมชาย",
    "王小明",
)
_TEXTS = (
    "Hi {name}, your order {number} has left our warehouse and will be with you on Friday.",
    "Dear {name}, thank you for {number} points this year. The card works until the end of May.",
    "Hello {name}! Our shop at the station opens on Monday at 9:30. Show this: 10 % off a coffee.",
    "{name}, your appointment {number} is tomorrow at 14:15. Reply CANCEL if you cannot come.",
    "Hallo {name}, Ihre Rechnung {number} ist fällig. Bitte überweisen Sie bald – vielen Dank!",
    "¡Hola {name}! Tu pedido {number} ya está en camino. Te avisaremos cuando llegue a tu casa.",
    "Good morning {name}, the doors of hall {number} open at six. Bring your ticket & a warm coat.",
    "Xin chào {name}, đơn hàng {number} của bạn đã được giao cho đơn vị vận chuyển hôm nay.",
    "สวัสดีคุณ {name} พัสดุหมายเลข {number} ถึงสาขาแล้ว กรุณามารับภายในเจ็ดวัน",
    "{name}様、ご注文 {number} を発送しました。到着までしばらくお待ちください。🎉",
)
_CLOSINGS = ("", " Thank you!", " Your friends at the shop.", " – Ihr Team")


def tokens(pages: int = PAGES) -> list[str]:
    """The tokens of the second and later pages, in order; no two are equal."""
    chance = random.Random(_SEED)
    return [f"{number:04x}{chance.getrandbits(128):032x}" for number in range(2, pages + 1)]


def page_bodies(pages: int = PAGES) -> Iterator[bytes]:
    """The pages' bodies in order, each of about 85 KB; the last one has an empty `next`."""
    chance = random.Random(_SEED + 1)
    for token in [*tokens(pages), ""]:
        rows = [_row(chance) for _ in range(ROWS_A_PAGE)]
        page = {"list": rows, "next": token}
        yield json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()


def _row(chance: random.Random) -> dict[str, str]:
    text = chance.choice(_TEXTS)
    message = text.format(name=chance.choice(_NAMES), number=chance.randrange(1_000, 1_000_000))
    return {
        "uid": f"U{chance.getrandbits(128):032x}",
        "msg": message + chance.choice(_CLOSINGS),
    }
