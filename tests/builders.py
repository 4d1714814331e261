"""Things that tests need, each of them valid: a test says only what matters to it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from itertools import count
from typing import Any

from domain import money
from domain.access import Scope
from domain.accounts import Account, AccountDetails
from domain.clients import Client, ClientDetails, first_invoice_day
from domain.counters import Contribution
from domain.credit_notes import Correction, CreditNote
from domain.failures import Cause, Failure, Kind, Report
from domain.fields import values
from domain.identifiers import (
    AccountId,
    ClientId,
    InvoiceId,
    TokenId,
    client_id,
    credit_note_id,
    invoice_id,
    payment_id,
    work_id,
)
from domain.invoices import Invoice, State
from domain.invoicing import numbered
from domain.numbers import Sequence, Taken
from domain.parties import Address, BankDetails
from domain.payments import Payment
from domain.tokens import Token, TokenDetails
from domain.totals import Totals
from domain.work import WorkDetails, WorkEntry

ADA = AccountId("acc_ada")
BOB = AccountId("acc_bob")
ACME = client_id("acme000000000000")
UMBRELLA = client_id("umbrella00000000")
BERLIN = Address(street="Invalidenstrasse 1", postal_code="10115", city="Berlin", country="DE")
TOKYO = Address(street="1-1 Marunouchi", postal_code="100-0005", city="Tokyo", country="JP")
FAILED_AT = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
MAILED_AT = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
THROTTLED = Cause(
    error="StoreUnavailableError", at="infrastructure.dynamodb.errors:72", code="store-unavailable"
)
BANK = BankDetails(holder="Ada Lovelace", account_number="DE02120300000000202051", bank_code="BYLADEM1001")


def ids(prefix: str = "") -> Callable[[], str]:
    """A source of unique ids, the same in every run: `0000000000000001`, then `0000000000000002`."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers):0{16 - len(prefix)}}"


def some_account_details(**changes: Any) -> AccountDetails:
    details = AccountDetails(
        name="Ada Lovelace",
        email="ada@example.com",
        address=BERLIN,
        currency="EUR",
        time_zone="Europe/Berlin",
        tax_id="DE136695976",
        bank=BANK,
    )
    return replace(details, **changes)


def an_account(**changes: Any) -> Account:
    return replace(Account(**values(some_account_details(), AccountDetails), id=ADA), **changes)


def some_client_details(**changes: Any) -> ClientDetails:
    details = ClientDetails(
        name="Acme GmbH",
        email="billing@acme.example",
        address=BERLIN,
        hourly_rate=Decimal(100),
        currency="EUR",
        time_zone="Europe/Berlin",
        payment_terms_days=14,
        language="en",
        billing_starts_on=dt.date(2026, 10, 1),
        invoice_day=31,
    )
    return replace(details, **changes)


def a_client(**changes: Any) -> Client:
    """A client that has not been invoiced yet, unless `billed_until` and `next_due_on` say so."""
    names = {field.name for field in fields(ClientDetails)}
    details = some_client_details(**{name: changes.pop(name) for name in names & changes.keys()})
    client = Client(
        **values(details, ClientDetails),
        id=ACME,
        account_id=ADA,
        next_due_on=first_invoice_day(
            details, after=details.billing_starts_on, since=details.billing_starts_on
        ),
    )
    return replace(client, **changes)


def some_work(**changes: Any) -> WorkDetails:
    if "quantity" in changes:
        changes = {"minutes": None, "unit": "page", "rate": Decimal(10)} | changes
    said: dict[str, Any] = {"date": dt.date(2026, 10, 5), "description": "Analytical engine", "minutes": 60}
    return WorkDetails(**(said | changes))


def a_work_entry(
    body: str = "work000000000000", *, client: Client | None = None, **changes: Any
) -> WorkEntry:
    """An entry for *client*, priced as that client pays."""
    client = client or a_client()
    stored = {name: changes.pop(name) for name in ("invoiced_on", "removed", "version") if name in changes}
    return WorkEntry(
        **values(some_work(**changes), WorkDetails),
        id=work_id(client.id, body),
        account_id=client.account_id,
        client_id=client.id,
        currency=client.currency,
        hourly_rate=client.hourly_rate,
        **stored,
    )


def an_invoice(client: Client | None = None, **changes: Any) -> Invoice:
    """The open invoice of the client's next period."""
    return replace(Invoice.opened(client or a_client()), **changes)


