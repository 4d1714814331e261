"""What the mail service tells of our mails is kept with the delivery or reminder, and with the client."""

from domain.clients import Clients
from domain.delivery import Deliveries
from domain.errors import NotFoundError
from domain.fates import MailEvent
from domain.identifiers import invoice_parts
from domain.reminders import Reminders


def record_mail_event(
    event: MailEvent, *, deliveries: Deliveries, reminders: Reminders, clients: Clients
) -> bool:
    """Keep what became of a mail; False where its delivery or reminder, or its client, is not known.

    Events come late, more than once and in any order; none of that makes a difference.
    """
    try:
        client_id, _ = invoice_parts(event.invoice_id)
        if event.delivery_id:
            deliveries.update(
                account_id=event.account_id,
                invoice_id=event.delivery_id,
                change=lambda delivery: delivery.told(event),
            )
        if event.reminder_id:
            reminders.update(
                account_id=event.account_id,
                reminder_id=event.reminder_id,
                change=lambda reminder: reminder.told(event),
            )
        clients.update(
            account_id=event.account_id, client_id=client_id, change=lambda client: client.told(event)
        )
    except NotFoundError:
        return False
    return True
