"""Mail what was issued once more: a person wants that, and knows what became of the mail before.

pending · bounced                    goes out again, to the address that is named or the client's own
sent · complained · unknown, and
bounced at that very address         only if the person names that state, having been told of it
sending                              not before it is known how that ends
"""

import datetime as dt

from domain import checks
from domain.clients import Clients
from domain.credit_notes import CreditNotes
from domain.credit_notes import Progress as CreditNoteState
from domain.delivery import Deliveries, Delivery, Progress
from domain.errors import ConflictError
from domain.identifiers import AccountId, CreditNoteId, DocumentId, InvoiceId
from domain.invoices import Invoices, State


class NothingToResendError(ConflictError):
    """Only what is issued can be mailed."""

    code = "nothing-to-resend"


class MailUnderWayError(ConflictError):
    """A mail is going out at this moment."""

    code = "mail-under-way"


class MailMayBeOutError(ConflictError):
    """Another mail could be the second one, or come back as the last one did; a person has to want that."""

    code = "mail-may-be-out"

    def __init__(self, told: str, progress: Progress) -> None:
        super().__init__(f'{told}. To mail it all the same, say so: despite "{progress}".')
        self.told, self.progress = told, progress


def resend_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    recipient: str | None,
    despite: Progress | None,
    invoices: Invoices,
    deliveries: Deliveries,
    clients: Clients,
    now: dt.datetime,
) -> Delivery:
    """Let an issued invoice be mailed again, to *recipient* or else to where the client is reached now.

    Raises:
        InvalidError: the recipient is no address.
        NothingToResendError: the invoice is not issued, or void.
        MailUnderWayError: it is being mailed.
        MailMayBeOutError: the last mail is in a state that has to be named by *despite*.
        TooManyAttemptsError: it was mailed as often as it may be.
    """
    invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
    if invoice.state is not State.ISSUED:
        raise NothingToResendError(f"{invoice_id} is {invoice.state}; only what is issued can be mailed")
    address = recipient or clients.get(account_id=account_id, client_id=invoice.client_id).email
    return _again(invoice_id, account_id, address, despite=despite, deliveries=deliveries, now=now)


def resend_credit_note(
    note_id: CreditNoteId,
    *,
    account_id: AccountId,
    recipient: str | None,
    despite: Progress | None,
    credit_notes: CreditNotes,
    deliveries: Deliveries,
    clients: Clients,
    now: dt.datetime,
) -> Delivery:
    """Let an issued credit note be mailed again; raises as `resend_invoice` does."""
    note = credit_notes.get(account_id=account_id, credit_note_id=note_id)
    if note.state is not CreditNoteState.ISSUED:
        raise NothingToResendError(f"{note_id} is {note.state}; only what is issued can be mailed")
    address = recipient or clients.get(account_id=account_id, client_id=note.client_id).email
    return _again(note_id, account_id, address, despite=despite, deliveries=deliveries, now=now)


def _again(
    document: DocumentId,
    account_id: AccountId,
    address: str,
    *,
    despite: Progress | None,
    deliveries: Deliveries,
    now: dt.datetime,
) -> Delivery:
    checks.require(checks.email("recipient", address))

    def again(delivery: Delivery) -> Delivery:
        _require_known(delivery.unknown(now), address, despite, now)
        return delivery.again(address, now)

    return deliveries.update(account_id=account_id, invoice_id=document, change=again)


def _require_known(delivery: Delivery, address: str, despite: Progress | None, now: dt.datetime) -> None:
    """Raise unless *despite* names the state that makes another mail a risk."""
    if delivery.is_under_way(now):
        raise MailUnderWayError(f"{delivery.invoice_id} is being mailed; ask again in three minutes")
    if delivery.progress is Progress.STOPPED:
        raise NothingToResendError(f"{delivery.invoice_id} is void; only what is issued can be mailed")
    if despite is delivery.progress or not (risk := _risk(delivery, address)):
        return
    since = f" on {delivery.started_at:%Y-%m-%d at %H:%M} UTC" if delivery.started_at else ""
    raise MailMayBeOutError(f"{delivery.invoice_id} was mailed{since}, and {risk}", delivery.progress)


def _risk(delivery: Delivery, address: str) -> str | None:
    """What could be wrong with another mail."""
    match delivery.progress:
        case Progress.SENT:
            return "it was sent: the client would have it twice"
        case Progress.COMPLAINED:
            return "the client complained of it"
        case Progress.UNKNOWN:
            return "nobody knows whether it went out: the client may have it already"
        case Progress.BOUNCED if address == delivery.recipient:
            return "came back from this very address"
    return None
