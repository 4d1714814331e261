import datetime as dt
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from domain.archiving import Document, Documents
from domain.errors import Problem
from domain.identifiers import CreditNoteId
from domain.invoices import Invoice
from infrastructure import wiring
from tests.builders import MAILED_AT, a_client, a_work_entry, an_account, an_invoice_id
from tests.terminal import ME, Terminal
from tests.world import World

DUE = dt.date(2026, 10, 31)
LATER = dt.date(2026, 11, 10)
CLIENT = a_client(account_id=ME)
INVOICE = an_invoice_id()
ONE = a_work_entry("1" * 16, client=CLIENT, date=dt.date(2026, 10, 1))
TWO = a_work_entry("2" * 16, client=CLIENT, date=dt.date(2026, 10, 2), minutes=120)


@pytest.fixture
def issued(world: World) -> Invoice:
    """An invoice of an hour and of two more, at 100.00 an hour."""
    world.having(an_account(id=ME), CLIENT, ONE, TWO)
    world.tick(DUE)
    return world.issue(INVOICE, client=CLIENT, day=DUE)


@pytest.fixture
def note(world: World, invoicely: Terminal, issued: Invoice) -> CreditNoteId:
    """A credit note of the two hours."""
    said = invoicely("invoices", "credit", "2026-0001", "--line", TWO.id, "--reason", "Wrong rate", "--json")
    return world.finish(said.json["id"], account_id=ME, day=LATER).id


def keep(world: World, note: CreditNoteId, **documents: object) -> None:
    wiring.archive().put(key="1.pdf", content=b"a PDF")
    pdf = Document(key="1.pdf", sha256=sha256(b"a PDF").hexdigest())
    world.deliveries.update(
        account_id=ME,
        invoice_id=note,
        change=lambda delivery: delivery.documented(Documents(pdf=pdf, **documents)),  # type: ignore[arg-type] # by name
    )


def test_an_invoice_is_taken_back_as_a_whole(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "credit", "2026-0001", "--whole")

    assert ended.code == 0
    assert ended.lines[0] == "A credit note to 2026-0001 is being made, of all that is left of it."
    assert "invoices show crn_" in ended.lines[1]
    assert "is being made" in invoicely("invoices", "show", "2026-0001").out


def test_some_lines_are_taken_back(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "credit", INVOICE, "--line", ONE.id, "--line", TWO.id)

    assert ended.lines[0] == "A credit note to 2026-0001 is being made, of 2 of its lines."


@pytest.mark.parametrize("by", ["number", "id"])
def test_a_credit_note_is_shown_with_what_it_takes_back(
    invoicely: Terminal, note: CreditNoteId, by: str
) -> None:
    shown = invoicely("invoices", "show", "CN-2026-0001" if by == "number" else note)

    assert shown.lines == [
        f"CN-2026-0001 to Acme GmbH  ({note}, issued, mail pending)",
        f"  credit note to 2026-0001 ({INVOICE}) · issued 2026-11-10",
        "  reason: Wrong rate",
        "  2026-10-02         2 hour        200.00 EUR  Analytical engine",
        "  no tax on 200.00 EUR, category O: Not subject to VAT.",
        "  total 200.00 EUR",
    ]
    assert invoicely("invoices", "show", note, "--json").json["credited"] == 200_00


def test_what_is_rounded_of_a_credit_note_is_credited_and_not_to_be_paid(
    invoicely: Terminal, world: World
) -> None:
    client = a_client(account_id=ME, round_to=Decimal("0.05"))
    world.having(an_account(id=ME), client, a_work_entry(client=client, rate=Decimal("100.01")))
    world.tick(DUE)
    note = world.credit(world.issue(INVOICE, client=client, day=DUE))
    world.finish(note.id, account_id=ME, day=LATER)

    assert invoicely("invoices", "show", note.id).lines[-3:] == [
        "  total 100.01 EUR",
        "  rounding -0.01 EUR",
        "  credited 100.00 EUR",
    ]


def test_a_credit_note_has_no_number_at_first(invoicely: Terminal, issued: Invoice) -> None:
    begun = invoicely("invoices", "credit", INVOICE, "--whole", "--json").json["id"]

    shown = invoicely("invoices", "show", begun)

    assert shown.lines == [
        f"No number yet, to Acme GmbH  ({begun}, open, mail pending)",
        f"  credit note to 2026-0001 ({INVOICE})",
        "  total 0.00 EUR",
    ]


def test_an_invoice_tells_what_was_taken_back(invoicely: Terminal, note: CreditNoteId) -> None:
    shown = invoicely("invoices", "show", INVOICE)

    assert shown.lines[-2:] == [
        "  CN-2026-0001 of 2026-11-10 takes back 200.00 EUR",
        "  paid 0.00 EUR · 100.00 EUR is outstanding",
    ]


def test_credit_notes_are_listed(invoicely: Terminal, note: CreditNoteId) -> None:
    listed = invoicely("invoices", "credit-notes", "2026-0001")

    [row] = [line for line in listed.lines if "CN-2026-0001" in line]
    assert row.split() == [
        *("CN-2026-0001", "issued", "2026-11-10", "1", "200.00", "EUR"),
        *("Wrong", "rate", note),
    ]


