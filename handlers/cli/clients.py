"""`invoicely clients`: whom the work is done for."""

from collections.abc import Callable
from dataclasses import replace

import click

from domain.calendar import local_date
from domain.clients import Client, ClientDetails, ClientStatus, add_client
from domain.rescheduling import change_client
from domain.retainers import Retainer
from handlers.cli.called import program
from handlers.cli.details import ADDRESS, TAX, Field, Given, adjustments, details
from handlers.cli.finding import all_clients, the_client
from handlers.cli.output import price
from handlers.cli.parties import client_lines
from handlers.cli.prepayments import prepay, prepayments, refund, take_back
from handlers.cli.session import Session, acting
from handlers.cli.values import DAY
from infrastructure import codec, wiring
from infrastructure.views.clients import of_client

_FIELDS = [
    Field("--name", "/name", "The name on invoices, and in time trackers."),
    Field("--email", "/email", "Where invoices go."),
    *ADDRESS,
    Field("--hourly-rate", "/hourly_rate", "Price of an hour: 92.50."),
    Field("--currency", "/currency", "Currency: EUR, USD, JPY …"),
    Field("--time-zone", "/time_zone", "IANA time zone: Asia/Tokyo …"),
    Field("--language", "/language", "Language of the invoices: en, de …"),
    Field("--payment-terms-days", "/payment_terms_days", "Days to pay."),
    Field("--invoice-day", "/invoice_day", "Day of the month, 1 to 31, or last."),
    Field("--billing-period", "/billing_period", "since_last_invoice_day, or previous_month."),
    Field(
        "--billing-starts-on",
        "/billing_starts_on",
        "First day that is billed: 2026-10-01.",
        {"type": DAY},
    ),
    Field("--billing-ends-on", "/billing_ends_on", "The last day that is billed by itself.", {"type": DAY}),
    Field("--review-days", "/review_days", "Days that an invoice waits for you before it goes out: 0 to 28."),
    Field("--tax-id", "/tax_id", "The client's tax id."),
    Field("--grouping", "/grouping", "What a line of an invoice stands for: entry, day or project."),
    Field("--timesheet/--no-timesheet", "/timesheet", "End invoices in all entries.", {"default": None}),
    *TAX,
    adjustments("each invoice"),
    Field(
        "--prices-include-tax/--prices-without-tax",
        "/prices_include_tax",
        "Whether the rates include the tax.",
        {"default": None},
    ),
    Field("--round-to", "/round_to", "What the amount to pay is a multiple of: 0.05."),
    Field("--buyer-reference", "/buyer_reference", "The client's reference on each invoice: a Leitweg-ID …"),
    Field("--order-reference", "/order_reference", "The number of the client's order on each invoice."),
]
_RETAINER = [
    Field("--description", "/description", "What stands on the invoice."),
    Field("--amount", "/amount", "The price of a month: 500."),
    Field("--first-month", "/first_month", "The first month that is charged: 2026-11."),
    Field("--last-month", "/last_month", "The last month that is charged."),
    Field("--project", "/project", "The project that it belongs to."),
    *TAX,
]
_CLEARABLE = [
    *("tax_id", "tax", "adjustments", "round_to", "billing_ends_on", "retainers"),
    *("buyer_reference", "order_reference"),
]
_LISTED_LAST = (ClientStatus.ACTIVE, ClientStatus.HELD, ClientStatus.PAUSED, ClientStatus.ARCHIVED)


@click.group(epilog="Example: invoicely clients list")
def command() -> None:
    """Keep the clients: add, list, change, skip, pause, archive."""


command.add_command(prepay)
command.add_command(prepayments)
command.add_command(refund)
command.add_command(take_back)


@command.command(epilog="Example: invoicely clients add --from examples/clients/midori.toml --invoice-day 5")
@details(_FIELDS)
@acting
def add(session: Session, *, given: Given) -> None:
    """Add a client.

    Currency, time zone, language and payment terms are the account's where nothing is said about them.
    """
    account = wiring.accounts().get(account_id=session.account_id)
    details = given.over(account.client_defaults(), ClientDetails)
    with given.by_flag():
        client = add_client(
            details,
            account_id=session.account_id,
            clients=wiring.clients(),
            new_id=wiring.new_id,
        )
    _answer(session, client)


