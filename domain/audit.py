"""The audit: counters are what they count, numbers 1..n; each due period has its invoice, lines and payments.

Each client is looked at by itself, and so is the register of each account: what cannot be read of one is
told, and holds up no other.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from zlib import crc32

from domain.accounts import AccountDirectory, Accounts
from domain.clients import Clients
from domain.corrections import corrected
from domain.counters import Counters
from domain.credit_notes import CreditNotes
from domain.held import HeldInvoices
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoices
from domain.invoicing import Numbering
from domain.lines import lined
from domain.paging import every
from domain.paid import paid
from domain.periods import followed
from domain.proof import OpenFailures, Proof, Records, confirmed
from domain.recounting import Reading, read, recounted
from domain.register import Register, registered
from domain.reminded import reminded
from domain.woken import woken

PARTS = 30


class Check(Protocol):
    """What can be proven of a client by what was read."""

    def __call__(self, reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All that an audit reads."""

    accounts: Accounts
    clients: Clients
    records: Records
    counters: Counters
    invoices: Invoices
    held_invoices: HeldInvoices
    credit_notes: CreditNotes
    numbering: Numbering
    register: Register
    failures: OpenFailures


def audit_account(account_id: AccountId, *, now: dt.datetime, books: Books) -> Proof:
    """Prove all that there is of every client, and the numbers of the account."""
    clients = _clients(account_id, books)
    return audit_clients(clients, account_id=account_id, now=now, books=books) + _tried(
        account_id, lambda: audit_numbers(account_id, books=books)
    )


def audit_part(now: dt.datetime, *, directory: AccountDirectory, books: Books) -> Proof:
    """Prove those clients and accounts whose turn it is on the day of *now*: each comes within 35 days."""
    return sum((_part(account_id, now, books) for account_id in directory.every()), Proof())


def audit_clients(
    client_ids: Iterable[ClientId], *, account_id: AccountId, now: dt.datetime, books: Books
) -> Proof:
    """Prove the counters, the periods, and the invoices' lines, credit notes, payments and reminders."""
    prove = partial(audit_client, account_id=account_id, now=now, books=books)
    return sum((_tried(client_id, partial(prove, client_id)) for client_id in client_ids), Proof())


def verify_counters(
    client_ids: Iterable[ClientId], *, account_id: AccountId, now: dt.datetime, books: Books
) -> Proof:
    """Prove the counters of these clients only."""

    def prove(client_id: ClientId) -> Proof:
        return _looked_at(client_id, account_id, books, now, recounted)

    return sum((_tried(client_id, partial(prove, client_id)) for client_id in client_ids), Proof())


def audit_client(client_id: ClientId, *, account_id: AccountId, now: dt.datetime, books: Books) -> Proof:
    """Prove a client's counters, its periods, and all that there is to its invoices.

    Raises:
        NotFoundError: the account has no such client.
    """
    held = partial(woken, accounts=books.accounts, invoices=books.invoices, held=books.held_invoices)
    checks = (recounted, lined, corrected, paid, reminded, held, followed)
    return _looked_at(client_id, account_id, books, now, *checks)


def audit_numbers(account_id: AccountId, *, books: Books, contents: bool = True) -> Proof:
    """Prove the account's numbers and their chain; with *contents*, also that no invoice was changed."""
    account = books.accounts.get(account_id=account_id)
    return confirmed(
        lambda: registered(
            account,
            invoices=books.invoices,
            credit_notes=books.credit_notes,
            numbering=books.numbering,
            register=books.register,
            contents=contents,
        )
    )


def _looked_at(
    client_id: ClientId, account_id: AccountId, books: Books, now: dt.datetime, *checks: Check
) -> Proof:
    def look() -> Proof:
        reading = read(client_id, account_id=account_id, records=books.records, counters=books.counters)
        return sum((check(reading, now=now, failures=books.failures) for check in checks), Proof())

    return confirmed(look)


def _part(account_id: AccountId, now: dt.datetime, books: Books) -> Proof:
    clients = (client_id for client_id in _clients(account_id, books) if _is_their_turn(client_id, now))
    proof = _tried(account_id, lambda: audit_clients(clients, account_id=account_id, now=now, books=books))
    if not _is_their_turn(account_id, now):
        return proof
    return proof + _tried(account_id, lambda: audit_numbers(account_id, books=books))


def _clients(account_id: AccountId, books: Books) -> Iterator[ClientId]:
    for client in every(lambda cursor: books.clients.list(account_id=account_id, cursor=cursor)):
        yield client.id


def _is_their_turn(entity_id: str, now: dt.datetime) -> bool:
    return crc32(entity_id.encode()) % PARTS == now.timetuple().tm_yday % PARTS


def _tried(entity_id: str, prove: Callable[[], Proof]) -> Proof:
    """What is proven; or who it failed on, for one must not hold up the others."""
    try:
        return prove()
    except Exception as error:  # noqa: BLE001 - told
        return Proof(failed=((entity_id, error),))
