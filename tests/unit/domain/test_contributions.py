import datetime as dt
from dataclasses import replace
from decimal import Decimal

from domain.counters import Contribution, Counter, Tally
from domain.credit_notes import Progress
from tests.builders import ACME, ADA, a_credit_note, a_work_entry, an_invoice, an_issued_invoice

NOVEMBER_3 = dt.date(2026, 11, 3)
OCTOBER_31 = dt.date(2026, 10, 31)
AN_HOUR = Tally(entries=1, minutes=60, billable=100_00, unbilled=100_00)


def test_work_adds_itself_to_its_month() -> None:
    contribution = Contribution.of_work(a_work_entry(minutes=90, version=3))

    assert (contribution.month, contribution.version) == ("2026-10", 3)
    assert contribution.tally == Tally(entries=1, minutes=90, billable=150_00, unbilled=150_00)


def test_a_quantity_has_no_minutes() -> None:
    tally = Contribution.of_work(a_work_entry(quantity=Decimal(3))).tally

    assert tally == Tally(entries=1, billable=30_00, unbilled=30_00)


def test_work_that_is_not_billable_adds_its_time_only() -> None:
    assert Contribution.of_work(a_work_entry(billable=False)).tally == Tally(entries=1, minutes=60)


def test_claimed_work_is_no_longer_unbilled() -> None:
    tally = Contribution.of_work(a_work_entry(invoiced_on=OCTOBER_31)).tally

    assert tally == replace(AN_HOUR, unbilled=0)


def test_removed_work_adds_nothing() -> None:
    assert Contribution.of_work(a_work_entry(removed=True)).tally == Tally()


def test_an_invoice_adds_its_total_to_the_month_in_which_it_was_issued() -> None:
    contribution = Contribution.of_invoice(an_issued_invoice(total=119_00, issued_on=NOVEMBER_3))

    assert contribution.month == "2026-11"
    assert contribution.tally == Tally(invoices=1, issued=119_00, outstanding=119_00)


def test_a_paid_invoice_adds_what_came_and_what_is_left() -> None:
    paid = an_issued_invoice(total=119_00).with_paid(100_00)

    assert Contribution.of_invoice(paid).tally == Tally(
        invoices=1, issued=119_00, paid=100_00, outstanding=19_00
    )


def test_an_invoice_that_is_not_issued_adds_nothing() -> None:
    assert Contribution.of_invoice(an_invoice(entries=1, net=100_00)).tally == Tally()


def test_a_void_invoice_adds_nothing_any_more() -> None:
    assert Contribution.of_invoice(an_issued_invoice().void()).tally == Tally()


def test_what_was_credited_is_no_longer_outstanding() -> None:
    credited = an_issued_invoice(total=119_00).less(entries=1, credited=19_00)

    assert Contribution.of_invoice(credited).tally == Tally(invoices=1, issued=119_00, outstanding=100_00)


def test_a_credit_note_adds_its_total_to_the_month_in_which_it_was_issued() -> None:
    note = a_credit_note(total=119_00, issued_on=NOVEMBER_3)

    contribution = Contribution.of_credit_note(note)

    assert (contribution.month, contribution.tally) == ("2026-11", Tally(credited=119_00))
    assert contribution.entity_id == note.id


def test_a_credit_note_that_is_not_issued_adds_nothing() -> None:
    note = replace(a_credit_note(), state=Progress.SEALED)

    assert Contribution.of_credit_note(note).tally == Tally()


def test_the_total_is_the_sum_of_the_months() -> None:
    months = {"2026-10": AN_HOUR, "2026-11": Tally(invoices=1, issued=100_00, outstanding=100_00)}

    counter = Counter(account_id=ADA, client_id=ACME, currency="EUR", months=months)

    assert counter.total == Tally(
        entries=1, minutes=60, billable=100_00, unbilled=100_00, invoices=1, issued=100_00, outstanding=100_00
    )
