"""Healthy look-alikes stay silent: what resembles a fault and is none gives no finding.

A false alarm is as bad as a miss. Every case goes through the public door, against a server on a
real socket that answers as servers in the wild do.
"""

import gzip
import itertools
import json
import re
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from checker import Report, check

CREDENTIAL = ("Authorization", "Bearer k3y-of-the-tests")
PACE_SECONDS = 0.15

Row = dict[str, str]
Page = dict[str, Any]


@dataclass(frozen=True)
class Ask:
    """A request as it came."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    number: int  # of all requests to this endpoint, from 1

    @property
    def token(self) -> str | None:
        return self.query.get("next")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The bytes to send, and whether the connection is closed after them without a word."""

    data: bytes
    hang_up: bool = False


Endpoint = Callable[[Ask], Answer]


def answer(
    status: str = "200 OK",
    body: bytes = b"",
    *,
    protocol: str = "HTTP/1.1",
    content_type: str = "application/json",
    hang_up: bool = False,
    **headers: str,
) -> Answer:
    """A response with a length; a header's underscores are hyphens, and an empty one is left out."""
    fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
    head = "\r\n".join([f"{protocol} {status}", *lines, "", ""])
    return Answer(data=head.encode() + body, hang_up=hang_up)


def chunked(*chunks: bytes, trailer: str = "", **headers: str) -> Answer:
    """A response in chunks, one of them with an extension (RFC 9112, section 7.1)."""
    body = b"".join(b"%x;part=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks if chunk)
    body += b"0\r\n" + trailer.encode() + b"\r\n"
    return answer(body=body, Content_Length="", Transfer_Encoding="chunked", **headers)


class Site(socketserver.ThreadingTCPServer):
    """Endpoints by path, on one port. Keeps connections alive until an answer hangs up."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.endpoints: dict[str, Endpoint] = {}
        self.counters: dict[str, Iterator[int]] = {}

    def mount(self, endpoint: Endpoint, path: str = "/recipients") -> str:
        """Serve the endpoint at a path of its own; gives its URL."""
        path = f"/{len(self.endpoints)}{path}"
        self.endpoints[path], self.counters[path] = endpoint, itertools.count(1)
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: Site

    def handle(self) -> None:
        while line := self.rfile.readline():
            method, target, _ = line.decode().split()
            headers = {}
            while field := self.rfile.readline().decode("latin-1").strip():
                name, _, value = field.partition(":")
                headers[name.strip().lower()] = value.strip()
            self.rfile.read(int(headers.get("content-length", 0)))
            parts = urlsplit(target)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            ask = Ask(method, query, headers, next(self.server.counters[parts.path]))
            reply = self.server.endpoints[parts.path](ask)
            self.wfile.write(reply.data)
            if reply.hang_up:
                return


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def rows(count: int, first: int = 0) -> list[Row]:
    return [
        {"uid": f"U{index:032x}", "msg": f"Your order {index} is ready."}
        for index in range(first, first + count)
    ]


def page(msgs: list[Row] | str, token: str | None = "") -> Page:
    """A page of these rows, or of one row with this message."""
    listed = [{"uid": f"U{7:032x}", "msg": msgs}] if isinstance(msgs, str) else msgs
    return {"list": listed, "next": token}


def pages(*tokens: str, size: int = 3) -> list[Page]:
    """One page more than there are tokens, which lead from each to the one after it."""
    return [
        page(rows(size, number * size), token) for number, token in enumerate((*tokens, ""))
    ]


def dumped(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Correct:
    """A correct endpoint, of which each case changes one thing."""

    pages: list[Page]
    page: Callable[[bytes], Answer] = lambda body: answer(body=body)
    bad_token: Answer = field(default_factory=lambda: answer("400 Bad Request"))
    post: Answer = field(default_factory=lambda: answer("405 Method Not Allowed", Allow="GET"))
    unauthorized: Answer | None = None
    param: str = "next"
    dumps: Callable[[Any], bytes] = dumped

    def __call__(self, ask: Ask) -> Answer:
        if ask.method != "GET":
            return self.post
        if self.unauthorized and ask.headers.get("authorization") != CREDENTIAL[1]:
            return self.unauthorized
        onward = [None, *(document["next"] for document in self.pages)]
        token = ask.query.get(self.param)
        if token not in onward[: len(self.pages)]:
            return self.bad_token
        return self.page(self.dumps(self.pages[onward.index(token)]))


def assert_silent(report: Report, *infos: str, rows: int | None = None, pages: int = 0) -> None:
    """Nothing is reported but these infos, and the crawl saw all that there was."""
    found = {finding.rule: finding.severity.value for finding in report.findings}
    assert found == dict.fromkeys(infos, "info"), [item.message for item in report.findings]
    assert report.verdict == "pass"
    assert report.complete
    assert report.crashes == ()
    assert rows is None or report.crawl.rows == rows
    assert not pages or report.crawl.pages == pages


# --- what people write -----------------------------------------------------------------------

NBSP = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"
RLM = "\N{RIGHT-TO-LEFT MARK}"
ZWJ = "\N{ZERO WIDTH JOINER}"
ZWNJ = "\N{ZERO WIDTH NON-JOINER}"

LANGUAGES = {
    "english": "“Hello!” — that’s what we say… Our café’s naïve façade was rebuilt in 1998–99; "
    "it’s 20° warmer, £5 cheaper and ½ as far. Don’t miss it!",
    "portuguese": "Olá, João! Amanhã, às 9h, não há aula. A «MANHÃ» e a “AMANHÔ são da IRMÃ… "
    "Peça já o seu PÃO: 2.ª via, n.º 5. SÃO PAULO – MAÇÃ° – CAFÉ®. AMANHû",
    "portuguese capitals": "AMANHÃ, NÃO HÁ PROMOÇÃO! A LÃ, O FÃ E A RÃ: ‘IRMÃ’, MANHÃ… MANHÃ—TARDE. "
    f"MANHÃ/TARDE; PREÇO: R${NBSP}5,00. ALEMÃ{NBSP}» ÂNGULO, CÂMARA, ÂMBAR.",
    "french": f"Bonjour{NBSP}! Ça va{THIN}? «{NBSP}À bientôt{NBSP}», dit-elle : l’été à Nîmes, "
    f"20{NBSP}% de remise. Où êtes-vous{NBSP}? Voilà… C’est à 5{NBSP}€, déjà{NBSP}!",
    "french capitals": f"«{NBSP}VOILÀ{NBSP}» L’ÉTÉ À NÎMES{NBSP}! DÉJÀ{NBSP}? OÙ{NBSP}? ŒUVRE, ÂGE, "
    f"GOÛT, NOËL{NBSP}: 20{NBSP}€. CHÂTEAU, PÂTÉ.",
    "french footnote": "Le café est offert à³ «Chez Zoé»², voilà¹» et voilà° ; “à” et ‘â’, à…",
    "german": "„Grüß Gott!“ Die Änderung der Öffnungszeiten über Ostern: 5 °C, 20 % Rabatt auf "
    "ÖL, ÄPFEL und ÜBUNGEN. »Größe« und ›Maß‹ – bis morgen… null Euro Aufpreis.",
    "spanish": "¿Qué tal, Señor Núñez? ¡El AÑO nuevo! «MAÑANA» a las 3 ½, 1.º y 2.ª planta. "
    "“ESPAÑA”, ÑANDÚ, PIÑA… Mamá y papá: «está» y está… ¡Olé!",
    "italian": "Perché no? La città è già aperta: 'PIÙ' libertà, «VIRTÙ», CAFFÈ… 15° a Forlì, "
    "l’università costa 5€. È così, cioè: di più!",
    "romanian": "Bună ziua! Mâine, în România, încă o dată: «ÎN», ÂNCHEOIAT, ROMÂNĂ, șase și țară.",
    "turkish": "Merhaba! HÂLÂ açığız: “HÂLÂ”, hâlâ… kâr, İstanbul’da IŞIK, ĞÜZEL ÖĞLE, %20 indirim.",
    "icelandic": "Góðan daginn! Það er ÞÁ sem ÖLL BÖRN FÁ ÍS… „GÓÐ“, „ÞAÐ“, Ægir og Öræfi, "
    "við Ísafjörð. BORÐ» og »BORД: sjáumst á morgun!",
    "danish": "Hej! PÅ ØEN FÅR MAN ÆBLER: »PÅ«, “FÅ”, Ø–Ø, Åse æder ål på Ærø… 5 kr.",
    "swedish": "Hej då! ”PÅ”, ’FÖR’, SMÅ…, 1 Å = 0,1 nm; Å² är en yta. Vi ses på lördag, Åsa!",
    "finnish": "Hyvää päivää! ”ÄÄ”, YÖ…, PÄÄSIÄISTÄ, hääyöaie, Åbo. Nähdään huomenna!",
    "vietnamese": "Xin chào! Đơn hàng của bạn đã sẵn sàng. MÃ GIẢM GIÁ “ĐÃ” được gửi. "
    f"XÃ, MÃ{NBSP}SỐ, MÃ{NBSP}5, ĐÃ{NBSP}GIAO – cảm ơn Quý khách… ở đâu? “Á” «ĐÃ»",
    "polish": "Dzień dobry! Zażółć gęślą jaźń: „ŻÓŁĆ”, ŁÓDŹ…, 5 zł, ŚWIĘTA – do zobaczenia!",
    "czech": "Dobrý den! Příliš žluťoučký kůň úpěl ďábelské ódy: „ŽLUŤOUČKÝ KŮŇ“, ÁÉÍ…",
    "hungarian": "Jó napot! Árvíztűrő tükörfúrógép: „ÁRVÍZTŰRŐ”, ŐSZ…, 5000 Ft.",
    "welsh": "Bore da! ŴY, TŶ, “LLÔ”, tŷ bach, sgîo, Siân â’r ci… â”",
    "catalan": "Bon dia! L’excel·lent COL·LECCIÓ «PRINCIPIÀ», à… Ç·Ç, qui és? Adéu!",
    "thai": "สวัสดีค่ะ ร้านของเราเปิดทุกวัน เวลา ๙.๐๐–๒๑.๐๐ น. ลดราคา ฿๕๐ ถึงสิ้นเดือนนี้ ขอบคุณค่ะ",
    "chinese": "您好，您的会员积分将于月底到期。「无」与《空》：请及时兑换礼品！￥５０元……谢谢。",
    "japanese": "ご予約を承りました。〇〇様、「カフェ」で、午前１０時に……ﾊﾝｶｸも大丈夫です！〜お楽しみに〜",
    "korean": "안녕하세요! 주문하신 상품이 오늘 도착합니다. ‘카페’에서 만나요… 5,000원~",
    "arabic": f"مرحبا{RLM}! تم تأكيد موعدك يوم الأحد، الساعة ٩:٣٠. «شكرا» لك؟ Ref: ABC-12{RLM}.",
    "persian": f"سلام! می{ZWNJ}خواهیم شما را ببینیم؛ کتاب{ZWNJ}ها آماده{ZWNJ}اند. قیمت: ۵۰٪ تخفیف.",
    "hebrew": f"שלום! החבילה שלך ממתינה בסניף. צה״ל, ג׳ירפה, ״כן״{RLM} – ₪5 בלבד. נתראה בקרוב!",
    "hindi": "नमस्ते! आपका भुगतान प्राप्त हो गया है। ‘धन्यवाद’ — ₹५०० की छूट, क्षत्रिय ज्ञान॥",
    "tamil": "வணக்கம்! உங்கள் ஆர்டர் தயாராக உள்ளது. நன்றி… ௹௫௦",
    "burmese": "မင်္ဂလာပါ။ သင့်အမှာစာ အဆင်သင့်ဖြစ်ပါပြီ။ ကျေးဇူးတင်ပါတယ်။",
    "lao": "ສະບາຍດີ! ຮ້ານຂອງພວກເຮົາເປີດທຸກມື້. ຂອບໃຈ ₭5000",
    "khmer": "សួស្តី! ការបញ្ជាទិញរបស់អ្នករួចរាល់ហើយ។ អរគុណ ៛៥០០០",
    "russian": "Здравствуйте! Ваш заказ №5 «ГОТОВ»… „Ёлка“ стоит 20 ₽ — скидка 5 %. До встречи!",
    "ukrainian": "Добрий день! Ваше замовлення «ГОТОВЕ»: ЇЖА, ЄВРО, ґанок, об’єкт… 20 ₴. До зустрічі!",
    "greek": "Γεια σας! Η παραγγελία σας είναι «ΕΤΟΙΜΗ»… ΆΝΟΙΞΗ, ’Ϊ, “Ό,τι”; 5 € έκπτωση·",
    "georgian": "გამარჯობა! თქვენი შეკვეთა „მზად“ არის… გმადლობთ, ₾5.",
    "amharic": "ሰላም! ትዕዛዝዎ ዝግጁ ነው። አመሰግናለሁ።",
    "swahili": "Habari! Oda yako iko tayari. Karibu tena, ng’ombe wangu…",
    "hawaiian": "Aloha! E hele mai i ka hale kūʻai: ʻŌLELO, KĀNE…",
}  # fmt: skip

SIGNS = {
    "braces": "Use {curly} braces, or { {x} }, { } and {}; f(x) = {x}, {1, 2}, ${5}, $5 {off}.",
    "brace smileys": "A {{hug}} in words is asked for with {{ and }}, in LaTeX \\frac{{1}}{2} {:-}",
    "percent signs": "20% (of all) is off: 5%(five), 100 %, %-) and %s as such, 50%(s)",
    "dollars": "$5 or US$ 5, $HOME sweet $HOME, {$5}, $ {name the price}",
    "square brackets": "[object] lost: [Object object], [null], <object Object>",
    "comparisons": "5 < 6 and 7 > 6, a<b, a <b and c> d, x<y>z, i <3 u, <3, </3, <- ->, 1<2>0, <>",
    "angle brackets": "Mail <info@example.com>, <https://example.com>, <your name here>, <<quoted>>",
    "ampersands": "R&D, AT&T; Q&A; B&B & C&A &c. &co; a&b=c; Marks&Spencer; &; fish & chips; H&M;",
    "null in prose": "The old vouchers are null and void. None of us knew; None taken.",
    "undefined in prose": "undefined behaviour is no fun, null hypotheses neither; NaN bread",
    "null as a name": "Hello, nan and grandad! Mr Null and Ms None are here",
    "greeting with none": "Hi None of the above, hello null island, dear undefined behaviour",
    "greeting with a compound": "Dear None-the-less, and hi null-terminated strings",
    "greeting with a like name": "Hi Nonette, hello Nullan, dear Naná! Hey Undefinedland!",
    "greeting in lower case": "Hallo, null Problemo! Hi none, hola nan, hey NULL and nil",
    "nothing alone, in words": "none", "zero": "0", "false": "false", "a dash": "—",
    "a line of dots": "...", "one emoji": "👍", "one letter": "Ã", "a quoted letter": "The letter «Ã»",
    "letters": "Ã, Â, À; “Ã”, ‘Â’, (Ã) Ð Ñ Ø Ù à á â ã ä å æ ç è é ð ï × ÷ « » ¿ ¡ ° º ª",
    "units": "5 °C, 10 µm, 3 × 4 m², ±½ %, ‰, 10 Ω, Å, © 2026 Ø™ ®, § 5, ¶, † 1900, • bullet",
    "currencies": "€5 £5 ¥5 ₹5 ₩5 ₽5 ₺5 ₴5 ₫5 ฿5 ₪5 ₱5 ₦5 $5 5¢ ¤",
    "emoji": f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦 🏳️{ZWJ}🌈 👩🏽{ZWJ}🚀 👍🏿 🇹🇭🇯🇵🇮🇸 1️⃣#️⃣*️⃣ ☕ ✨ ❤️ ™️ 🫠 🥹",
    "flags of regions": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f!",
    "private use": "LINE emoji of old: \U00100078 \U0010008d",
    "direction": f"a{RLM} b\N{LEFT-TO-RIGHT MARK} \N{RIGHT-TO-LEFT ISOLATE}שלום\N{POP DIRECTIONAL ISOLATE}",
    "combining": "Cafe\u0301, Zoe\u0308, A\u0303, n\u0303, o\u0323\u0302",
    "invisible": "Donau\N{SOFT HYPHEN}dampf\N{ZERO WIDTH SPACE}schiff\N{WORD JOINER}!",
    "line breaks": "Hi,\n\n\tyour table is booked.\r\nSee you!\n\tBye\n",
    "ends in white space": "  Hi!  \n",
    "math": "𝓗𝓮𝓵𝓵𝓸 ∀x∈ℝ: x²≥0, ∑, √2≠1.41, ≤5, a→b, x̄",
    "box": "┌──┐\n│OK│\n└──┘ ███░░ ★★★☆☆ ♪ ☎ ✓ ✗",
    "json": '{"a": [1, null, true]} and "quotes" \\ and \\n as such',
    "code": "if (a < b && c > d) { return `x`; } // ok; printf('%d')",
    "url": "https://example.com/?a=1&b=2&copy=3&lt=4#top and www.example.com/a%20b",
    "path": "C:\\new\\table, /etc/hosts, ~/x, ../y",
    "markdown": "**bold**, _it_, `code`, [text](https://example.com), # 1, > quote, ~~no~~",
    "long": "ก" * 4990 + " ok",
    "full": "😀" * 2500,
}  # fmt: skip


@pytest.mark.parametrize("name", [*LANGUAGES, *SIGNS])
def test_honest_prose(site: Site, name: str) -> None:
    text = {**LANGUAGES, **SIGNS}[name]
    assert_silent(check(site.mount(Correct([page(text)])), channel="line"), rows=1)


def test_honest_prose_all_on_one_page(site: Site) -> None:
    """Beside each other, as the rules look at a whole page first."""
    texts = [*LANGUAGES.values(), *SIGNS.values()]
    listed = [{"uid": f"U{index:032x}", "msg": text} for index, text in enumerate(texts)]
    endpoint = Correct([page(listed)], lambda body: answer(body=gzip.compress(body), Content_Encoding="gzip"))
    assert_silent(check(site.mount(endpoint), channel="line"), rows=len(texts))


# A letter at the end of a word, and what stands right behind it in print: every pair of them.
SMALL = "".join(char for char in map(chr, range(0xDF, 0x180)) if char.islower())
CAPITALS = "".join(char for char in map(chr, range(0xC0, 0x180)) if char.isupper())
AFTER_ANY = [*"»”’“‘«…–—!?,.;:)/%*", f"{NBSP}!", f"{THIN}?", f"{NBSP}»", "°", "²", "³", "®", "·"]
AFTER_SMALL = [*AFTER_ANY, "™", "€", "£", "©", "¹", "º", "ª", "½", "›", "•", "†", "“"]


def test_words_that_end_in_an_accented_letter(site: Site) -> None:
    texts = [f"Dito: «abc{letter}{sign} def»" for letter in SMALL for sign in AFTER_SMALL]
    texts += [f"DITO: «ABC{letter}{sign} DEF»" for letter in CAPITALS for sign in AFTER_ANY]
    texts = [text for text in texts if text not in UNUSUAL]
    listed = [{"uid": f"U{index:032x}", "msg": text} for index, text in enumerate(texts)]
    parts = list(itertools.batched_by(listed, 450))
    raise NotImplementedError(parts)
