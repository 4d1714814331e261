"""The mail as a client gets it."""

import datetime as dt
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest

from domain.mailing import Mail
from domain.parties import LANGUAGES
from infrastructure.mail.message import bytes_of
from tests.builders import BERLIN, a_client, an_issued_invoice
from tests.mails import (
    ATTACHED,
    PDF,
    SENDER,
    a_credit_note,
    a_mail,
    a_reminder,
    as_received,
    header_of,
    html_of,
    text_of,
)

ODD_NAMES = [
    "Zoë Müller-Özdemir",
    "株式会社みどり",
    "شركة",
    'Ada "the Countess", Lovelace',
    "x" * 300,
    "Ümläut " * 40 + "Ö",
    "Ada " * 60 + "Lovelace",
    "<script>alert(1)</script> & Söhne",
    "👩\u200d💻 Ada",
    "Ada <ada@bank.example>, Bob",
    "=?utf-8?q?Bob?=",
]


class Markup(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "background"}]

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style":
            self.texts.append(data)


def test_it_comes_from_the_seller_by_way_of_us_and_is_answered_to_the_seller() -> None:
    mail = as_received(a_mail())

    assert mail["From"] == f"Ada Lovelace <{SENDER}>"
    assert mail["Reply-To"] == "Ada Lovelace <ada@example.com>"
    assert mail["To"] == "billing@acme.example"
    assert mail["Subject"] == "Invoice 2026-0001 from Ada Lovelace"
    assert mail["X-Invoicely-Invoice"] == "inv_acme00000000000020261031"


def test_the_document_is_attached_byte_for_byte() -> None:
    [attachment] = as_received(a_mail()).iter_attachments()

    assert isinstance(attachment, EmailMessage)
    assert attachment.get_content() == PDF
    assert (attachment.get_content_type(), attachment.get_filename()) == (
        "application/pdf",
        "invoice-2026-0001.pdf",
    )


@pytest.mark.parametrize(
    ("language", "invoice", "credit_note"),
    [
        ("en", "invoice-2026-0001.pdf", "credit-note-CN-2026-0001.pdf"),
        ("de", "Rechnung-2026-0001.pdf", "Rechnungskorrektur-CN-2026-0001.pdf"),
        ("fr", "facture-2026-0001.pdf", "avoir-CN-2026-0001.pdf"),
        ("pl", "faktura-2026-0001.pdf", "faktura-korygujaca-CN-2026-0001.pdf"),
    ],
)
def test_the_document_is_named_in_the_client_s_language(
    language: str, invoice: str, credit_note: str
) -> None:
    note = replace(a_credit_note(), attachments=(replace(ATTACHED[0], number="CN-2026-0001"),))

    mails = [
        replace(each, invoice=replace(each.invoice, language=language))
        for each in (a_mail(), a_reminder(), note)
    ]

    assert [attached_to(mail) for mail in mails] == [invoice, invoice, credit_note]


def test_a_number_is_no_folder_and_no_end_of_a_line() -> None:
    mail = replace(a_mail(), attachments=(replace(ATTACHED[0], number="INV/2026\r\nX: 1"),))

    assert attached_to(mail) == "invoice-INV-2026-X:-1.pdf"


def attached_to(mail: Mail) -> str | None:
    [attachment] = as_received(mail).iter_attachments()
    return attachment.get_filename()


def test_the_text_says_what_is_to_be_paid_and_when() -> None:
    text = text_of(as_received(a_mail(an_issued_invoice(total=123_450))))

    assert "2026-0001" in text
    assert "1,234.50" in text
    assert "14 November 2026" in text
    assert text.strip().endswith("Ada Lovelace")


@pytest.mark.parametrize(
    ("language", "opening", "period"),
    [
        ("en", "invoice 2026-0001 for 1 October 2026.", "1 October 2026"),
        ("de", "die Rechnung 2026-0001 für den 1. Oktober 2026.", "1. Oktober 2026"),
        ("fr", "la facture 2026-0001 pour le 1er octobre 2026.", "1er octobre 2026"),
        ("pl", "fakturę 2026-0001 za dzień 1 października 2026 r.\r\n", "1 października 2026 r."),
    ],
)
def test_what_is_of_one_day_names_it_once(language: str, opening: str, period: str) -> None:
    invoice = replace(an_issued_invoice(a_client(language=language)), period_end=dt.date(2026, 10, 2))

    mail = as_received(a_mail(invoice))

    assert invoice.period_start == invoice.last_day == dt.date(2026, 10, 1)
    assert opening in text_of(mail)
    assert period in Markup(html_of(mail)).texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_written_to_in_its_own_language(language: str) -> None:
    invoice = an_issued_invoice(a_client(language=language))

    mail = as_received(a_mail(invoice))

    assert "2026-0001" in mail["Subject"]
    assert "{" not in mail["Subject"] + text_of(mail)
    assert ("Rechnung" in mail["Subject"]) == (language == "de")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_in_any_script_arrives_in_seven_bits(name: str) -> None:
    invoice = an_issued_invoice()
    seller = replace(invoice.seller, name=name) if invoice.seller else None

    raw = bytes_of(a_mail(replace(invoice, seller=seller)), SENDER)

    received = message_from_bytes(raw, policy=default)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert header_of(raw, "From") == f"{as_quoted(name)} <{SENDER}>"
    assert header_of(raw, "Subject") == f"Invoice 2026-0001 from {name}"
    assert [address.addr_spec for address in received["From"].addresses] == [SENDER]
    assert name in " ".join(text_of(received).split())


