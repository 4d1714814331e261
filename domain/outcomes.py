"""What became of some clients' invoices that were foreseen: read from each client back, not from all of them.

client as it is now ──its last invoice day──▶ invoice ──the one before──▶ … ──▶ the last one at that time
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from domain import checks
from domain.clients import Clients
from domain.identifiers import AccountId, ClientId, invoice_id
from domain.invoices import Invoice, Invoices
from domain.previewing import Difference, ForeseenClient, compared, unforeseen

MOST_CLIENTS = 100
MOST_BACK = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenRun:
    """What was foreseen up to a day of some clients, `MOST_CLIENTS` at most."""

    as_of: dt.date
    clients: tuple[ForeseenClient, ...]

    def __post_init__(self) -> None:
        told = f"at most {MOST_CLIENTS} clients at once"
        checks.require(
            checks.date("as_of", self.as_of),
            checks.that(len(self.clients) <= MOST_CLIENTS, "clients", code="too-many", message=told),
        )


def compare_clients(
    foreseen: ForeseenRun, *, account_id: AccountId, clients: Clients, invoices: Invoices
) -> Sequence[Difference]:
    """What became of each invoice that was foreseen, and which ones these clients got that were not.

    Of each client the last `MOST_BACK` invoices are looked at for such. Raises `NotFoundError` where there is
    no such client.
    """
    found = [compared(each, account_id, invoices) for then in foreseen.clients for each in then.invoices]
    for then in foreseen.clients:
        known = {each.invoice_id for each in then.invoices}
        since = then.previous_due_on or dt.date.min
        last = clients.get(account_id=account_id, client_id=then.client_id).previous_due_on
        found += (
            unforeseen(invoice)
            for invoice in islice(_back(then.client_id, last, since, account_id, invoices), MOST_BACK)
            if invoice.due_on <= foreseen.as_of and invoice.id not in known
        )
    return found


def _back(
    client_id: ClientId, due_on: dt.date | None, since: dt.date, account_id: AccountId, invoices: Invoices
) -> Iterator[Invoice]:
    """The client's invoices since a day, from *due_on* back."""
    while due_on and due_on > since:
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id(client_id, due_on))
        yield invoice
        due_on = invoice.previous_due_on
