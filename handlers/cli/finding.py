"""Finds the client or the invoice that a person means, by id, by name or by number."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.errors import NotFoundError
from domain.identifiers import (
    AccountId,
    ClientId,
    InvoiceId,
    invoice_parts,
    known_client,
    known_credit_note,
)
from domain.invoices import Invoice
from domain.paging import every
from domain.timesheets import folded
from handlers.cli.called import program
from infrastructure import wiring

_MOST_NEAR = 3


class AmbiguousNameError(NotFoundError):
    """Several clients have the name."""

    code = "ambiguous-name"


def the_client(said: str, account_id: AccountId) -> Client:
    """The one client with the id or, in whatever case, the name *said*.

    Raises:
        NotFoundError: there is none, or several have the name.
    """
    if re.fullmatch("cli_[0-9a-z]{16}", said):
        return wiring.clients().get(account_id=account_id, client_id=known_client(said))
    known = all_clients(account_id)
    match [client for client in known if folded(client.name) == folded(said)]:
        case [client]:
            return client
        case []:
            raise NotFoundError(f'there is no client "{said}"; {_near(said, known)}')
        case several:
            ids = ", ".join(client.id for client in several)
            raise AmbiguousNameError(f'several clients are named "{said}"; say which by id: {ids}')


def _near(said: str, known: Iterable[Client]) -> str:
    """The names that are like what was said, or hold it; the list where none is."""
    names = {folded(client.name): client.name for client in known}
    holding = [name for name in names if folded(said) in name]
    near = dict.fromkeys([*get_close_matches(folded(said), names, n=_MOST_NEAR), *holding])
    if near:
        return f"did you mean {' or '.join(names[name] for name in [*near][:_MOST_NEAR])}?"
    return f"{program()} clients list shows them"


def the_invoice(said: str, account_id: AccountId) -> Invoice:
    """The invoice with this id or number; raise `NotFoundError` where there is none."""
    if said.startswith("inv_"):
        invoice_parts(InvoiceId(said))
        return wiring.invoices().get(account_id=account_id, invoice_id=InvoiceId(said))
    for invoice in every(lambda cursor: wiring.invoices().list(account_id=account_id, cursor=cursor)):
        if invoice.number == said:
            return invoice
    raise NotFoundError(f"there is no invoice {said}; {program()} invoices list shows them")


def the_document(said: str, account_id: AccountId) -> Invoice | CreditNote:
    """The invoice or the credit note with this id or number; raise `NotFoundError` where there is none."""
    notes = wiring.credit_notes()
    if said.startswith("crn_"):
        return notes.get(account_id=account_id, credit_note_id=known_credit_note(said))
    try:
        return the_invoice(said, account_id)
    except NotFoundError:
        for note in every(lambda cursor: notes.list(account_id=account_id, cursor=cursor)):
            if note.number == said:
                return note
        raise


def all_clients(account_id: AccountId) -> list[Client]:
    """Every client of the account."""
    return list(every(lambda cursor: wiring.clients().list(account_id=account_id, cursor=cursor)))


def client_names(account_id: AccountId) -> Callable[[ClientId], str]:
    """What each client is called; one that the list does not show yet, by its id."""
    names = {client.id: client.name for client in all_clients(account_id)}
    return lambda client_id: names.get(client_id, client_id)