def an_issued_invoice(
    client: Client | None = None, *, total: int = 10_000, number: int = 1, issued_on: dt.date | None = None
) -> Invoice:
    """An invoice over one line of *total* minor units; its version is 4: opened, claimed, sealed, issued."""
    buyer = client or a_client()
    sealed = an_invoice(buyer, state=State.SEALED, entries=1, net=total, version=4)
    before = Sequence(account_id=buyer.account_id, series="INVOICES-2026", last=number - 1)
    seller = an_account(id=buyer.account_id)
    taken = Taken.next_of(before, pattern=seller.number_pattern, today=issued_on or sealed.due_on)
    rate = money.major(total, currency=buyer.currency)
    lines = [a_work_entry(client=buyer, quantity=Decimal(1), rate=rate)]
    issued, _ = numbered(sealed, taken, lines=lines, seller=seller, buyer=buyer)
    return issued


def a_payment(invoice: Invoice | None = None, body: str = "payment000000000", **changes: Any) -> Payment:
    """What came for an invoice on the day after it was issued: 100.00 of it."""
    of = invoice or an_issued_invoice()
    issued_on = of.issued_on or of.due_on
    payment = Payment(
        id=payment_id(of.id, body),
        account_id=of.account_id,
        client_id=of.client_id,
        invoice_id=of.id,
        invoice_issued_on=issued_on,
        amount=10_000,
        currency=of.currency,
        paid_on=issued_on + dt.timedelta(days=1),
        recorded_at=FAILED_AT,
    )
    return replace(payment, **changes)


def a_credit_note(*, total: int = 10_000, issued_on: dt.date = dt.date(2026, 11, 10)) -> CreditNote:
    """An issued credit note of *total* minor units, without tax."""
    invoice = an_issued_invoice()
    opened_at = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
    note = CreditNote.opened(credit_note_id(invoice.id, "1" * 16), invoice, Correction(), opened_at=opened_at)
    taken = Taken.next_of(Sequence(account_id=ADA, series="CN-{seq}"), pattern="CN-{seq:04}", today=issued_on)
    sealed = replace(note, entries=1, net=total, version=4).sealed(Totals(lines=total, subtotals=()))
    return sealed.issued(taken)


def an_invoice_id(client: ClientId = ACME, due_on: dt.date = dt.date(2026, 10, 31)) -> InvoiceId:
    return invoice_id(client, due_on)


def some_contributions(number: int, *, clients: int = 1, version: int = 1) -> list[Contribution]:
    """One hour each, for one client after the other."""
    who = [a_client(id=client_id(f"{index:016}")) for index in range(clients)]
    entries = [a_work_entry(f"{index:016}", client=who[index % clients]) for index in range(number)]
    return [replace(Contribution.of_work(entry), version=version) for entry in entries]


def a_report(number: int = 1, **changes: Any) -> Report:
    """What a consumer of the counters says of the event with this *number*, which failed for now."""
    report = Report(
        queue="counters",
        event_id=f"{number:032x}",
        body=f'{{"id":"{number:032x}"}}',
        message_id=f"message-{number}",
        attempts=8,
        first_at=FAILED_AT - dt.timedelta(minutes=30),
        kind=Kind.TRANSIENT,
        cause=THROTTLED,
        account_id=ADA,
        event_type="invoicely.work.logged.v1",
        correlation_id="request-1",
    )
    return replace(report, **changes)


def a_failure(number: int = 1, **changes: Any) -> Failure:
    """The ledger's entry for such an event."""
    of_report = {field.name for field in fields(Report)}
    report = a_report(number, **{name: changes.pop(name) for name in of_report & changes.keys()})
    return replace(Failure.reported(report, FAILED_AT), **changes)


def some_token_details(**changes: Any) -> TokenDetails:
    return replace(TokenDetails(name="Laptop", scopes=(Scope.READ, Scope.WRITE)), **changes)


def a_token(number: int = 1, **changes: Any) -> Token:
    """A token of Ada's that works until the end of the year 2026."""
    token = Token(
        id=TokenId(f"tok_{number:016}"),
        account_id=ADA,
        name="Laptop",
        scopes=(Scope.READ, Scope.WRITE),
        digest="0" * 64,
        created_at=dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC),
        valid_until=dt.datetime(2026, 12, 31, tzinfo=dt.UTC),
    )
    return replace(token, **changes)
