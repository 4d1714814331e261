"""What the law wants of an invoice, and how one is held until it has that."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.accounts import Account
from domain.audit import audit_client
from domain.clients import Client
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.invoicing import issue_held
from domain.parties import Address
from domain.recomputing import InvoiceDiffersError
from domain.requirements import required
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Adjustment, Charged, Terms, add_up
from domain.work import WorkEntry
from tests.builders import (
    ACME,
    ADA,
    TOKYO,
    UMBRELLA,
    a_client,
    a_work_entry,
    an_account,
    an_invoice_id,
)
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import once
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
VAT = Tax(rate=Decimal(19))
REDUCED = Tax(rate=Decimal(7))
REVERSE_CHARGE = Tax(category=TaxCategory.REVERSE_CHARGE)
ACROSS = Tax(category=TaxCategory.INTRA_COMMUNITY)
EXPORT = Tax(category=TaxCategory.EXPORT)
EXEMPT = Tax(category=TaxCategory.EXEMPT, reason="Art. 132")
PARIS = Address(street="Rue de Rivoli 1", postal_code="75001", city="Paris", country="FR")
GERMAN, FRENCH = "DE136695976", "FR40303265045"
WITHOUT_ID = an_account(tax_id=None)


def missing(tax: Tax, *, seller: Account | None = None, **buyer: Any) -> list[str]:
    totals = add_up([Charged(amount=100_00, tax=tax)], Terms(currency="EUR"))
    found = required(totals, seller=seller or an_account(), buyer=a_client(**buyer))
    return [each.code for each in found]


@pytest.mark.parametrize("tax", [VAT, EXEMPT, Tax(category=TaxCategory.ZERO_RATED)])
def test_who_charges_tax_in_the_union_or_says_why_not_has_a_tax_id(tax: Tax) -> None:
    assert missing(tax) == []
    assert missing(tax, seller=an_account(tax_id="21/815/08150")) == []
    assert missing(tax, seller=WITHOUT_ID) == ["seller-tax-id"]


def test_who_is_outside_of_the_union_needs_no_tax_id() -> None:
    assert missing(NOT_SUBJECT, seller=WITHOUT_ID) == ["seller-tax-id"]
    assert missing(VAT, seller=an_account(tax_id=None, address=TOKYO)) == []


def test_a_seller_without_an_address_lacks_it() -> None:
    assert missing(NOT_SUBJECT, seller=an_account(address=None)) == ["seller-address"]


@pytest.mark.parametrize(
    ("buyer", "expected"),
    [
        ({"address": PARIS, "tax_id": FRENCH}, []),
        ({"address": PARIS, "tax_id": "40303265045"}, ["buyer-vat-id"]),
        ({"address": PARIS}, ["buyer-vat-id"]),
        ({"address": TOKYO, "tax_id": "1234567890123"}, []),
        ({"address": TOKYO}, ["buyer-vat-id"]),
    ],
)
def test_who_owes_the_tax_instead_is_named_by_a_vat_id(buyer: dict[str, Any], expected: list[str]) -> None:
    assert missing(REVERSE_CHARGE, **buyer) == expected


@pytest.mark.parametrize(
    ("seller", "buyer", "expected"),
    [
        (GERMAN, FRENCH, []),
        ("21/815/08150", FRENCH, ["seller-vat-id"]),
        (None, FRENCH, ["seller-tax-id"]),
        (GERMAN, None, ["buyer-vat-id"]),
        (GERMAN, "DE129273398", ["buyer-vat-id-domestic"]),
    ],
)
def test_a_supply_to_another_member_state_has_the_vat_ids_of_both(
    seller: str | None, buyer: str | None, expected: list[str]
) -> None:
    assert missing(ACROSS, seller=an_account(tax_id=seller), address=PARIS, tax_id=buyer) == expected


def test_an_export_has_the_vat_id_of_the_seller() -> None:
    assert missing(EXPORT, address=TOKYO) == []
    assert missing(EXPORT, seller=an_account(tax_id="21/815/08150"), address=TOKYO) == ["seller-vat-id"]


def test_a_small_business_charges_no_tax() -> None:
    assert missing(VAT, seller=an_account(small_business=True)) == ["small-business-with-tax"]


def test_an_invoice_is_not_over_less_than_nothing() -> None:
    too_much = (Adjustment(reason="Too much", amount=Decimal("100.01")),)
    totals = add_up([Charged(amount=100_00, tax=NOT_SUBJECT)], Terms(currency="EUR", adjustments=too_much))

    [found] = required(totals, seller=an_account(), buyer=a_client(adjustments=too_much))

    assert (found.code, found.command) == (
        "below-nothing",
        f"invoicely clients change {ACME} --clear adjustments",
    )


def test_work_of_another_tax_does_not_pay_for_an_allowance() -> None:
    too_much = (Adjustment(reason="Too much", amount=Decimal(150)),)
    lines = [Charged(amount=100_00, tax=VAT), Charged(amount=90_00, tax=REDUCED)]
    totals = add_up(lines, Terms(currency="EUR", adjustments=too_much))

    found = required(totals, seller=an_account(), buyer=a_client(adjustments=too_much))

    assert totals.gross > 0
    assert [each.code for each in found] == ["below-nothing"]


def held(
    store: Store, *work: WorkEntry, account: Account = WITHOUT_ID, client: Client | None = None
) -> World:
    """A world in which October's invoice lacks something."""
    client = client or a_client(tax=VAT)
    world = in_memory(store).having(account, client, *(work or (a_work_entry(client=client),)))
    world.tick(OCTOBER_31)
    assert issue(world).state is State.HELD
    return world


