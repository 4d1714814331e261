"""What became of the mails of an invoice, in words."""

from collections.abc import Iterator

from domain.delivery import Attempt, Delivery
from domain.fates import Returned
from infrastructure.views.instants import instant


def mails(delivery: Delivery) -> Iterator[str]:
    """A line for each mail that went out or tried to, the first one first."""
    for attempt in (*delivery.earlier, delivery.current):
        if attempt.recipient:
            yield f"  {mail_line(attempt)}"


def returned_line(returned: Returned) -> str:
    """Where a mail came back from, when and why."""
    what = "complained of a mail" if returned.fate == "complained" else "sent a mail back"
    return f"{returned.recipient} {what} at {instant(returned.at)}: {returned.reason or 'no reason given'}"


def mail_line(attempt: Attempt) -> str:
    """Where a mail went, when, and what became of it."""
    at = f" at {instant(attempt.started_at)}" if attempt.started_at else ""
    told = f"mail to {attempt.recipient}{at}: {attempt.progress}"
    if attempt.delivered_at:
        told += f", delivered at {instant(attempt.delivered_at)}"
    if attempt.returned:
        told += f" ({attempt.returned.reason or 'no reason given'})"
    return told
