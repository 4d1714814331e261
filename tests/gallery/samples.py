"""One sample for each thing that a document has to cope with."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.documents import DocumentLine, Grouping, InvoiceDocument
from domain.grouping import grouped
from domain.parties import Address, BankDetails, Contact, Party
from domain.tax import Tax, TaxCategory
from domain.totals import Adjustment, Applied, Terms
from tests.documents import a_credit_note, a_line, a_seller, an_invoice

Sample = Callable[[], InvoiceDocument]

VAT_19, VAT_7 = Tax(rate=Decimal(19)), Tax(rate=Decimal(7))
SMALL_BUSINESS = Tax(
    category=TaxCategory.EXEMPT,
    reason="Gemäß § 19 UStG wird keine Umsatzsteuer berechnet (Kleinunternehmer).",
)
WITHOUT_TAX = (
    SMALL_BUSINESS,
    *(Tax(category=each) for each in TaxCategory if each not in {TaxCategory.STANDARD, TaxCategory.EXEMPT}),
)
FRENCH = Party(
    name="Librairie des Deux Rives",
    address=Address(street="14 quai Saint-Michel", postal_code="75005", city="Paris", country="FR"),
    tax_id="FR40303265045",
)
POLISH = Party(
    name="Wydawnictwo Źródło sp. z o.o.",
    address=Address(street="ul. Żelazna 51/53", postal_code="00-841", city="Warszawa", country="PL"),
    tax_id="PL5260250274",
)
JAPANESE = Party(
    name="みどり文庫株式会社",
    address=Address(street="神田神保町1-2-3", postal_code="101-0051", city="東京都千代田区", country="JP"),
)
CHINESE = Party(
    name="青山出版集團有限公司",
    address=Address(street="忠孝東路四段 100 號", postal_code="106", city="臺北市", country="TW"),
)
KOREAN = Party(
    name="한빛출판 주식회사",
    address=Address(street="세종대로 110", postal_code="04524", city="서울특별시", country="KR"),
)
ARABIC = Party(
    name="دار النخيل للنشر والتوزيع",
    address=Address(street="شارع الشيخ زايد ١٢", city="دبي", country="AE"),
)
HEBREW = Party(
    name="הוצאת ספרים אלון בע״מ",
    address=Address(street="שדרות רוטשילד 22", postal_code="6688218", city="תל אביב", country="IL"),
)
LONG = Party(
    name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG "
    "für Binnenwasserstraßen, Abteilung Öffentlichkeitsarbeit, Referat Internationale Zusammenarbeit",
    address=Address(
        street="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochstraße 12345, Hinterhaus",
        extra_line="z. Hd. Frau Dr. Wolfeschlegelsteinhausenbergerdorff-Schmidt, Stockwerk 14, Zimmer 14.077",
        postal_code="94032",
        city="Passau",
        country="DE",
    ),
)


def taxed(*taxes: Tax, lines: int = 8, **changes: Any) -> InvoiceDocument:
    """An invoice whose lines have these taxes in turn."""
    return an_invoice(
        lines=tuple(a_line(number, tax=taxes[number % len(taxes)]) for number in range(lines)), **changes
    )


def one_line() -> InvoiceDocument:
    return an_invoice(lines=1, tax=VAT_19)


def twelve_lines() -> InvoiceDocument:
    return an_invoice(lines=12, tax=VAT_19, language="de")


def sixty_lines() -> InvoiceDocument:
    return an_invoice(lines=60, tax=Tax(category=TaxCategory.REVERSE_CHARGE), language="fr", buyer=FRENCH)


def six_hundred_lines() -> InvoiceDocument:
    return an_invoice(lines=600, tax=Tax(rate=Decimal(23)), language="pl", buyer=POLISH)


def every_category() -> InvoiceDocument:
    return taxed(VAT_19, VAT_7, *WITHOUT_TAX, language="de")


def small_business() -> InvoiceDocument:
    return an_invoice(lines=5, tax=SMALL_BUSINESS, language="de")


def reverse_charge() -> InvoiceDocument:
    return an_invoice(lines=5, tax=Tax(category=TaxCategory.REVERSE_CHARGE), language="fr", buyer=FRENCH)


def allowances() -> InvoiceDocument:
    """Of lines and of the whole, a prepayment, and an amount that coins can pay."""
    terms = Terms(
        currency="EUR",
        adjustments=(
            Adjustment(reason="Loyalty discount", percent=Decimal("2.5")),
            Adjustment(reason="Travel", amount=Decimal("48.20"), is_charge=True),
        ),
        prepaid=500_00,
        round_to=5,
    )
    entries = [a_line(number, tax=(VAT_19, VAT_7)[number % 2]) for number in range(6)]
    entries[1] = _adjusted(entries[1], Applied(reason="Rush", amount=25_00, is_charge=True))
    entries[3] = _adjusted(
        entries[3], Applied(reason="Bulk rate", amount=21_38, percent=Decimal(10), base=213_75)
    )
    return an_invoice(lines=tuple(entries), terms=terms)


def prices_with_tax() -> InvoiceDocument:
    return taxed(VAT_19, VAT_7, language="de", terms=Terms(currency="EUR", prices_include_tax=True))


def by_day() -> InvoiceDocument:
    entries = [a_line(number, date=dt.date(2026, 10, 1 + number // 3), tax=VAT_19) for number in range(24)]
    return _grouped(Grouping.DAY, entries)


def by_project() -> InvoiceDocument:
    """In minutes that no cent fits, with all entries behind."""
    hours = [Decimal(minutes) / 60 for minutes in (95, 40, 125, 10, 50, 185, 20)]
    entries = [
        a_line(number, tax=VAT_19, quantity=hours[number % len(hours)].quantize(Decimal("0.0001")))
        for number in range(48)
    ]
    dated = sorted(entries, key=lambda line: line.date)
    return replace(_grouped(Grouping.PROJECT, dated), timesheet=tuple(dated), language="de")


def credit_note() -> InvoiceDocument:
    reason = "Die Stunden vom 1. Oktober standen schon auf der Rechnung für September."
    return a_credit_note(lines=3, tax=VAT_19, language="de", reason=reason)


def credit_note_in_polish() -> InvoiceDocument:
    reason = "Podwójnie naliczone godziny"
    return a_credit_note(lines=3, tax=Tax(rate=Decimal(23)), language="pl", buyer=POLISH, reason=reason)


def references() -> InvoiceDocument:
    """What a public client wants to find, and one reference that is too long for its column."""
    contact = Contact(name="Nele Brandt", telephone="+49 40 123 456 78", email="nele@brandt.example")
    return an_invoice(
        lines=3,
        tax=VAT_19,
        language="de",
        seller=a_seller(contact=contact),
        buyer_reference="04011000-1234512345-06",
        order_reference="EVB-IT/2026/" + "0123456789" * 8,
    )


def long_names() -> InvoiceDocument:
    description = "Überarbeitung sämtlicher Bestellformulare einschließlich aller Fehlerzustände. " * 6
    lines = (
        a_line(description=description, project="Kraftfahrzeughaftpflichtversicherung " * 5, tax=VAT_19),
        a_line(description="https://example.com/" + "a-path-without-an-end/" * 12, tax=VAT_19),
        a_line(unit="Normseiten zu 1500 Zeichen", quantity=Decimal("12.3456"), tax=VAT_19),
        a_line(quantity=Decimal(100_000), unit_price=Decimal("99999.9999"), tax=VAT_19),
    )
    return an_invoice(lines=lines, language="de", buyer=LONG, seller=replace(LONG, tax_id="DE123456789"))


def right_to_left() -> InvoiceDocument:
    done = ("ترجمة كتاب عن تاريخ الملاحة", "מראית לספר ילדים", "Translation of the preface: مقدمة")
    return _in_script(ARABIC, done, currency="AED")


def hebrew() -> InvoiceDocument:
    return _in_script(HEBREW, ("תרגום ספרותי, פרקים 1–4", "עריכה לשונית", "Proofs (PDF)"), currency="ILS")


def japanese() -> InvoiceDocument:
    done = ("小説の翻訳（第一章から第四章まで）", "校正", "Meeting with the editor: 打ち合わせ")
    return _in_script(JAPANESE, done, currency="JPY", price=Decimal(9500))


def chinese() -> InvoiceDocument:
    return _in_script(
        CHINESE, ("長篇小說翻譯，第一章至第四章", "校對", "Cover text: 封面文案"), currency="TWD"
    )


def korean() -> InvoiceDocument:
    return _in_script(
        KOREAN, ("장편소설 번역, 1장부터 4장까지", "교정", "Cover text: 표지 글"), currency="KRW"
    )


def hostile() -> InvoiceDocument:
    lines = tuple(
        a_line(description=text, project=None)
        for text in (
            '<script>alert("1")</script>',
            "An amount that \u202edesrever si\u202c by an override of its direction",
            "Emoji 🚀👩🏽‍💻🇩🇪, maths 𝕬∑√, Ogham ᚛ᚑᚌᚐᚋ᚜, private \ue000",
            "#let x = 1 *bold* $x^2$ @reference",
            "Z̷̢̛a̴l̵g̶o̴ text, and a\ttab",
        )
    )
    return an_invoice(lines=lines, seller=a_seller(name="Ada <b>Brandt</b> 🦊"))


SAMPLES: Sequence[Sample] = (
    *(one_line, twelve_lines, sixty_lines, six_hundred_lines),
    *(every_category, small_business, reverse_charge, allowances, prices_with_tax),
    *(by_day, by_project, credit_note, credit_note_in_polish, references),
    *(long_names, right_to_left, hebrew, japanese, chinese, korean, hostile),
)


def _grouped(grouping: Grouping, entries: Sequence[DocumentLine]) -> InvoiceDocument:
    lines = grouped(entries, grouping, currency="EUR")
    return an_invoice(lines=lines, grouping=grouping, language="de")


def _adjusted(line: DocumentLine, applied: Applied) -> DocumentLine:
    amount = line.amount + applied.signed
    return replace(line, amount=amount, net=amount, adjustments=(applied,))


def _in_script(
    buyer: Party, done: Sequence[str], *, currency: str, price: Decimal = Decimal("142.50")
) -> InvoiceDocument:
    lines = tuple(
        a_line(number, description=text, project=buyer.name, unit_price=price, currency=currency)
        for number, text in enumerate(done)
    )
    bank = BankDetails(holder="Ada Brandt", account_number="DE02120300000000202051", bank_code="BYLADEM1001")
    return an_invoice(lines=lines, buyer=buyer, currency=currency, bank=bank)
