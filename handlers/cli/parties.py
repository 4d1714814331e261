"""Who somebody is, in a few lines: an address, where to pay to, how a client is charged."""

from collections.abc import Iterator
from decimal import Decimal

from domain.accounts import Account
from domain.calendar import BillingPeriod
from domain.clients import Client
from domain.documents import Grouping
from domain.parties import Address, BankDetails
from domain.retainers import Retainer
from domain.totals import Adjustment
from handlers.cli.invoice_lines import referred, told
from handlers.cli.mails import returned_line
from handlers.cli.output import amount, days, plain_number, price


def place(address: Address) -> str:
    """An address in one line."""
    town = " ".join(filter(None, [address.postal_code, address.city]))
    return ", ".join(filter(None, [address.street, address.extra_line, town, address.country]))


def bank(details: BankDetails) -> str:
    """Where to pay to."""
    return " · ".join(
        filter(None, [details.account_number, details.bank_code, details.bank_name, details.holder])
    )


def client_lines(client: Client, seller: Account) -> Iterator[str]:
    """All that is set of a client, and what the account sets where the client does not."""
    yield f"{client.name}  ({client.id}, {client.status})"
    own_id = f" · tax id {client.tax_id}" if client.tax_id else ""
    yield f"  {client.email} · {place(client.address)}{own_id}"
    if client.undeliverable:
        yield f"  ! {returned_line(client.undeliverable)}"
    yield f"  {_price(client)} · {_tax(client, seller)}"
    yield from (f"  {_adjusted(each, client.currency)}" for each in client.adjustments)
    yield f"  {days(client.payment_terms_days)} to pay" + "".join(f" · {each}" for each in _form(client))
    if client.prepaid:
        yield f"  {amount(client.prepaid, client.currency)} paid in advance, for the next invoice"
    yield f"  invoice day {client.invoice_day} · {' · '.join(_due(client))}"
    if client.review_days:
        yield f"  {days(client.review_days)} of review"
    yield from referred(client.buyer_reference, client.order_reference)
    yield from (_retained(retainer, client.currency) for retainer in client.retainers)


def _price(client: Client) -> str:
    taxed = ", the tax included" if client.prices_include_tax else ""
    return f"{price(client.hourly_rate, client.currency)} an hour{taxed}"


def _tax(client: Client, seller: Account) -> str:
    return told(client.tax) if client.tax else f"no tax of its own; the account's: {told(seller.usual_tax())}"


def _form(client: Client) -> Iterator[str]:
    """How an invoice reads."""
    yield client.language
    yield client.time_zone
    if client.grouping is not Grouping.ENTRY:
        yield f"one line a {client.grouping}"
    if client.timesheet:
        yield "with timesheet"
    if client.round_to:
        yield f"pays in steps of {client.round_to:f} {client.currency}"


def _due(client: Client) -> Iterator[str]:
    yield f"next invoice {client.next_due_on}" if client.due_at else "no invoices"
    if client.skipped_on:
        yield f"{client.skipped_on} is skipped"
    yield f"billing starts on {client.billing_starts_on}"
    if client.billing_ends_on:
        yield f"billing ends on {client.billing_ends_on}"
    if client.billing_period is BillingPeriod.PREVIOUS_MONTH:
        yield "for the month before"


def _adjusted(adjustment: Adjustment, currency: str) -> str:
    share = f"{plain_number(adjustment.percent or Decimal(0))} %"
    of = share if adjustment.amount is None else price(adjustment.amount, currency)
    what = "charge" if adjustment.is_charge else "allowance"
    return f"{what} of {of} on each invoice: {adjustment.reason}"


def _retained(retainer: Retainer, currency: str) -> str:
    until = f" to {retainer.last_month}" if retainer.last_month else ""
    month = f"{price(retainer.amount, currency)} a month"
    taxed = f" · {told(retainer.tax)}" if retainer.tax else ""
    month += f" from {retainer.first_month}{until}"
    return f"  retainer {retainer.key}: {month} · {retainer.description}{taxed}"
