"""`invoicely audit`: proves that counters, numbers and periods are right, and says what is not."""

import datetime as dt
from collections.abc import Iterator

import click

from domain.audit import audit_account, audit_clients, audit_numbers
from domain.identifiers import AccountId
from domain.proof import Finding, Proof, SeriesLook
from handlers.cli.called import program
from handlers.cli.finding import the_client
from handlers.cli.operating import Operator, operating
from handlers.cli.values import INSTANT, TEXT
from infrastructure import views, wiring

_PROVEN = {
    "clients": "clients whose counters and periods were looked at",
    "entries": "work entries counted anew",
    "invoices": "invoices counted anew",
    "numbers": "numbers in their order",
    "periods": "due periods followed",
    "empty": "of them without work",
    "held": "of them held for a person",
    "pending": "written within the last hour and still on their way",
    "failing": "late, and known to the failure ledger",
}


@click.command(epilog="Example: invoicely audit --client 'Acme GmbH', or invoicely audit numbers")
@click.argument("only", type=click.Choice(["numbers"]), required=False)
@click.option("--client", type=TEXT, help="Only the counters and periods of this client, by name or id.")
@click.option("--all-accounts", is_flag=True, help="Every account.")
@click.option("--as-of", type=INSTANT, help="What has to be done by then, instead of by now.")
@operating
def command(
    operator: Operator,
    *,
    only: str | None,
    client: str | None,
    all_accounts: bool,
    as_of: dt.datetime | None,
) -> int:
    """Prove that counters, numbers and periods are right; or, with NUMBERS, the numbers of the account only.

    Counters are what work and invoices add up to, numbers run from 1 without a hole, and each due period has
    its invoice. Changes nothing. Leaves with 1 where something is wrong, and says what to do about it.
    """
    if all_accounts and client is not None:
        raise click.UsageError("give --client or --all-accounts, not both")
    if only:
        if client is not None or all_accounts or as_of:
            raise click.UsageError("numbers are of one account, as of now: leave out the other options")
        return _show_numbers(operator)
    now = as_of or wiring.now()
    proof = _everybody(now) if all_accounts else _one(operator.account(), client, now)
    operator.out.record(views.of_proof(proof), *_lines(proof))
    return int(bool(proof.findings or proof.failed))


def _show_numbers(operator: Operator) -> int:
    proof = audit_numbers(operator.account(), books=wiring.books())
    operator.out.record(views.of_numbers(proof), *map(_series, proof.series), *_wrong(proof))
    return int(bool(proof.findings))


def _series(series: SeriesLook) -> str:
    if not series.numbers:
        return f"{series.name}: no number yet."
    first = f"{series.first} of {series.first_issued_on}"
    last = f"{series.last} of {series.last_issued_on}"
    chain = f" Its chain ends with {series.chain_sha256}." if series.chain_sha256 else ""
    return f"{series.name}: {series.numbers} numbers, from {first} to {last}.{chain}"


def _everybody(now: dt.datetime) -> Proof:
    books, accounts = wiring.books(), wiring.directory().every()
    return sum((audit_account(account_id, now=now, books=books) for account_id in accounts), Proof())


def _one(account_id: AccountId, client: str | None, now: dt.datetime) -> Proof:
    books = wiring.books()
    if client is None:
        return audit_account(account_id, now=now, books=books)
    return audit_clients([the_client(client, account_id).id], account_id=account_id, now=now, books=books)


def _lines(proof: Proof) -> Iterator[str]:
    yield from (f"{proof.counts[name]:>7}  {what}" for name, what in _PROVEN.items())
    yield from _wrong(proof)


def _wrong(proof: Proof) -> Iterator[str]:
    yield from (f"{each.code}: {said(each)}." for each in proof.findings)
    yield from (f"{entity} could not be audited: {error}." for entity, error in proof.failed)
    wrong = len(proof.findings) + len(proof.failed)
    yield f"{wrong} wrong." if wrong else "Nothing is wrong."


def said(finding: Finding) -> str:
    """What to do, with the program as it was called."""
    return finding.told.replace("invoicely ", f"{program()} ")