def as_quoted(name: str) -> str:
    """A short name is quoted, and a longer one encoded."""
    if not name.isascii() or len(name) > 60 or "=?" in name:
        return name
    quoted = name.replace('"', '\\"')
    return f'"{quoted}"'


def test_a_seller_without_an_address_for_answers_is_answered_to_us() -> None:
    invoice = an_issued_invoice()
    seller = replace(invoice.seller, email=None, address=BERLIN) if invoice.seller else None

    assert as_received(a_mail(replace(invoice, seller=seller)))["Reply-To"] is None


def test_a_name_is_never_a_line_a_header_or_another_address() -> None:
    """Names are checked where they come in; one that was stored before is no danger either."""
    name = "Ada\r\nBcc: bob@example.com\r\n\r\n\u202emoc.elpmaxe\u2028"
    invoice = an_issued_invoice()
    seller = replace(invoice.seller, name=name) if invoice.seller else None

    mail = as_received(a_mail(replace(invoice, seller=seller, number="1\nX-Evil: 1")))

    assert (mail["Bcc"], mail["X-Evil"]) == (None, None)
    assert mail["Subject"] == "Invoice 1 X-Evil: 1 from Ada Bcc: bob@example.com moc.elpmaxe"
    assert mail["From"].addresses[0].addr_spec == SENDER


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_never_markup(name: str) -> None:
    invoice = an_issued_invoice()
    seller = replace(invoice.seller, name=name) if invoice.seller else None

    page = Markup(html_of(as_received(a_mail(replace(invoice, seller=seller)))))

    assert "script" not in page.elements
    assert " ".join(name.split()) in page.texts


def test_the_page_fetches_nothing_and_leads_nowhere() -> None:
    """So that nobody is told who read it, and no link in it can be taken for one to pay by."""
    page = Markup(html_of(as_received(a_mail())))

    assert page.links == []
    assert not page.elements & {"img", "script", "a", "form", "iframe", "link"}


def test_it_answers_no_machine_and_says_its_language() -> None:
    mail = as_received(a_mail(an_issued_invoice(a_client(language="pl"))))

    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "pl")
    assert 'lang="pl"' in html_of(mail)


def test_text_and_page_are_two_forms_of_one_mail() -> None:
    mail = as_received(a_mail())

    page = " ".join(Markup(html_of(mail)).texts)

    assert mail.get_content_type() == "multipart/mixed"
    assert all(" ".join(line.split()) in " ".join(page.split()) for line in text_of(mail).splitlines())


def test_who_owes_nothing_is_asked_for_nothing() -> None:
    text = text_of(as_received(a_mail(an_issued_invoice(total=0))))

    assert "There is nothing to pay." in text
    assert "due" not in text


def test_a_reminder_asks_for_what_is_still_open() -> None:
    mail = as_received(a_reminder())

    assert mail["Subject"] == "Reminder: invoice 2026-0001 from Ada Lovelace"
    assert "was due on 14 November 2026" in text_of(mail)
    assert "EUR\u00a040.00 is still open" in text_of(mail)


def test_a_number_is_never_broken_where_a_line_ends_unless_no_line_can_hold_it() -> None:
    unbroken = '<span style="white-space:nowrap">{}</span>'
    long = replace(a_credit_note(), number="CN-" + "7" * 40)

    page = html_of(as_received(a_credit_note()))
    assert page.count(unbroken.format("CN-2026-0001")) == 2  # the title, and the sentence that names it
    assert f"corrects invoice {unbroken.format('2026-0001')}." in page
    assert unbroken.format(long.number) not in html_of(as_received(long))


def test_a_number_without_a_place_to_break_is_not_looked_for_in_dates() -> None:
    page = html_of(as_received(replace(a_mail(), number="1")))

    assert '<span style="white-space:nowrap">1</span>' not in page


def test_a_credit_note_names_the_invoice_that_it_corrects() -> None:
    mail = as_received(a_credit_note())

    assert mail["Subject"] == "Credit note CN-2026-0001 from Ada Lovelace"
    assert "which corrects invoice 2026-0001" in text_of(mail)
    assert {"Issue date", "Invoice number"}.isdisjoint(Markup(html_of(mail)).texts)
    facts = {"CN-2026-0001", "Date", "1 December 2026", "Corrects invoice", "2026-0001"}
    assert facts <= set(Markup(html_of(mail)).texts)
    assert "pay" not in text_of(mail)


@pytest.mark.parametrize(
    "mail", [a_mail(), a_credit_note(), a_reminder()], ids=["invoice", "credit note", "reminder"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_whole_in_every_language(language: str, mail: Mail) -> None:
    received = as_received(replace(mail, invoice=replace(mail.invoice, language=language)))

    everything = received["Subject"] + text_of(received) + " ".join(Markup(html_of(received)).texts)
    assert mail.number in received["Subject"]
    assert "Ada Lovelace" in received["Subject"]
    assert not set("{}$") & set(everything)
    assert ".." not in everything
