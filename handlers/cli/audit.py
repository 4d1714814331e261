"""`invoicely audit`: proves that counters, numbers and periods are right, and says what is not."""

import datetime as dt
from collections.abc import Iterator
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

from domain.audit import audit_account, audit_clients, audit_numbers
from domain.identifiers import AccountId
from domain.proof import Finding, Proof, SeriesLook
from handlers.cli.archives import archive, export
from handlers.cli.called import program
from handlers.cli.finding import the_client
from handlers.cli.operating import Command, Operator, operating
from handlers.cli.session import Session, acting
from handlers.cli.values import INSTANT, TEXT
from infrastructure import wiring
from infrastructure.views.audit import of_numbers, of_proof

_PROVEN = {
    "clients": "clients whose counters and periods were looked at",
    "entries": "work entries counted anew",
    "invoices": "invoices counted anew",
    "numbers": "numbers in their order",
    "periods": "due periods followed",
    "empty": "of them without work",
    "held": "of them held for a person",
    "reviewing": "of them in review",
    "pending": "written within the last hour and still on their way",
    "failing": "late, and known to the failure ledger",
}


def _alone(command: Command) -> Command:
    """Leave it to the verb where there is one; options that stand before it are nobody's."""

    @wraps(command)
    def wrapped(**options: Any) -> int | None:  # noqa: ANN401 - the command's own
        context = click.get_current_context()
        if context.invoked_subcommand is None:
            return command(**options)
        if any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in options):
            raise click.UsageError(f"put the options behind {context.invoked_subcommand}")
        return None

    return wrapped


@click.group(
    invoke_without_command=True,
    epilog="Example: invoicely audit --client 'Acme GmbH', or invoicely audit numbers",
)
@_alone
@click.option("--client", type=TEXT, help="Only the counters and periods of this client, by name or id.")
@click.option("--all-accounts", is_flag=True, help="Every account.")
@click.option("--as-of", type=INSTANT, help="What has to be done by then, instead of by now.")
@operating
def command(
    operator: Operator,
    *,
    client: str | None,
    all_accounts: bool,
    as_of: dt.datetime | None,
) -> int:
    """Prove that counters, numbers and periods are right; with a verb, what the verb says.

    Counters are what work and invoices add up to, numbers run from 1 without a hole, each due period has its
    invoice, and none was changed since it was issued. Changes nothing. Leaves with 1 where something is
    wrong, and says what to do about it.
    """
    if all_accounts and client is not None:
        raise click.UsageError("give --client or --all-accounts, not both")
    now = as_of or wiring.now()
    proof = _everybody(now) if all_accounts else _one(operator.account(), client, now)
    operator.out.record(of_proof(proof), *_lines(proof))
    return int(bool(proof.findings or proof.failed))


@command.command(
    short_help="Prove that the numbers have no gap, and their chain.",
    epilog="Example: invoicely audit numbers --json",
)
@acting
def numbers(session: Session) -> int:
    """Prove the numbers of the account: 1 to n, dates that never descend, and the chain of what was issued.

    Whoever keeps the end of a chain can tell at any time that nothing before it was changed.
    """
    proof = audit_numbers(session.account_id, books=wiring.books())
    session.out.record(of_numbers(proof), *map(_series, proof.series), *_wrong(proof))
    return int(bool(proof.findings))


command.add_command(export)
command.add_command(archive)


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
