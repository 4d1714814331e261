"""Which tax is on a line, and what several of them, allowances and charges make of an invoice."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.accounts import Account
from domain.clients import Client, ClientDetails, add_client
from domain.documents import InvoiceDocument
from domain.errors import InvalidError
from domain.invoices import Invoice
from domain.printing import document_of
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.timekeeping import edit_work, log_work
from domain.totals import MOST_ADJUSTMENTS, Adjustment, Applied, Subtotal
from domain.work import WorkEntry
from tests.builders import (
    ACME,
    ADA,
    a_client,
    a_work_entry,
    an_account,
    an_invoice_id,
    ids,
    some_client_details,
    some_work,
)
from tests.fakes import InMemoryClients, Store
from tests.unit.domain.test_issue_invoice import OCTOBER_31
from tests.world import World, in_memory

VAT = Tax(rate=Decimal(19))
REDUCED = Tax(rate=Decimal(7))
LOYAL = Adjustment(reason="Loyal for years", percent=Decimal(10))
TRAVEL = Adjustment(reason="Travel", amount=Decimal("12.50"), is_charge=True)


def issued(
    *work: WorkEntry, client: Client | None = None, account: Account | None = None
) -> tuple[World, Invoice]:
    client = client or a_client(tax=VAT)
    world = in_memory(Store()).having(account or an_account(), client, *work)
    world.tick(OCTOBER_31)
    return world, world.issue(an_invoice_id(), client=client, day=OCTOBER_31)


def document(world: World, invoice: Invoice) -> InvoiceDocument:
    return document_of(invoice, world.invoices.lines(invoice=invoice))


@pytest.mark.parametrize(
    ("account", "client", "expected"),
    [
        (an_account(), a_client(), NOT_SUBJECT),
        (an_account(tax=VAT), a_client(), VAT),
        (an_account(tax=VAT), a_client(tax=REDUCED), REDUCED),
    ],
)
def test_the_tax_on_a_line_is_the_clients_or_else_the_accounts(
    account: Account, client: Client, expected: Tax
) -> None:
    world, invoice = issued(a_work_entry(), client=client, account=account)

    assert invoice.tax == expected
    assert [line.tax for line in document(world, invoice).lines] == [expected]


def test_a_small_business_charges_none() -> None:
    _, invoice = issued(a_work_entry(), client=a_client(), account=an_account(small_business=True))

    assert (invoice.total, invoice.tax and invoice.tax.category) == (100_00, TaxCategory.EXEMPT)


def test_work_may_have_a_tax_of_its_own() -> None:
    world, invoice = issued(a_work_entry(), a_work_entry("z" * 16, minutes=30, tax=REDUCED))

    assert invoice.totals
    assert invoice.totals.subtotals == (
        Subtotal(tax=VAT, net=100_00, tax_amount=19_00),
        Subtotal(tax=REDUCED, net=50_00, tax_amount=3_50),
    )
    assert (invoice.tax, invoice.net, invoice.total) == (VAT, 150_00, 172_50)
    assert [line.tax for line in document(world, invoice).lines] == [VAT, REDUCED]


def test_allowances_and_charges_on_work_are_in_its_amount() -> None:
    entry = a_work_entry(minutes=90, adjustments=(LOYAL, TRAVEL))

    world, invoice = issued(entry)

    assert entry.amount == 150_00 - 15_00 + 12_50 == invoice.net
    assert document(world, invoice).lines[0].adjustments == (
        Applied(reason="Loyal for years", amount=15_00, percent=Decimal(10), base=150_00),
        Applied(reason="Travel", amount=12_50, is_charge=True),
    )


def test_allowances_and_charges_on_the_invoice_have_the_tax_of_its_lines() -> None:
    _, invoice = issued(a_work_entry(), client=a_client(tax=VAT, adjustments=(LOYAL, TRAVEL)))

    assert (invoice.net, invoice.tax_amount, invoice.total) == (100_00, 19_48, 121_98)
    assert invoice.totals
    assert [each.tax for each in invoice.totals.adjustments] == [VAT, VAT]


def test_where_prices_include_the_tax_the_lines_of_a_document_add_up_without_it() -> None:
    client = a_client(tax=VAT, prices_include_tax=True, hourly_rate=Decimal("99.99"))
    work = [a_work_entry(f"{index:016}", client=client) for index in range(3)]

    world, invoice = issued(*work, client=client)

    assert (invoice.payable, invoice.net, invoice.prices_include_tax) == (299_97, 299_97, True)
    printed = document(world, invoice)
    assert printed.prices_include_tax
    assert [line.amount for line in printed.lines] == [99_99] * 3
    assert sum(line.net for line in printed.lines) == printed.totals.lines == 252_08


def test_what_is_to_be_paid_is_rounded_to_the_smallest_coin() -> None:
    client = a_client(round_to=Decimal("0.05"), hourly_rate=Decimal("99.98"))

    _, invoice = issued(a_work_entry(client=client), client=client)

    assert (invoice.total, invoice.payable) == (99_98, 100_00)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"round_to": Decimal(0)}, "out-of-range"),
        ({"round_to": Decimal("0.005")}, "out-of-range"),
        ({"round_to": Decimal("0.055")}, "too-precise"),
        ({"round_to": Decimal("0.05"), "currency": "JPY"}, "out-of-range"),
        ({"round_to": Decimal(1001)}, "out-of-range"),
        ({"adjustments": (LOYAL,) * (MOST_ADJUSTMENTS + 1)}, "too-many"),
    ],
)
def test_terms_that_no_invoice_can_have_are_refused(said: dict[str, Decimal], code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        some_client_details(**said)

    assert [problem.code for problem in refused.value.problems] == [code]


def added(details: ClientDetails) -> Client:
    return add_client(details, account_id=ADA, clients=InMemoryClients(Store()), new_id=ids())


@pytest.mark.parametrize("step", ["0.07", "0.03", "15", "0.99"])
def test_what_no_coin_is_a_step_of_is_refused(step: str) -> None:
    before = a_client(round_to=Decimal("0.05"))
    said = replace(before.details(), round_to=Decimal(step))

    with pytest.raises(InvalidError) as changing:
        before.changed(said)
    with pytest.raises(InvalidError) as adding:
        added(said)
    refused = (*changing.value.problems, *adding.value.problems)
    assert [problem.code for problem in refused] == ["no-cash", "no-cash"]


@pytest.mark.parametrize("step", ["0.01", "0.02", "0.05", "0.10", "0.2", "0.25", "0.5", "1", "10", "1000"])
def test_coins_and_notes_are_steps(step: str) -> None:
    assert a_client().changed(some_client_details(round_to=Decimal(step))).round_to == Decimal(step)
    assert added(some_client_details(round_to=Decimal(step))).round_to == Decimal(step)


def test_what_was_rounded_to_before_stays() -> None:
    before = a_client(round_to=Decimal("0.07"))

    assert before.changed(replace(before.details(), name="Acme AG")).round_to == Decimal("0.07")


def test_more_allowances_and_charges_than_anybody_reads_are_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        some_work(adjustments=(LOYAL,) * (MOST_ADJUSTMENTS + 1))

    assert [problem.code for problem in refused.value.problems] == ["too-many"]


TOO_MUCH = (Adjustment(reason="Too much", amount=Decimal("100.01")),)


def test_an_allowance_takes_no_more_off_than_the_work_costs() -> None:
    world = in_memory(Store()).having(an_account(), a_client(), a_work_entry())
    all_of_it = replace(a_work_entry(), adjustments=(Adjustment(reason="Free", percent=Decimal(100)),))

    with pytest.raises(InvalidError, match="/adjustments"):
        log_work(
            some_work(adjustments=TOO_MUCH),
            account_id=ADA,
            client_id=ACME,
            clients=world.clients,
            work=world.work,
            new_id=ids(),
        )
    with pytest.raises(InvalidError, match="/adjustments"):
        edit_work(
            a_work_entry().id,
            lambda details: replace(details, adjustments=TOO_MUCH),
            account_id=ADA,
            work=world.work,
        )

    assert all_of_it.priced().amount == 0
