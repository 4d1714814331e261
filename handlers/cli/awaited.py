"""What an invoice waits for that is not issued, and the command that ends its waiting."""

from domain.invoices import Invoice, State
from handlers.cli.called import program
from handlers.cli.output import local
from infrastructure import wiring

_FOR_EVER = {
    State.EMPTY: "it has nothing to charge, and is not made",
    State.VOID: "it is void, and nothing of it is printed",
}


def awaited(invoice: Invoice) -> str:
    """What is to happen before it is issued, or why it never is."""
    match invoice.state:
        case State.HELD:
            lacks = "; ".join(each.message for each in invoice.missing)
            return f"held, for it lacks {lacks}; {program()} invoices show {invoice.id} tells what mends it"
        case State.IN_REVIEW:
            return _review(invoice)
        case State.SKIPPED:
            again = f"{program()} invoices review {invoice.id} reopen"
            return f"a person skipped it, and it is not made; {again} makes it after all"
    return _FOR_EVER.get(invoice.state, f"it is {invoice.state}; try again in a moment")


def _review(invoice: Invoice) -> str:
    review = f"{program()} invoices review {invoice.id}"
    if invoice.review_ends_at is None:
        return f"held in review by a person: {review} send|skip"
    client = wiring.clients().get(account_id=invoice.account_id, client_id=invoice.client_id)
    until = local(invoice.review_ends_at, client.time_zone)
    return f"in review until {until}, then it is numbered and mailed; {review} send|hold|skip"
