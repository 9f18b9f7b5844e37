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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import checker
from checker import Report

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
    """A response with a length. A header's underscores are hyphens; an empty one is left out."""
    fields = {"Content_Type": content_type, "Content_Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
    head = "\r\n".join([f"{protocol} {status}", *lines, "", ""])
    return Answer(data=head.encode() + body, hang_up=hang_up)


def chunked(*chunks: bytes, trailer: str = "", **headers: str) -> Answer:
    """A response in chunks, one of them with an extension (RFC 9112, section 7.1)."""
    body = b"".join(b"%x;part=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks if chunk)
    body += b"0\r\n" + trailer.encode() + b"\r\n"
    return answer(body=body, Content_Length="", Transfer_Encoding="chunked", **headers)


def sent(
    status: str = "200 OK", pack: Callable[[bytes], bytes] = bytes, **how: Any
) -> Callable[[bytes], Answer]:
    """How a page is sent: `answer` with these headers, its body packed."""
    return lambda body: answer(status, pack(body), **how)


GZIPPED = sent(pack=gzip.compress, Content_Encoding="gzip")


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
    return [page(rows(size, number * size), token) for number, token in enumerate((*tokens, ""))]


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


def check(url: str, **options: Any) -> Report:
    """How fast this machine is at the moment is no part of what looks alike."""
    return checker.check(url, ignore=["PERF001"], **options)


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
    "portuguese": "Olá, João! Amanhã, às 9h, não há aula. A «MANHÃ» e a “AMANH\u00c3” são da IRMÃ… "
    "Peça já o seu PÃO: 2.ª via, n.º 5. SÃO PAULO – MAÇ\u00c3° – CAFÉ®. «AMANH\u00c3»",
    "portuguese capitals": "AMANHÃ, NÃO HÁ PROMOÇÃO! A LÃ, O FÃ E A RÃ: ‘IRM\u00c3’, MANHÃ… "
    f"MANHÃ—TARDE. MANHÃ/TARDE; PREÇO: R${NBSP}5,00. ALEMÃ{NBSP}» ÂNGULO, CÂMARA, ÂMBAR.",
    "french": f"Bonjour{NBSP}! Ça va{THIN}? «{NBSP}À bientôt{NBSP}», dit-elle : l’été à Nîmes, "
    f"20{NBSP}% de remise. Où êtes-vous{NBSP}? Voilà… C’est à 5{NBSP}€, déjà{NBSP}!",
    "french capitals": f"«{NBSP}VOILÀ{NBSP}» L’ÉTÉ À NÎMES{NBSP}! DÉJÀ{NBSP}? OÙ{NBSP}? ŒUVRE, "
    f"ÂGE, GOÛT, NOËL{NBSP}: 20{NBSP}€. CHÂTEAU, PÂTÉ.",
    "french footnote": "Le café est offert à³ «Chez Zoé»², voilà¹» et voilà° ; “à” et ‘â’, à…",
    "german": "„Grüß Gott!“ Die Änderung der Öffnungszeiten über Ostern: 5 °C, 20 % Rabatt auf "
    "ÖL, ÄPFEL und ÜBUNGEN. »Größe« und ›Maß‹ – bis morgen… null Euro Aufpreis.",
    "spanish": "¿Qué tal, Señor Núñez? ¡El AÑO nuevo! «MAÑANA» a las 3 ½, 1.º y 2.ª planta. "
    "“ESPAÑA”, ÑANDÚ, PIÑA… Mamá y papá: «está» y está… ¡Olé!",
    "italian": "Perché no? La città è già aperta: 'PIÙ' libertà, «VIRTÙ», CAFFÈ… 15° a Forlì, "
    "l’università costa 5€. È così, cioè: di più!",
    "romanian": "Bună ziua! Mâine, în România, încă o dată: «ÎN», ÂNCHEOIAT, ROMÂNĂ, șase și țară.",
    "turkish": "Merhaba! HÂLÂ açığız: “HÂLÂ”, hâlâ… kâr, İstanbul’da IŞIK, ÖĞLE, %20 indirim.",
    "icelandic": "Góðan daginn! Það er ÞÁ sem ÖLL BÖRN FÁ ÍS… „GÓÐ“, „ÞAÐ“, Ægir og Öræfi, "
    "við Ísafjörð. BORÐ» og ”BOR\u00d0”: sjáumst á morgun!",
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
    "japanese": "ご予約を承りました。〇〇様、「カフェ」で、午前１０時に……"
    "ﾊﾝｶｸも大丈夫です！〜お楽しみに〜",
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
    "ukrainian": "Добрий день! Ваше замовлення «ГОТОВЕ»: ЇЖА, ЄВРО, ґанок, об’єкт… 20 ₴. "
    "До зустрічі!",
    "greek": "Γεια σας! Η παραγγελία σας είναι «ΕΤΟΙΜΗ»… ΆΝΟΙΞΗ, ’Ϊ, “Ό,τι”; 5 € έκπτωση·",
    "georgian": "გამარჯობა! თქვენი შეკვეთა „მზად“ არის… გმადლობთ, ₾5.",
    "amharic": "ሰላም! ትዕዛዝዎ ዝግጁ ነው። አመሰግናለሁ።",
    "swahili": "Habari! Oda yako iko tayari. Karibu tena, ng’ombe wangu…",
    "hawaiian": "Aloha! E hele mai i ka hale kūʻai: ʻŌLELO, KĀNE…",
}

SIGNS = {
    "braces": "Use {curly} braces, or { {x} }, { } and {}; f(x) = {x}, {1, 2}, ${5}, $5 {off}.",
    "double braces": "Two {{ and two }}, {{}}, {{1}}, {{{, {{:-)}}, in LaTeX \\frac{{1}}{2}",
    "percent signs": "20% (of all) is off: 5%(five), 100 %, %-) and %s as such, 50%(s)",
    "dollars": "$5 or US$ 5, $HOME sweet $HOME, {$5}, $ {name the price}",
    "square brackets": "[object] lost: [Object object], [null], <object Object>",
    "comparisons": "5 < 6 and 7 > 6, a<b, a <b and c> d, x<y>z, i <3 u, <3, </3, <- ->, 1<2>0, <>",
    "angle brackets": "Mail <info@example.com>, <https://example.com>, <your name>, <<quoted>>",
    "ampersands": "R&D, AT&T; Q&A; B&B & C&A &c. &co; a&b=c; Marks&Spencer; &; fish & chips; H&M;",
    "null in prose": "The old vouchers are null and void. None of us knew; None taken.",
    "undefined in prose": "undefined behaviour is no fun, null hypotheses neither; NaN bread",
    "null as a name": "Hello, nan and grandad! Mr Null and Ms None are here",
    "greeting with none": "Hi None of the above, hello null island, dear undefined behaviour",
    "greeting with a compound": "Dear None-the-less, and hi null-terminated strings",
    "greeting with a like name": "Hi Nonette, hello Nullan, dear Naná! Hey Undefinedland!",
    "titles": "なんでもnull、様々なundefined。null値、NaN です。ค่า null คือ, 您好 nullable",
    "greeting in lower case": "Hallo, null Problemo! Hi none, hola nan, hey NULL and nil",
    "nothing alone, in words": "none",
    "zero": "0",
    "false": "false",
    "a dash": "—",
    "a line of dots": "...",
    "one emoji": "👍",
    "one letter": "Ã",
    "a quoted letter": "It’s «Ã»",
    "letters": "Ã, Â, À; “Ã”, ‘Â’, (Ã) Ð Ñ Ø Ù à á â ã ä å æ ç è é ð ï × ÷ « » ¿ ¡ ° º ª",
    "units": "5 °C, 10 µm, 3 × 4 m², ±½ %, ‰, 10 Ω, Å, © 2026 Ø™ ®, § 5, ¶, † 1900, • bullet",
    "currencies": "€5 £5 ¥5 ₹5 ₩5 ₽5 ₺5 ₴5 ₫5 ฿5 ₪5 ₱5 ₦5 $5 5¢ ¤",
    "emoji": f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦 🏳️{ZWJ}🌈 👩🏽{ZWJ}🚀 👍🏿 🇹🇭🇯🇵🇮🇸 1️⃣#️⃣*️⃣ ☕ ✨ ❤️ ™️ 🫠 🥹",
    "flags of regions": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f!",
    "private use": "LINE emoji of old: \U00100078 \U0010008d",
    "direction": f"a{RLM} b\N{LEFT-TO-RIGHT MARK} \u2067שלום\u2069 \u202bשלום\u202c",
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
}


@pytest.mark.parametrize("name", [*LANGUAGES, *SIGNS])
def test_honest_prose(site: Site, name: str) -> None:
    text = {**LANGUAGES, **SIGNS}[name]
    assert_silent(check(site.mount(Correct([page(text)])), channel="line"), rows=1)


def test_honest_prose_all_on_one_page(site: Site) -> None:
    """Beside each other, as the rules look at a whole page first."""
    texts = [*LANGUAGES.values(), *SIGNS.values()]
    listed = [{"uid": f"U{index:032x}", "msg": text} for index, text in enumerate(texts)]
    endpoint = Correct([page(listed)], GZIPPED)
    assert_silent(check(site.mount(endpoint), channel="line"), rows=len(texts))


# Letters at the end of a word, and what stands right behind them in print: every pair of them.
SMALL = "".join(char for char in map(chr, range(0xDF, 0x180)) if char.islower())
CAPITALS = "".join(char for char in map(chr, range(0xC0, 0x180)) if char.isupper())
SIGNS_BEHIND = [*"»”’“‘«…–—!?,.;:)/%*°²³®·", f"{NBSP}!", f"{THIN}?", f"{NBSP}»", f"{NBSP}5"]
SIGNS_BEHIND_SMALL = [*SIGNS_BEHIND, *"™€£©¹ºª½›•†"]
ONLY_IN_BROKEN_TEXT = {"Ã«"}
"""Nobody opens «French quotes» behind a letter, whereas an ë is often broken so."""


def test_words_that_end_in_an_accented_letter(site: Site) -> None:
    texts = [f"Dito: abc{letter}{sign} def" for letter in SMALL for sign in SIGNS_BEHIND_SMALL]
    texts += [
        f"DITO: ABC{letter}{sign} DEF"
        for letter in CAPITALS
        for sign in SIGNS_BEHIND
        if letter + sign not in ONLY_IN_BROKEN_TEXT
    ]
    listed = [{"uid": f"U{index:032x}", "msg": text} for index, text in enumerate(texts)]
    parts = [listed[start : start + 499] for start in range(0, len(listed), 499)]
    tokens = [f"t{number}" for number in range(2, len(parts) + 1)]
    documents = [page(part, token) for part, token in zip(parts, [*tokens, ""], strict=True)]
    report = check(site.mount(Correct(documents)))
    shown = [item.message for item in report.findings]
    assert {item.rule for item in report.findings} <= {"PERF004"}, shown
    assert report.crawl.rows == len(texts) > 5000


GARBLED_BEFORE = [
    "Zoë kommt",
    "José llega",
    "São João",
    "Città bella",
    "à bientôt",
    "VOILÀ",
    "OÙ",
    "MÜLLER",
    "Müller",
    "Österreich",
    "Ótimo",
    "Łukasz",
    "żółte",
    "İyi günler",
    "cœur",
    "Xin chào bạn",
    "đã sẵn sàng",
    "it’s",
    "“fine”",
    "5 €",
    "20 °C",
    "£5",
    f"10{NBSP}%",
    "🎉",
    "☕ ok",
    "Привет",
    "Γεια",
    "สวัสดี",
    "฿500",
    "नमस्ते",
    "வணக்கம்",
    "您好",
    "こんにちは",
    "안녕하세요",
    "مرحبا",
    "שלום",
    "\ufffd",
    "\ufeffHi",
    "15º",
    "año",
]


@pytest.mark.parametrize("honest", GARBLED_BEFORE)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_broken_text_is_none_of_these(site: Site, honest: str, encoding: str) -> None:
    """The other side of the line that the prose above stands on."""
    codes = [bytes([code]) for code in honest.encode()]
    text = "".join(char.decode(encoding, "ignore") or char.decode("latin-1") for char in codes)
    report = check(site.mount(Correct([page(text)])))
    assert [item.rule for item in report.findings] == ["ROW015"], text


@pytest.mark.parametrize(
    "text",
    [
        "Hi {{name}}!",
        "Hi {{ user.name | title }}",
        "Hi ${name}",
        "Hi %(name)s",
        "[object Object]",
        "undefined",
        "null",
        " None. ",
        "NaN",
        "Hi undefined,",
        "Dear null!",
        "Hello None",
        "Hi None 🎉",
        "Hi undefined - your order",
        "Hola undefined: tu pedido",
        "Dear null-",
        "undefined様、ご予約を承りました。",
        "こんにちは、null さん！",
        "null님, 안녕하세요",
        "您好，null！",
        "尊敬的undefined：",
        "สวัสดีคุณ undefined ร้านเปิดแล้ว",
        "เรียนคุณ null",
        "สวัสดีค่ะ คุณnull!",
        "親愛的 null 先生",
        "안녕하세요 None!",
    ],
)
def test_unrendered_text_is_none_of_these(site: Site, text: str) -> None:
    report = check(site.mount(Correct([page(text)])))
    assert [item.rule for item in report.findings] == ["ROW016"]


# --- tokens and ends -------------------------------------------------------------------------

TOKENS = {
    "base64": "a+b/c==",
    "base64 with a slash first": "/9j/4AAQSkZJRg==",
    "base64 with two slashes first": "//79Ynlz/w==",
    "base64 that spells a word": "next=",
    "url-safe base64": "eyJpZCI6MTAwfQ-_",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6NDk5fQ.dGVzdF9zaWduYXR1cmU-_x",
    "uuid": "0b1f6b0e-9f3e-4a52-8e55-0a8bd4f7f7a1",
    "object id": "507f1f77bcf86cd799439011",
    "time": "2026-11-23T06:05:04.123456+00:00",
    "time and id": "2026-11-23 06:05:04|499",
    "json": '{"id":499,"page":2}',
    "compound": "id:499,created:1700000000",
    "signed": "499:1kXyZ:Qm9-x_y",
    "reserved characters": "a+b/c=d&e?f#g;h@i:j$k,l!m*n'o(p)[q]",
    "quotes": 'a"b\\c<d>e`f{g}h|i^j~k',
    "blanks inside": "page two of the list",
    "blanks around": " 2 ",
    "not ascii": "страница-2/ページ２/é😀",
    "plus": "+",
    "slash": "/",
    "dot": ".",
    "two dots": "../2",
    "question": "?",
    "ampersand": "&",
    "equals": "=",
    "hash": "#",
    "zero": "0",
    "digits": "42",
    "digits with zeros": "007",
    "minus": "-1",
    "fraction": "1.5",
    "page number": "2",
    "word next": "next",
    "word null": "null",
    "word true": "true",
    "word undefined": "undefined",
    "1,000 characters": "x" * 1000,
    "an uid": "U" + "0" * 32,
    "a path": "recipients/2",
    "an e-mail": "info@example.com",
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_whatever_the_server_likes(site: Site, name: str) -> None:
    token = TOKENS[name]
    documents = pages(token, f"2{token}")
    assert_silent(check(site.mount(Correct(documents)), strict=True), rows=9, pages=3)


def test_tokens_that_are_prefixes_or_numbers_of_other_pages(site: Site) -> None:
    documents = pages("1", "11", "111", "3", "2", "01", "1 ")
    assert_silent(check(site.mount(Correct(documents))), rows=24, pages=8)


def test_the_token_travels_in_another_parameter_beside_the_endpoints_own(site: Site) -> None:
    url = (
        site.mount(Correct(pages("a/b?c&d=e", "x y"), param="cursor")) + "?team=5&empty=&limit=100"
    )
    assert_silent(check(url, token_param="cursor"), rows=9)


def test_a_path_that_ends_with_a_slash(site: Site) -> None:
    url = site.mount(Correct(pages("/recipients", "b")), "/api/recipients/")
    assert_silent(check(url), rows=9)


EMPTY_BODIES = {
    "204": answer("204 No Content", Content_Length="", content_type=""),
    "204 with a type": answer("204 No Content", Content_Length=""),
    "an empty list": answer(body=b'{"list": [], "next": ""}'),
    "an empty list and null": answer(body=b'{"list": [], "next": null}'),
}


BLANK_BODIES = {
    "nothing": answer(),
    "blanks": answer(body=b"  \r\n\t\n"),
    "no chunks": chunked(),
    "gzip of nothing": answer(body=gzip.compress(b""), Content_Encoding="gzip"),
    "nothing called gzip": answer(Content_Encoding="gzip"),
    "nothing without a type": answer(content_type=""),
    "text": answer(body=b"\n", content_type="text/html"),
}


def ended_by(last: Answer) -> Correct:
    documents = pages("b", "c", "d")
    return Correct(documents, lambda body: last if b'"next":""' in body else answer(body=body))


@pytest.mark.parametrize("name", EMPTY_BODIES)
def test_the_end_is_told_by_an_empty_page(site: Site, name: str) -> None:
    assert_silent(check(site.mount(ended_by(EMPTY_BODIES[name]))), rows=9, pages=4)


@pytest.mark.parametrize("name", BLANK_BODIES)
def test_a_blank_page_ends_the_crawl_with_a_warning(site: Site, name: str) -> None:
    report = check(site.mount(ended_by(BLANK_BODIES[name])))
    assert [finding.rule for finding in report.findings] == ["PAGE010"]
    assert (report.complete, report.crawl.rows, report.verdict) == (True, 9, "pass")


def test_a_null_next_is_the_end(site: Site) -> None:
    assert_silent(check(site.mount(Correct([*pages("b")[:1], page(rows(3, 50), None)]))), rows=6)


@pytest.mark.parametrize("count", [1, 499])
def test_one_page_is_enough(site: Site, count: int) -> None:
    infos = ["PERF004"] if count == 499 else []
    assert_silent(check(site.mount(Correct([page(rows(count))]))), *infos, rows=count, pages=1)


def test_two_full_pages_and_one_row(site: Site) -> None:
    documents = [page(rows(499), "b"), page(rows(499, 499), "c"), page(rows(1, 998))]
    packed = Correct(documents, GZIPPED)
    assert_silent(check(site.mount(packed), channel="line"), rows=999, pages=3)


def test_the_same_message_for_many(site: Site) -> None:
    listed = [{**row, "msg": "We are closed on Monday."} for row in rows(40)]
    assert_silent(check(site.mount(Correct([page(listed[:20], "b"), page(listed[20:])]))), rows=40)


def test_several_messages_for_one_person_are_worth_an_info(site: Site) -> None:
    uid = rows(1)[0]["uid"]
    first = [*rows(3), {"uid": uid, "msg": "And a second message."}]
    second = [{"uid": uid, "msg": "And a third one."}, *rows(3, 50)]
    report = check(site.mount(Correct([page(first, "b"), page(second)])))
    assert_silent(report, "ROW013", rows=8)


def test_further_members_are_worth_an_info(site: Site) -> None:
    documents = pages("b", "c")
    for document in documents:
        document["total"] = 9
        document["list"] = [{"name": "Zoë", **row, "tags": [1, None]} for row in document["list"]]
    assert_silent(check(site.mount(Correct(documents))), "PAGE008", "ROW014", rows=9)


# --- JSON, HTTP and their freedoms -----------------------------------------------------------


def spaced(document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=True, indent=4)
    return ("\r\n" + text.replace("\n", "\r\n") + " \n\n").encode()


def slashed(document: Any) -> bytes:
    """As PHP writes it: slashes escaped, and all that is not ASCII, in lower case."""
    return json.dumps(document).replace("/", "\\/").encode()


def turned(document: Page) -> bytes:
    listed = [dict(reversed(row.items())) for row in document["list"]]
    return dumped({"next": document["next"], "list": listed})


def over_escaped(document: Any) -> bytes:
    return re.sub(
        r"(?<!\\)[a-z<>&'](?=[^\"]*\")",
        lambda char: f"\\u{ord(char[0]):04X}",
        json.dumps(document, ensure_ascii=False),
    ).encode()


TEXTS_TO_SPELL = [
    'and/or 5/6 é😀\n"ok" \\ \\u00e9 C:\\new',
    "~ \u2028 \N{SOFT HYPHEN} a < b & c > d, it's",
    "\\\\ \\' \\\" / \\/ \t!",
]


@pytest.mark.parametrize("spell", [spaced, slashed, turned, over_escaped])
def test_json_may_be_spelt_in_many_ways(site: Site, spell: Callable[[Any], bytes]) -> None:
    documents = pages("a/b", "c")
    for document in documents:
        for row, text in zip(document["list"], TEXTS_TO_SPELL, strict=True):
            row["msg"] = text
    assert_silent(check(site.mount(Correct(documents, dumps=spell))), rows=9)


EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
A_DATE = "Mon, 23 Nov 2026 06:05:04 GMT"
LONG_AGO = "Thu, 19 Nov 1981 08:52:00 GMT"


def in_two_members(body: bytes) -> bytes:
    return gzip.compress(body[:9]) + gzip.compress(body[9:])


def in_small_chunks(body: bytes) -> list[bytes]:
    return [body[start : start + 7] for start in range(0, len(body), 7)]


WIRE: dict[str, Callable[[bytes], Answer]] = {
    "chunks": lambda body: chunked(*in_small_chunks(body)),
    "chunks and a trailer": lambda body: chunked(body, trailer="Expires: 0\r\nX-Time: 5\r\n"),
    "chunks of gzip": lambda body: chunked(
        *in_small_chunks(gzip.compress(body)), Content_Encoding="gzip"
    ),
    "gzip": GZIPPED,
    "gzip in capitals": sent(pack=gzip.compress, Content_Encoding="GZIP"),
    "x-gzip": sent(pack=gzip.compress, Content_Encoding="x-gzip"),
    "gzip in two members": sent(pack=in_two_members, Content_Encoding="gzip"),
    "identity": sent(Content_Encoding="identity"),
    "interim answers": lambda body: Answer(data=EARLY_HINTS + answer(body=body).data),
    "no reason phrase": sent("200 "),
    "another reason phrase": sent("200 Alles gut"),
    "charset": sent(content_type="application/json; charset=utf-8"),
    "charset in capitals": sent(content_type='Application/JSON;charset="UTF-8"'),
    "a json type": sent(content_type="application/vnd.api+json"),
    "a json type with a profile": sent(content_type="application/ld+json; profile=x"),
    "text/json": sent(content_type="text/json"),
    "private": sent(Cache_Control="private, max-age=60"),
    "private with a field": sent(Cache_Control='max-age=60, private="Set-Cookie", no-store'),
    "no-cache": sent(Cache_Control="no-cache, must-revalidate", Pragma="no-cache", Expires="0"),
    "max-age=0": sent(Cache_Control="max-age=0"),
    "expired": sent(Expires=LONG_AGO),
    "expired at once": sent(Date=A_DATE, Expires=A_DATE),
    "etag": sent(ETag='W/"5"', Last_Modified=LONG_AGO, Vary="*", Cache_Control="no-store"),
    "one origin": sent(Access_Control_Allow_Origin="https://app.example.com", Vary="Origin"),
    "a cookie that nobody needs": sent(Set_Cookie="session=abc; Path=/; HttpOnly"),
    "a link": sent(Link='</?page=2>; rel="next"', Keep_Alive="timeout=5, max=100"),
    "many headers": sent(**{f"X_Header_{number}": "x" for number in range(60)}),
    "closed when idle": sent(hang_up=True),
}


@pytest.mark.parametrize("name", WIRE)
def test_http_leaves_servers_free(site: Site, name: str) -> None:
    report = check(site.mount(Correct(pages("b", "c"), WIRE[name])), headers=[], strict=True)
    assert_silent(report, rows=9, pages=3)


CLOSING = {
    "connection: close": sent(Connection="close", hang_up=True),
    "no length": sent(Content_Length="", hang_up=True),
    "http/1.0": sent(protocol="HTTP/1.0", hang_up=True),
    "http/1.0 without a length": sent(protocol="HTTP/1.0", Content_Length="", hang_up=True),
}


@pytest.mark.parametrize("name", CLOSING)
def test_a_server_that_closes_after_each_page_is_worth_an_info(site: Site, name: str) -> None:
    assert_silent(check(site.mount(Correct(pages("b", "c"), CLOSING[name]))), "PERF005", rows=9)


def test_keep_alive_of_http_1_0(site: Site) -> None:
    kept = sent(protocol="HTTP/1.0", Connection="keep-alive")
    assert_silent(check(site.mount(Correct(pages("b", "c"), kept))), rows=9)


# --- refusals --------------------------------------------------------------------------------

REFUSALS = {
    status: answer(status, b"No", content_type="text/plain")
    for status in (
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "406 Not Acceptable",
        "411 Length Required",
        "415 Unsupported Media Type",
        "422 Unprocessable Content",
        "429 Too Many Requests",
        "501 Not Implemented",
    )
} | {
    "405 with Allow": answer("405 Method Not Allowed", Allow="GET, HEAD, OPTIONS"),
    "302 to a login": answer("302 Found", Location="/login"),
    "303 to itself": answer("303 See Other", Location="?"),
    "a closed connection": Answer(data=b"", hang_up=True),
    "http/1.0": answer("405 Method Not Allowed", protocol="HTTP/1.0", Allow="GET", hang_up=True),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_post_may_be_refused_in_many_ways(site: Site, name: str) -> None:
    assert_silent(check(site.mount(Correct(pages("b"), post=REFUSALS[name]))), rows=6)


def test_a_405_without_allow_is_worth_an_info(site: Site) -> None:
    refusing = Correct(pages("b"), post=answer("405 Method Not Allowed"))
    assert_silent(check(site.mount(refusing)), "HTTP004", rows=6)


BAD_TOKEN_ANSWERS = {
    "400": answer("400 Bad Request", b'{"error": "next is not a token"}'),
    "401": answer("401 Unauthorized"),
    "404": answer("404 Not Found", b"<html><h1>Not Found</h1></html>", content_type="text/html"),
    "410": answer("410 Gone"),
    "422": answer("422 Unprocessable Content", b'{"detail": [{"loc": ["query", "next"]}]}'),
    "an empty page": answer(body=b'{"list": [], "next": ""}'),
    "204": answer("204 No Content", Content_Length=""),
    "nothing": answer(),
    "an error with 200": answer(body=b'{"error": "next is not a token"}'),
    "the last rows": answer(body=dumped(page(rows(2, 4)))),
}


@pytest.mark.parametrize("name", BAD_TOKEN_ANSWERS)
def test_a_bad_token_may_be_answered_in_many_ways(site: Site, name: str) -> None:
    refusing = Correct(pages("b"), bad_token=BAD_TOKEN_ANSWERS[name])
    assert_silent(check(site.mount(refusing)), rows=6)


UNAUTHORIZED = {
    "401": answer("401 Unauthorized", WWW_Authenticate="Bearer"),
    "403": answer("403 Forbidden", b"Forbidden", content_type="text/plain"),
    "404": answer("404 Not Found"),
    "400": answer("400 Bad Request", b'{"error": "no key"}'),
    "302 to a login": answer("302 Found", Location="/login", Content_Length="0"),
    "a login page": answer(body=b"<html><form>Log in</form></html>", content_type="text/html"),
    "an empty page": answer(body=b'{"list": [], "next": ""}'),
    "other data": answer(body=dumped(page(rows(3, 900)))),
}


@pytest.mark.parametrize("name", UNAUTHORIZED)
def test_the_door_may_be_shut_in_many_ways(site: Site, name: str) -> None:
    if name.startswith("302"):
        site.endpoints.setdefault(
            "/login", lambda ask: answer("200 OK", b"Log in", content_type="text/html")
        )
        site.counters.setdefault("/login", itertools.count(1))
    guarded = Correct(pages("b"), unauthorized=UNAUTHORIZED[name])
    assert_silent(check(site.mount(guarded), headers=[CREDENTIAL]), rows=6)


ERRORS = {
    "words of a trace": b'{"error": "traceback of parcels: ask at the desk (5:2)"}',
    "a company": b"<h1>Ignition Ltd.</h1><p>This page does not exist. Whoops!</p>",
    ".NET without details": b"<title>Runtime Error</title><h1>Server Error in '/' Application.</h1>"
    b"<p>The current custom error settings for this application prevent the details of the "
    b"application error from being viewed remotely (for security reasons).</p>",
    "django without debug": b"<h1>Not Found</h1><p>The requested resource was not found.</p>",
    "a contact": b"Call us at Berlin (030/1234:56) or at Rome (06:30:00). Stack overflow Inc.",
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_without_the_servers_inside(site: Site, name: str) -> None:
    refusal = answer("400 Bad Request", ERRORS[name], content_type="text/html")
    assert_silent(check(site.mount(Correct(pages("b"), bad_token=refusal, post=refusal))), rows=6)


def test_other_methods_that_are_asked_for(site: Site) -> None:
    report = check(
        site.mount(Correct(pages("b"))), probe_methods=["PUT", "PATCH", "DELETE", "TRACE"]
    )
    assert_silent(report, rows=6)


def test_options_may_be_answered(site: Site) -> None:
    def endpoint(ask: Ask) -> Answer:
        described = answer("204 No Content", Content_Length="", Allow="GET, HEAD, OPTIONS")
        return described if ask.method == "OPTIONS" else correct(ask)

    correct = Correct(pages("b"))
    assert_silent(check(site.mount(endpoint), probe_methods=["OPTIONS"]), rows=6)


# --- time and change -------------------------------------------------------------------------


def test_new_rows_may_arrive_while_the_crawl_runs(site: Site) -> None:
    """Keyset pagination over a table that grows by a row with each request."""

    def endpoint(ask: Ask) -> Answer:
        if ask.method != "GET":
            return answer("405 Method Not Allowed", Allow="GET")
        if ask.token is not None and not ask.token.isdigit():
            return answer("400 Bad Request")
        table = rows(100 + ask.number)
        after = int(ask.token or 0)
        part, onward = table[after : after + 20], after + 20
        return answer(body=dumped(page(part, str(onward) if onward < len(table) else "")))

    report = check(site.mount(endpoint))
    # ids without a gap are numbers that offsets would be, too: an info, and no more
    assert_silent(report, "NEXT016", pages=6)
    assert 100 < report.crawl.rows <= 110


def test_new_rows_may_fill_the_first_page(site: Site) -> None:
    """A page that was not yet full, and so had no row behind it, takes in what is new."""

    def endpoint(ask: Ask) -> Answer:
        grown = Correct([page(rows(5 + ask.number), "b"), page(rows(3, 50), "")])
        return grown(ask)

    assert_silent(check(site.mount(endpoint)), rows=9)


def slowly(endpoint: Endpoint, seconds: Callable[[int], float]) -> Endpoint:
    """The server's own latency, by the number of the request."""

    def slow(ask: Ask) -> Answer:
        time.sleep(seconds(ask.number))
        return endpoint(ask)

    return slow


PACES: dict[str, Callable[[int], float]] = {
    "steady": lambda number: PACE_SECONDS,
    "slow in the beginning": lambda number: 0.3 if number < 4 else 0.03,
    "slow once": lambda number: 1.0 if number == 20 else 0.01,
    "a slow stretch": lambda number: 0.12 if 13 <= number <= 17 else 0.02,
    "up and down": lambda number: (number * 7 % 11) / 100,
    "fast, and a little slower": lambda number: number / 3000,
}


@pytest.mark.parametrize("name", PACES)
def test_pages_take_their_time(site: Site, name: str) -> None:
    documents = pages(*(f"t{number}" for number in range(2, 25)), size=50)
    endpoint = slowly(Correct(documents), PACES[name])
    assert_silent(check(site.mount(endpoint)), rows=24 * 50, pages=24)


def test_pages_may_grow_without_getting_slower(site: Site) -> None:
    documents = pages(*(f"t{number}" for number in range(2, 25)), size=50)
    for number, document in enumerate(documents):
        for row in document["list"]:
            row["msg"] += "!" * 8 * number
    assert_silent(check(site.mount(Correct(documents))), rows=24 * 50)


def test_load_on_a_server_that_takes_it(site: Site) -> None:
    endpoint = slowly(Correct(pages("b", "c")), lambda number: 0.01)
    assert_silent(check(site.mount(endpoint), load=3), rows=9)