def test_it_is_told_that_nothing_was_taken_back(invoicely: Terminal, issued: Invoice) -> None:
    assert invoicely("invoices", "credit-notes", INVOICE).err == "Nothing of 2026-0001 was taken back.\n"


def test_the_pdf_of_a_credit_note_is_stored(
    world: World,
    invoicely: Terminal,
    note: CreditNoteId,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    keep(world, note)

    ended = invoicely("invoices", "pdf", "CN-2026-0001")

    assert ended.out == "Stored credit-note-CN-2026-0001.pdf.\n"
    assert (tmp_path / "credit-note-CN-2026-0001.pdf").read_bytes() == b"a PDF"


def test_it_is_told_what_the_xml_of_a_credit_note_cannot_carry(
    world: World, invoicely: Terminal, note: CreditNoteId
) -> None:
    keep(world, note, not_carried=(Problem("/currency", "too-many-digits", "KWD has 3 digits"),))

    ended = invoicely("invoices", "xml", note)

    assert ended.err == "error: CN-2026-0001 has its PDF, but no e-invoice: KWD has 3 digits\n"
    assert "  No e-invoice: KWD has 3 digits." in invoicely("invoices", "show", note).lines


@pytest.mark.parametrize("said", ["CN-2026-0002", "crn_1"])
def test_a_credit_note_that_is_not_there_is_not_found(
    invoicely: Terminal, note: CreditNoteId, said: str
) -> None:
    assert invoicely("invoices", "show", said).code == 3


def test_of_a_void_invoice_nobody_waits_for_a_document(invoicely: Terminal, issued: Invoice) -> None:
    invoicely("invoices", "void", "2026-0001")

    ended = invoicely("invoices", "pdf", "2026-0001")

    assert ended.errors == ["error: there is no PDF of 2026-0001: it is void, and nothing of it is printed"]


def test_an_invoice_is_made_void_and_stays_in_the_list(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "void", "2026-0001")

    assert ended.lines == [
        "2026-0001 is void and keeps its number; its work can be edited again in a moment."
    ]
    [listed] = invoicely("invoices", "list", "--state", "void", "--json").json
    assert (listed["number"], listed["outstanding"]) == ("2026-0001", 0)
    assert invoicely("invoices", "credit", INVOICE, "--whole").code == 5


def test_what_a_client_may_have_is_taken_back_by_a_credit_note_only(
    world: World, invoicely: Terminal, issued: Invoice
) -> None:
    world.deliveries.update(
        account_id=ME,
        invoice_id=INVOICE,
        change=lambda delivery: delivery.start("billing@acme.example", MAILED_AT),
    )

    ended = invoicely("invoices", "void", INVOICE)

    assert (ended.code, "take it back by a credit note" in ended.err) == (5, True)


def test_a_line_that_is_not_there_is_refused(invoicely: Terminal, issued: Invoice) -> None:
    ended = invoicely("invoices", "credit", INVOICE, "--line", "wrk_1")

    assert (ended.code, ended.err) == (2, "error: --line: wrk_1 is no line of this invoice\n")


def test_lists_the_lines_of_an_invoice_and_those_that_a_credit_note_takes_back(
    invoicely: Terminal, note: CreditNoteId
) -> None:
    said = ("2026-0001", "CN-2026-0001", note)
    of_invoice, of_note, by_id = (invoicely("invoices", "lines", each) for each in said)

    assert [line.split()[0] for line in of_invoice.lines[2:]] == ["2026-10-01", "2026-10-02"]
    assert of_note.lines[2].split() == [
        *("2026-10-02", "Analytical", "engine", "2", "hour", "100.00", "EUR", "200.00", "EUR", TWO.id)
    ]
    assert by_id.lines == of_note.lines
    assert [each["id"] for each in invoicely("invoices", "lines", note, "--json").json] == [TWO.id]


def test_a_credit_note_that_was_just_asked_for_has_no_lines_yet(invoicely: Terminal, issued: Invoice) -> None:
    begun = invoicely("invoices", "credit", INVOICE, "--whole", "--json").json["id"]

    assert invoicely("invoices", "lines", begun).errors == ["It has no lines yet."]


@pytest.mark.parametrize("what", [(), ("--whole", "--line", ONE.id)])
def test_what_is_taken_back_has_to_be_said(
    invoicely: Terminal, issued: Invoice, what: tuple[str, ...]
) -> None:
    ended = invoicely("invoices", "credit", INVOICE, *what)

    assert ended.code == 2
    assert "--whole, or each --line" in ended.err
    assert "was taken back" in invoicely("invoices", "credit-notes", INVOICE).err


def test_a_line_that_is_not_there_is_told_also_where_none_is_left(
    world: World, invoicely: Terminal, issued: Invoice
) -> None:
    world.finish(world.credit(issued).id, account_id=ME, day=LATER)

    strange = invoicely("invoices", "credit", "2026-0001", "--line", "wrk_nope")
    none_left = invoicely("invoices", "credit", "2026-0001", "--whole")

    assert (strange.code, strange.err) == (2, "error: --line: wrk_nope is no line of this invoice\n")
    told = f"error: all lines of 2026-0001 ({INVOICE}) were taken back before"
    assert (none_left.code, none_left.errors) == (5, [told])
