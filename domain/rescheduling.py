"""Changing a client: whatever a person says about it, no work may fall out of its invoices unseen."""

from collections.abc import Callable

from domain.calendar import Period
from domain.clients import Client, Clients
from domain.errors import ConflictError
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice
from domain.invoicing import Collecting


class UnbilledWorkBeforeError(ConflictError):
    """Billing was to start behind work that no invoice has taken yet."""

    code = "unbilled-work-before"


def change_client(
    client_id: ClientId,
    change: Callable[[Client], Client],
    *,
    account_id: AccountId,
    clients: Clients,
    collecting: Collecting,
) -> Client:
    """Store what *change* makes of the client; what it raises escapes, nothing stored.

    Raises:
        UnbilledWorkBeforeError: its billing would start after work that waits for an invoice.
    """

    def checked(client: Client) -> Client:
        changed = change(client)
        if changed.billing_starts_on > client.billing_starts_on:
            _takes_all_work(client, changed, collecting)
        return changed

    return clients.update(account_id=account_id, client_id=client_id, change=checked)


def _takes_all_work(before: Client, after: Client, collecting: Collecting) -> None:
    """Look for work as an invoice does that closes the day before billing is to start."""
    left_out = Period(before.billing_starts_on, after.billing_starts_on)
    invoice = Invoice.of_period(left_out, before, closed_on=after.billing_starts_on)
    if found := collecting.unbilled(invoice=invoice, limit=1):
        told = (
            f"{before.id} has unbilled work of {found[0].date}, which no invoice would take any more; "
            f"bill it, move it or remove it before billing starts on {after.billing_starts_on}"
        )
        raise UnbilledWorkBeforeError(told)
