"""The coming run for all clients of an account, foreseen without writing anything; and what became of it.

clients, work ──as if each day had come──▶ RunPreview ──kept as JSON, then the run──▶ what became of each
some clients ──likewise──▶ a page of ForeseenClient ──────────────────────────────▶ (`domain/outcomes.py`)
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from domain.accounts import Account
from domain.billing import left_by_earlier
from domain.clients import Client, Clients
from domain.errors import NotFoundError
from domain.fields import values
from domain.identifiers import AccountId, ClientId, InvoiceId, WorkId
from domain.invoices import Invoice, Invoices, State
from domain.invoicing import Collecting
from domain.opening import MOST_PERIODS
from domain.paging import Page, every
from domain.requirements import required
from domain.retaining import retained
from domain.work import KnownWork, WorkEntry

MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenLine:
    """A line of an invoice to come; `amount` is in minor units."""

    work_id: WorkId
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """An invoice to come, over nothing where it has no entries. Amounts are minor units of `currency`.

    `net` is the sum of its lines, with the tax in them where prices include it. Where it has entries and
    no lines, nobody kept them; `payable` is not known of what was foreseen by an earlier version. It would be
    held for what is `missing`.
    """

    invoice_id: InvoiceId
    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    entries: int
    net: int
    tax_amount: int
    total: int
    payable: int | None = None
    lines: tuple[ForeseenLine, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientThen:
    """A client when the run was foreseen: the invoice day that came last, and whether it would be held."""

    client_id: ClientId
    previous_due_on: dt.date | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenClient(ClientThen):
    """The same, with the invoices that are to come, the earliest first."""

    invoices: tuple[Foreseen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPreview:
    """All invoices that are due by a day, as of the moment at which they were foreseen."""

    account_id: AccountId
    as_of: dt.date
    made_at: dt.datetime
    invoices: tuple[Foreseen, ...]
    clients: tuple[ClientThen, ...]


class Outcome(StrEnum):
    """What became of an invoice that was foreseen, or not."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    UNFORESEEN = "unforeseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something that is another than was foreseen: a field, or the amount of a piece of work."""

    what: str
    foreseen: str | None = None
    actual: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of one invoice; tax and total are compared once it is issued."""

    invoice_id: InvoiceId
    client_id: ClientId
    outcome: Outcome
    state: State | None = None
    changed: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseeing:
    """All that foreseeing a run reads; `seller` is the account."""

    seller: Account
    clients: Clients
    invoices: Invoices
    collecting: Collecting
    known: KnownWork


def preview_run(as_of: dt.date, *, now: dt.datetime, reading: Foreseeing) -> RunPreview:
    """What ticks up to the end of that day, where each client is, would make of what is there now.

    Nothing is written. A client that is further behind than one tick goes would be held after that.
    """
    account_id = reading.seller.id
    clients = every(lambda cursor: reading.clients.list(account_id=account_id, cursor=cursor))
    foreseen = [_foreseen_of(client, as_of, reading) for client in clients]
    return RunPreview(
        account_id=account_id,
        as_of=as_of,
        made_at=now.replace(microsecond=0),
        invoices=tuple(invoice for each in foreseen for invoice in each.invoices),
        clients=tuple(ClientThen(**values(each, ClientThen)) for each in foreseen),
    )


def preview_clients(
    as_of: dt.date, *, reading: Foreseeing, limit: int, cursor: str | None
) -> Page[ForeseenClient]:
    """The same of some clients only, *limit* at most, by their ids; also those who get nothing.

    A page ends early once `MOST_ENTRIES` are on its invoices, for no caller waits for more to be read.
    """
    some = partial(reading.clients.list, account_id=reading.seller.id, cursor=cursor)
    page, found, entries = some(limit=limit), list[ForeseenClient](), 0
    for client in page.items:
        found.append(_foreseen_of(client, as_of, reading))
        entries += sum(invoice.entries for invoice in found[-1].invoices)
        if entries >= MOST_ENTRIES and len(found) < len(page.items):
            return Page(tuple(found), some(limit=len(found)).next_cursor)
    return Page(tuple(found), page.next_cursor)


def compare_run(preview: RunPreview, *, invoices: Invoices) -> Sequence[Difference]:
    """What became of each invoice that was foreseen, and which ones came that were not."""
    found = [compared(each, preview.account_id, invoices) for each in preview.invoices]
    return [*found, *_unforeseen(preview, invoices)]


def _foreseen_of(client: Client, as_of: dt.date, reading: Foreseeing) -> ForeseenClient:
    own, after = tuple(_of_client(client, as_of, reading)), client
    for _ in own:
        after = after.after_invoice_day()
    return ForeseenClient(
        client_id=client.id,
        previous_due_on=client.previous_due_on,
        is_held=_is_due(after, as_of),
        invoices=own,
    )


