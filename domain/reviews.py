"""The review of an invoice before it goes out: a person may look at it, hold it, skip it, or send it now.

in review ──its time is over, at a tick · sent now──▶ sealed ──▶ issued, mailed
    ├── held ──▶ in review without an end
    └── skipped ──▶ skipped ──put back, up to 98 entries a step──▶ skipped, and its work comes on the next one
                       ▲                                              └── reopened ──▶ open, collected again
lacks something ──skipped

Nothing of an invoice in review has a number or is mailed. What is skipped loses its work, which can be
corrected before it is reopened.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from domain.clients import DueClient
from domain.errors import ConflictError
from domain.identifiers import AccountId, ClientId, InvoiceId, invoice_parts
from domain.invoices import Invoice, InvoiceMovedError, Invoices, State
from domain.opening import Opened

MOST_ROUNDS = 6


class NotInReviewError(ConflictError):
    """The invoice is not in review, not yet or not any more."""

    code = "not-in-review"


class NotSkippedError(ConflictError):
    """The invoice is not skipped, or some of its work is still to be put back."""

    code = "not-skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Which review seems to be over, and since when."""

    account_id: AccountId
    invoice_id: InvoiceId
    ends_at: dt.datetime

    @property
    def client_id(self) -> ClientId:
        return invoice_parts(self.invoice_id)[0]


class Reviews(Protocol):
    """The invoices in review."""

    def ending(self, *, until: dt.datetime) -> Iterator[Ending]:
        """Each review that ends by *until*; may be a moment behind, so read the invoice before acting."""
        ...

    def decide(self, *, invoice: Invoice, decided: Invoice) -> None:
        """Store what was decided.

        Raises:
            InvoiceMovedError: the invoice is neither in review, held nor skipped, or not as it was read.
        """
        ...


def send_now(
    invoice_id: InvoiceId, *, account_id: AccountId, invoices: Invoices, reviews: Reviews
) -> Invoice:
    """End the review: the invoice is numbered, printed and mailed by itself. Raises like `skip_invoice`."""
    return _decide(invoice_id, Invoice.approved, _in_review, account_id, invoices=invoices, reviews=reviews)


def hold_invoice(
    invoice_id: InvoiceId, *, account_id: AccountId, invoices: Invoices, reviews: Reviews
) -> Invoice:
    """Let the review go on until a person sends or skips the invoice. Raises like `skip_invoice`."""
    return _decide(invoice_id, Invoice.deferred, _in_review, account_id, invoices=invoices, reviews=reviews)


def skip_invoice(
    invoice_id: InvoiceId, *, account_id: AccountId, invoices: Invoices, reviews: Reviews
) -> Invoice:
    """Make no invoice of this period: its work can be edited again, and comes on the next one.

    So can an invoice that is held for what it lacks. One that is skipped already stays as it is.

    Raises:
        NotFoundError: there is no such invoice.
        NotInReviewError: it is not in review, nor held.
        InvoiceMovedError: it was changed by others `MOST_ROUNDS` times running.
    """
    return _decide(
        invoice_id, Invoice.skipped, _in_review_or_held, account_id, invoices=invoices, reviews=reviews
    )


def reopen_invoice(
    invoice_id: InvoiceId, *, account_id: AccountId, invoices: Invoices, reviews: Reviews
) -> Invoice:
    """Make a skipped invoice after all: it takes the unbilled work that there is now, and goes on by itself.

    What a later invoice has taken meanwhile stays there. An invoice that is open already stays as it is.

    Raises:
        NotFoundError: there is no such invoice.
        NotSkippedError: it is not skipped, or some of its work is still to be put back.
        InvoiceMovedError: it was changed by others `MOST_ROUNDS` times running.
    """
    return _decide(
        invoice_id, Invoice.reopened, _without_work, account_id, invoices=invoices, reviews=reviews
    )


def end_reviews(
    until: dt.datetime,
    *,
    invoices: Invoices,
    reviews: Reviews,
    account_id: AccountId | None = None,
    client_id: ClientId | None = None,
) -> Opened:
    """End every review whose time is over by *until*; with *account_id* or *client_id*, only theirs.

    What it fails on is told, and its review is still over: another tick tries again.
    """
    ended = Opened()
    for found in reviews.ending(until=until):
        if account_id in {None, found.account_id} and client_id in {None, found.client_id}:
            ended += _end(found, until, invoices, reviews)
    return ended


def _end(found: Ending, until: dt.datetime, invoices: Invoices, reviews: Reviews) -> Opened:
    try:
        invoice = invoices.get(account_id=found.account_id, invoice_id=found.invoice_id)
        if invoice.review_ends_at is None or invoice.review_ends_at > until:
            return Opened()
        reviews.decide(invoice=invoice, decided=invoice.approved())
    except InvoiceMovedError:
        return Opened()  # a person was faster, or another tick
    except Exception as error:  # noqa: BLE001 - told; one invoice must not hold up the others
        of = DueClient(account_id=found.account_id, client_id=found.client_id, due_at=found.ends_at)
        return Opened(failed=((of, error),))
    return Opened(approved=(invoice.id,))


def _decide(
    invoice_id: InvoiceId,
    decide: Callable[[Invoice], Invoice],
    require: Callable[[Invoice], None],
    account_id: AccountId,
    *,
    invoices: Invoices,
    reviews: Reviews,
) -> Invoice:
    invoice_parts(invoice_id)
    for _ in range(MOST_ROUNDS):
        invoice = invoices.get(account_id=account_id, invoice_id=invoice_id)
        if (decided := decide(invoice)) == invoice:
            return invoice
        require(invoice)
        try:
            reviews.decide(invoice=invoice, decided=decided)
        except InvoiceMovedError:
            continue
        return decided
    raise InvoiceMovedError(f"{invoice_id} was changed by others {MOST_ROUNDS} times running")


def _in_review(invoice: Invoice) -> None:
    if invoice.state is not State.IN_REVIEW:
        raise NotInReviewError(f"{invoice.id} is {invoice.state}, not in review")


def _in_review_or_held(invoice: Invoice) -> None:
    if invoice.state is not State.HELD:
        _in_review(invoice)


def _without_work(invoice: Invoice) -> None:
    if invoice.state is not State.SKIPPED:
        raise NotSkippedError(f"{invoice.id} is {invoice.state}, not skipped")
    if invoice.entries:
        raise NotSkippedError(f"the work of {invoice.id} is being put back: reopen it in a moment")
