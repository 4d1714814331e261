"""Print an issued invoice and mail it: once, however often its event arrives (see `delivery`)."""

import datetime as dt
from collections.abc import Callable

from domain.archiving import Archive
from domain.delivery import Deliveries, Delivery, DeliveryUnknownError, Progress
from domain.documents import Renderer
from domain.einvoices import EInvoices
from domain.identifiers import AccountId, InvoiceId
from domain.invoices import Invoices, State
from domain.mailing import Attachment, Mail, MailRefusedError, Postman, invoice_mail
from domain.parties import Party
from domain.printing import NotIssuedError, document_of, printed


def deliver_invoice(
    invoice_id: InvoiceId,
    *,
    account_id: AccountId,
    invoices: Invoices,
    deliveries: Deliveries,
    archive: Archive,
    renderer: Renderer,
    einvoices: EInvoices,
    postman: Postman,
    now: dt.datetime,
) -> Delivery:
    """Print an issued invoice, keep its documents, and mail it once, however often its event arrives.

    One that was made void is not mailed.

    Raises:
        NotIssuedError: the invoice has no number yet.
        MailRefusedError: the mail was not accepted; try again later.
        DeliveryUnderWayError: another run may still be mailing it; try again later.
        DeliveryUnknownError: an earlier attempt may or may not have been mailed.
    """
    invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
    delivery = deliveries.get(account_id=account_id, invoice_id=invoice_id)
    if delivery.is_over:
        return delivery
    if invoice.state is not State.ISSUED:
        raise NotIssuedError(f"{invoice_id} is {invoice.state}, not issued")
    content = printed(
        delivery,
        lambda: document_of(invoice, invoices.lines(invoice=invoice)),
        under=f"{account_id}/invoices/{invoice_id}",
        deliveries=deliveries,
        archive=archive,
        renderer=renderer,
        einvoices=einvoices,
    )

    def letter(begun: Delivery) -> Mail:
        return invoice_mail(
            invoice,
            recipient=begun.recipient or "",
            attempt=begun.attempt,
            attachments=(Attachment(number=invoice.number or invoice.id, content=content),),
        )

    return hand_over(delivery, letter, buyer=invoice.buyer, deliveries=deliveries, postman=postman, now=now)


def hand_over(
    of: Delivery,
    letter: Callable[[Delivery], Mail],
    *,
    buyer: Party | None,
    deliveries: Deliveries,
    postman: Postman,
    now: dt.datetime,
) -> Delivery:
    """Mail the *letter* to the *buyer*, unless that was begun before; raises as `deliver_invoice` does."""

    def move(change: Callable[[Delivery], Delivery]) -> Delivery:
        return deliveries.update(account_id=of.account_id, invoice_id=of.invoice_id, change=change)

    recipient = (buyer.email if buyer else None) or ""
    try:
        begun = move(lambda delivery: delivery.start(recipient, now))
    except DeliveryUnknownError:
        move(lambda delivery: delivery.unknown(now))
        raise
    if begun.progress is not Progress.SENDING:
        return begun
    try:
        message_id = postman.send(mail=letter(begun))
    except MailRefusedError:
        move(lambda delivery: delivery.refused(begun.attempt))
        raise
    return move(lambda delivery: delivery.sent(message_id, begun.attempt))