def _of_client(client: Client, as_of: dt.date, reading: Foreseeing) -> Iterator[Foreseen]:
    taken: set[WorkId] = set()
    for _ in range(MOST_PERIODS):
        if not _is_due(client, as_of):
            return
        invoice = Invoice.opened(client)
        unbilled = reading.collecting.unbilled(invoice=invoice, limit=None)
        months = retained(client, client.next_period(), known=reading.known)
        left = left_by_earlier(invoice, unbilled, reading.invoices)
        lines = [entry for entry in [*left, *months] if entry.id not in taken]
        # What an earlier invoice is about to take comes on none of these either.
        taken |= {entry.id for entry in [*unbilled, *months]}
        yield _foreseen(invoice, lines, reading.seller, client)
        client = client.after_invoice_day()


def _is_due(client: Client, as_of: dt.date) -> bool:
    return client.due_at is not None and client.next_due_on <= as_of


def _foreseen(invoice: Invoice, lines: Sequence[WorkEntry], seller: Account, buyer: Client) -> Foreseen:
    claimed = invoice.with_claimed(lines)
    charged = claimed.charged(lines, seller=seller, buyer=buyer) if lines else claimed
    return Foreseen(
        invoice_id=charged.id,
        client_id=charged.client_id,
        due_on=charged.due_on,
        period_start=charged.period_start,
        period_end=charged.period_end,
        currency=charged.currency,
        entries=charged.entries,
        net=charged.net,
        tax_amount=charged.tax_amount,
        total=charged.total,
        payable=charged.payable,
        lines=tuple(ForeseenLine(work_id=line.id, amount=line.amount) for line in lines),
        missing=tuple(_missing(charged, seller, buyer)),
    )


def _missing(foreseen: Invoice, seller: Account, buyer: Client) -> Iterator[str]:
    lacking = required(foreseen.totals, seller=seller, buyer=buyer) if foreseen.totals else ()
    return (each.message for each in lacking)


def compared(foreseen: Foreseen, account_id: AccountId, invoices: Invoices) -> Difference:
    """What became of one invoice that was foreseen."""
    difference = Difference(
        invoice_id=foreseen.invoice_id, client_id=foreseen.client_id, outcome=Outcome.MISSING
    )
    try:
        actual = invoices.get(account_id=account_id, invoice_id=foreseen.invoice_id)
    except NotFoundError:
        return difference
    changed = tuple(_fields(foreseen, actual))
    if foreseen.lines or not foreseen.entries:
        changed += tuple(_lines(foreseen, invoices.lines(invoice=actual)))
    outcome = Outcome.DIFFERS if changed else Outcome.SAME
    return replace(difference, outcome=outcome, state=actual.state, changed=changed)


def _fields(foreseen: Foreseen, actual: Invoice) -> Iterator[Changed]:
    names = ["period_start", "period_end", "entries", "net"]
    names += ["tax_amount", "total"] if actual.state is State.ISSUED else []
    names += ["payable"] if actual.state is State.ISSUED and foreseen.payable is not None else []
    for name in names:
        before, after = str(getattr(foreseen, name)), str(getattr(actual, name))
        if before != after:
            yield Changed(what=name, foreseen=before, actual=after)


def _lines(foreseen: Foreseen, lines: Sequence[WorkEntry]) -> Iterator[Changed]:
    before = {line.work_id: str(line.amount) for line in foreseen.lines}
    after = {line.id: str(line.amount) for line in lines}
    for work_id in sorted(before.keys() | after.keys()):
        if before.get(work_id) != after.get(work_id):
            yield Changed(what=work_id, foreseen=before.get(work_id), actual=after.get(work_id))


def _unforeseen(preview: RunPreview, invoices: Invoices) -> Iterator[Difference]:
    known = {each.invoice_id for each in preview.invoices}
    last = {each.client_id: each.previous_due_on or dt.date.min for each in preview.clients}
    for invoice in every(lambda cursor: invoices.list(account_id=preview.account_id, cursor=cursor)):
        is_new = invoice.due_on > last.get(invoice.client_id, dt.date.min)
        if is_new and invoice.due_on <= preview.as_of and invoice.id not in known:
            yield unforeseen(invoice)


def unforeseen(invoice: Invoice) -> Difference:
    """What is told of an invoice that came although nobody foresaw it."""
    return Difference(
        invoice_id=invoice.id, client_id=invoice.client_id, outcome=Outcome.UNFORESEEN, state=invoice.state
    )
