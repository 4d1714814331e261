"""Finding invoices: by client, by how far they have come, and by what is paid of them."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice, Invoices, State
from domain.paging import Page, chosen
from domain.payments import PaymentState, payment_state


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilters:
    """Which invoices are wanted, as of `now`: all that is said must be so."""

    now: dt.datetime
    client_id: ClientId | None = None
    state: State | None = None
    payment: PaymentState | None = None

    def take(self, invoice: Invoice) -> bool:
        """Whether the invoice is wanted."""
        return (
            self.client_id in {None, invoice.client_id}
            and self.state in {None, invoice.state}
            and self.payment in {None, payment_state(invoice, self.now)}
        )


def list_invoices(
    wanted: InvoiceFilters,
    *,
    account_id: AccountId,
    invoices: Invoices,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Invoice]:
    """Those that are wanted, the newest first; a page may be short, or empty, although more follows."""
    fetch = partial(invoices.list, account_id=account_id)
    return chosen(fetch, wanted.take, limit=limit, cursor=cursor)
