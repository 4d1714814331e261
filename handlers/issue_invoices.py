"""Queue `invoicing` → what was opened is finished: invoices and credit notes with their lines and a number.

invoice.opened     all its work, and a number
creditnote.opened  all that it takes back, and a number; its work is released
invoice.approved   a number, for its review is over
invoice.skipped    its work is released
invoice.reopened   all its work anew, and a number
invoice.voided     its work is released
account.changed    held invoices, for what they lack may be there now; client.changed likewise

What there is no time for comes back at once, and goes on where it stopped.
"""

from typing import Any

from domain.credit_notes import CreditNote
from domain.crediting import finish_credit_note
from domain.identifiers import AccountId, ClientId
from domain.invoices import Invoice
from domain.invoicing import issue_held, issue_invoice
from domain.stopping import stop_in_time
from domain.voiding import release_void_invoice
from events.envelope import Event
from infrastructure import codec, wiring
from infrastructure.context import running, time_is_up
from infrastructure.queue import Batch
from infrastructure.waking import changed_party, changes_details


def handler(event: dict[str, Any], context: object) -> Batch:
    with running(context):
        return wiring.consumer().each_event(event, _handle)


def _handle(event: Event) -> None:
    stop_in_time(event.type, time_is_up)
    match event.type.split("."):
        case [_, "creditnote", *_]:
            _finish(codec.decode(CreditNote, event.data))
        case [_, "invoice", "voided", _]:
            _release(codec.decode(Invoice, event.data))
        case [_, "account" | "client", *_]:
            if changes_details(event):
                _look_again(*changed_party(event))
        case _:
            _issue(codec.decode(Invoice, event.data))


def _issue(opened: Invoice) -> None:
    issue_invoice(
        opened.id,
        account_id=opened.account_id,
        now=wiring.now(),
        invoices=wiring.invoices(),
        parties=wiring.parties(),
        collecting=wiring.collecting(),
        numbering=wiring.numbering(),
        time_is_up=time_is_up,
    )


def _look_again(account_id: AccountId, client_id: ClientId | None) -> None:
    issue_held(
        account_id,
        client_id=client_id,
        now=wiring.now(),
        invoices=wiring.invoices(),
        parties=wiring.parties(),
        collecting=wiring.collecting(),
        numbering=wiring.numbering(),
        time_is_up=time_is_up,
    )


def _finish(opened: CreditNote) -> None:
    finish_credit_note(
        opened.id,
        account_id=opened.account_id,
        now=wiring.now(),
        invoices=wiring.invoices(),
        credit_notes=wiring.credit_notes(),
        parties=wiring.parties(),
        crediting=wiring.crediting(),
        sequences=wiring.numbering(),
        time_is_up=time_is_up,
    )


def _release(void: Invoice) -> None:
    release_void_invoice(
        void.id,
        account_id=void.account_id,
        invoices=wiring.invoices(),
        crediting=wiring.crediting(),
        voiding=wiring.voiding(),
        time_is_up=time_is_up,
    )
