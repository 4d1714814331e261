"""What became of some clients' invoices that were foreseen: read from each client back, not from all of them.

client as it is now ──its last invoice day──▶ invoice ──the one before──▶ … ──▶ the last one at that time
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from domain import checks
from domain.clients import Clients
from domain.identifiers import AccountId, InvoiceId, invoice_parts
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
        last = clients.get(account_id=account_id, client_id=then.client_id).last_invoice
        found += (
            unforeseen(invoice)
            for invoice in islice(_back(last, since, account_id, invoices), MOST_BACK)
            if invoice.due_on <= foreseen.as_of and invoice.id not in known
        )
    return found


def _back(
    last: InvoiceId | None, since: dt.date, account_id: AccountId, invoices: Invoices
) -> Iterator[Invoice]:
    """The client's invoices since a day, from its last one back."""
    while last and invoice_parts(last)[1] > since:
        invoice = invoices.get(account_id=account_id, invoice_id=last)
        yield invoice
        last = invoice.previous