@command.command("list", epilog="Example: invoicely clients list --json | jq -r '.[].email'")
@acting
def list_(session: Session) -> None:
    """List the clients, the archived ones last."""
    clients = sorted(
        all_clients(session.account_id), key=lambda client: (_LISTED_LAST.index(client.status), client.name)
    )
    session.out.table(
        [of_client(client) for client in clients],
        *("Client", "Id", ">Rate", "Day", "Next invoice", "Status"),
        rows=(_row(client) for client in clients),
        empty=f"There are no clients yet; {program()} clients add makes one.",
    )


@command.command(epilog='Example: invoicely clients show "みどり文庫株式会社"')
@click.argument("client")
@acting
def show(session: Session, *, client: str) -> None:
    """Show CLIENT, by name or id."""
    _answer(session, the_client(client, session.account_id))


@command.command(epilog="Example: invoicely clients change Acme --hourly-rate 120 --clear tax")
@click.argument("client")
@details(_FIELDS, clearable=_CLEARABLE)
@acting
def change(session: Session, *, client: str, given: Given) -> None:
    """Change what is given about CLIENT.

    All else stays; what is logged already keeps its price.
    """

    def changed(known: Client) -> Client:
        return known.changed(given.over(codec.encode(known.details()), ClientDetails))

    with given.by_flag():
        _move(session, client, changed)


@command.command(epilog="Example: invoicely clients pause Acme")
@click.argument("client")
@acting
def pause(session: Session, *, client: str) -> None:
    """Make no invoices for CLIENT for now.

    Work goes on being logged; `resume` lets the invoices come again.
    """
    _move(session, client, lambda known: known.paused(wiring.now()))


@command.command(epilog="Example: invoicely clients resume Acme")
@click.argument("client")
@acting
def resume(session: Session, *, client: str) -> None:
    """Make invoices for CLIENT again.

    After a pause they come from the next invoice day on, after a hold where they stopped.
    """
    _move(session, client, lambda known: known.resumed(local_date(wiring.now(), known.time_zone)))


@command.command(epilog="Example: invoicely clients archive Acme")
@click.argument("client")
@acting
def archive(session: Session, *, client: str) -> None:
    """Be done with CLIENT.

    It gets no invoices and no new work any more; what there is stays.
    """
    _move(session, client, lambda known: known.archived(wiring.now()))


@command.command(epilog="Example: invoicely clients skip Acme")
@click.argument("client")
@click.option("--undo", is_flag=True, help="Make an invoice on the day that was to be skipped.")
@acting
def skip(session: Session, *, client: str, undo: bool) -> None:
    """Make no invoice for CLIENT on its next invoice day.

    Its work comes on the invoice after that one.
    """
    day = the_client(client, session.account_id).next_due_on
    _move(session, client, Client.skipping_none if undo else lambda known: known.skipping(day))


@command.command(
    short_help="Charge a fixed amount each month.",
    epilog="Example: invoicely clients retain Acme support --amount 500 --first-month 2026-11",
)
@click.argument("client")
@click.argument("key")
@details(_RETAINER, from_file=False, clearable=["last_month", "project", "tax"])
@acting
def retain(session: Session, *, client: str, key: str, given: Given) -> None:
    """Charge CLIENT a fixed amount each month, whatever was worked; or change what is charged.

    KEY tells it from the client's other retainers. Whole calendar months only: each one comes on the first
    invoice that reaches beyond its first day, and never twice. `--last-month` ends it.
    """

    def change(known: Client) -> Client:
        before = {retainer.key: retainer for retainer in known.retainers}
        stored = codec.encode(before[key]) if key in before else {"key": key}
        after = before | {key: given.over(stored, Retainer)}
        return known.changed(replace(known.details(), retainers=tuple(after.values())))

    _move(session, client, change)


def _move(session: Session, said: str, change: Callable[[Client], Client]) -> None:
    found = the_client(said, session.account_id)
    moved = change_client(
        found.id,
        change,
        account_id=session.account_id,
        clients=wiring.clients(),
        collecting=wiring.collecting(),
    )
    _answer(session, moved)


def _answer(session: Session, client: Client) -> None:
    seller = wiring.accounts().get(account_id=session.account_id)
    session.out.record(of_client(client), *client_lines(client, seller))


def _row(client: Client) -> tuple[str, ...]:
    rate = price(client.hourly_rate, client.currency)
    due = str(client.next_due_on) if client.due_at else "–"
    return client.name, client.id, rate, str(client.invoice_day), due, _status(client)


def _status(client: Client) -> str:
    return f"{client.status}, mail comes back" if client.undeliverable else client.status