def issue(world: World) -> Invoice:
    return world.issue(an_invoice_id(), client=a_client(), day=OCTOBER_31)


def look_again(world: World, client_id: Any = None) -> list[State]:
    found = issue_held(
        ADA,
        client_id=client_id,
        now=NOON,
        invoices=world.invoices,
        parties=world.parties,
        collecting=world.collecting,
        numbering=world.numbering,
    )
    return [each.state for each in found]


def give_id(world: World) -> None:
    world.accounts.update(account_id=ADA, change=lambda account: replace(account, tax_id=GERMAN))


def test_an_invoice_that_lacks_something_is_held_with_the_list_and_takes_no_number() -> None:
    store = Store()
    world = held(store)

    invoice = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id())

    [found] = invoice.missing
    assert (invoice.state, invoice.number, invoice.entries) == (State.HELD, None, 1)
    assert (found.code, found.pointer, found.request) == ("seller-tax-id", "/tax_id", "PUT /v1/account")
    assert store.numbers == {}
    check_invoices(store)


def test_it_goes_out_once_that_is_mended() -> None:
    store = Store()
    world = held(store)
    give_id(world)

    assert look_again(world) == [State.ISSUED]

    invoice = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id())
    assert (invoice.number, invoice.missing, invoice.version) == ("2026-0001", (), 5)
    assert invoice.seller
    assert invoice.seller.tax_id == GERMAN
    assert look_again(world) == []
    check_history(store)


def test_what_is_still_missing_costs_no_write() -> None:
    store = Store()
    world = held(store)
    written = len(store.stream)

    assert look_again(world) == [State.HELD]

    assert len(store.stream) == written


def test_when_something_else_is_missing_the_list_says_so() -> None:
    world = held(Store(), client=a_client(tax=REVERSE_CHARGE))
    before = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id())
    give_id(world)

    look_again(world)

    after = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id())
    assert [each.code for each in before.missing] == ["seller-tax-id", "buyer-vat-id"]
    assert [each.code for each in after.missing] == ["buyer-vat-id"]


def test_only_the_clients_own_invoices_are_looked_at_where_a_client_has_changed() -> None:
    world = held(Store())

    assert look_again(world, UMBRELLA) == []
    assert look_again(world, ACME) == [State.HELD]


def test_it_is_found_by_who_mends_it_while_it_is_being_held() -> None:
    """The account is changed between the look at it and the write: nothing would look again after that."""
    store = Store()
    world = in_memory(store).having(WITHOUT_ID, a_client(tax=VAT), a_work_entry())
    world.tick(OCTOBER_31)
    once(store, Step("numbering.hold_back", Moment.BEFORE, commits=True), lambda: give_id(world))

    assert issue(world).state is State.ISSUED


def test_one_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    other = a_client(id=UMBRELLA, tax=VAT)
    world = in_memory(Store()).having(
        WITHOUT_ID, a_client(tax=VAT), other, a_work_entry(), a_work_entry(client=other)
    )
    for invoice_id in world.tick(OCTOBER_31).invoices:
        world.issue(invoice_id, client=a_client(), day=OCTOBER_31)
    give_id(world)
    issue_ = type(world.numbering).issue

    def fails(self: Any, *, invoice: Invoice, **rest: Any) -> None:
        if invoice.client_id == ACME:
            raise InvoiceDiffersError("on purpose")
        issue_(self, invoice=invoice, **rest)

    monkeypatch.setattr(type(world.numbering), "issue", fails)

    with pytest.raises(InvoiceDiffersError):
        look_again(world)

    states = {each.client_id: each.state for each in world.invoices.list(account_id=ADA).items}
    assert states == {ACME: State.HELD, UMBRELLA: State.ISSUED}


def test_a_held_invoice_that_has_gone_out_meanwhile_is_not_held_once_more() -> None:
    world = held(Store())
    invoice = world.invoices.get(account_id=ADA, invoice_id=an_invoice_id())
    seller, buyer = world.parties.of(account_id=ADA, client_id=ACME)
    give_id(world)
    look_again(world)

    with pytest.raises(InvoiceMovedError):
        world.numbering.hold_back(
            invoice=invoice, held=invoice.held(()), seller=replace(seller, version=2), buyer=buyer
        )


def test_the_audit_counts_its_period_as_held() -> None:
    world = held(Store())

    proof = audit_client(ACME, account_id=ADA, now=NOON + dt.timedelta(hours=2), books=world.books())

    assert (proof.periods, proof.held, proof.empty) == (1, 1, 0)
    assert [each for each in proof.findings if each.subject == an_invoice_id()] == []
