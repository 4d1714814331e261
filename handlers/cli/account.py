"""`invoicely account`: who sends the invoices."""

from collections.abc import Iterator

import click

from domain.accounts import Account, AccountDetails, save_account
from domain.errors import NotFoundError
from handlers.cli.details import ADDRESS, TAX, Field, Given, details
from handlers.cli.invoice_lines import told
from handlers.cli.output import days
from handlers.cli.parties import bank, place
from handlers.cli.session import Session, acting
from infrastructure import codec, wiring
from infrastructure.views.accounts import of_account

_FIELDS = [
    Field("--name", "/name", "The name on invoices."),
    Field("--email", "/email", "Where clients' answers go."),
    *ADDRESS,
    Field("--currency", "/currency", "Currency of new clients: EUR, USD, JPY …"),
    Field("--time-zone", "/time_zone", "IANA time zone: Europe/Berlin …"),
    Field("--language", "/language", "Language of new clients' invoices: en, de …"),
    Field("--tax-id", "/tax_id", "Tax id, printed on invoices."),
    Field("--payment-terms-days", "/payment_terms_days", "Days that new clients have to pay."),
    Field("--bank-holder", "/bank/holder", "Who owns the bank account."),
    Field("--account-number", "/bank/account_number", "IBAN or account number."),
    Field("--bank-code", "/bank/bank_code", "BIC or bank code."),
    Field("--bank-name", "/bank/bank_name", "Name of the bank."),
    Field("--contact-name", "/contact/name", "Whom clients ask, where that is not you by name."),
    Field("--telephone", "/contact/telephone", "Their telephone number, printed on invoices."),
    Field("--contact-email", "/contact/email", "Their e-mail address, where it is another one."),
    *TAX,
    Field(
        "--small-business/--no-small-business",
        "/small_business",
        "Whether you charge no tax, as a small business.",
        {"default": None},
    ),
    Field(
        "--reminder-day",
        "/reminder_days",
        "Remind clients so many days late. May be given several times.",
        {"multiple": True, "type": int, "callback": lambda _, __, days: tuple(sorted(days))},
    ),
    Field("--number-pattern", "/number_pattern", "Invoice numbers: {year}-{seq:04} …"),
    Field("--credit-note-pattern", "/credit_note_pattern", "Numbers of credit notes: CN-{year}-{seq:04} …"),
]


@click.group(epilog="Example: invoicely account show")
def command() -> None:
    """Say who sends the invoices."""


@command.command(epilog="Example: invoicely account show --json")
@acting
def show(session: Session) -> None:
    """Show the account."""
    _answer(session, wiring.accounts().get(account_id=session.account_id))


@command.command("set", epilog="Example: invoicely account set --from examples/account.toml --language en")
@details(_FIELDS, clearable=["tax_id", "bank", "contact", "tax", "reminder_days"])
@acting
def set_(session: Session, *, given: Given) -> None:
    """Open the account, or change it.

    What is not given stays as it is.
    """
    accounts = wiring.accounts()
    try:
        known = accounts.get(account_id=session.account_id)
        seen, stored = known.version, codec.encode(known.details())
    except NotFoundError:
        seen, stored = None, {}
    details = given.over(stored, AccountDetails)
    with given.by_flag():
        account = save_account(
            details,
            account_id=session.account_id,
            accounts=accounts,
            numbers=wiring.register(),
            seen=lambda: seen,
        )
    _answer(session, account)


def _answer(session: Session, account: Account) -> None:
    session.out.record(of_account(account), *_lines(account))


def _lines(account: Account) -> Iterator[str]:
    yield f"{account.name}  ({account.id})"
    where = place(account.address) if account.address else "no address yet, which invoices need"
    yield f"  {account.email} · {where}"
    yield from _contact(account)
    usual = account.currency, account.time_zone, account.language
    yield f"  {' · '.join(usual)} · {days(account.payment_terms_days)} to pay"
    yield f"  invoices {account.number_pattern} · credit notes {account.numbers_credit_notes}"
    yield f"  tax id {account.tax_id or '–'} · {told(account.usual_tax())}"
    yield f"  bank {bank(account.bank) if account.bank else '–'}"
    yield f"  {_reminders(account)}"


def _contact(account: Account) -> Iterator[str]:
    if contact := account.contact:
        yield f"  contact {' · '.join(filter(None, [contact.name, contact.telephone, contact.email]))}"


def _reminders(account: Account) -> str:
    if not account.reminder_days:
        return "no reminders"
    return f"reminders {', '.join(map(str, account.reminder_days))} days late"
