"""All that is done in steps of up to a hundred items: what leads to it, and what the queue does then."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from domain.credit_notes import CreditNote
from domain.crediting import MOST_RELEASED
from domain.invoices import Invoice
from domain.invoicing import MOST_CLAIMED, MOST_PUT_BACK
from domain.reviews import skip_invoice
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account, an_invoice_id
from tests.world import World

OCTOBER_31 = dt.date(2026, 10, 31)
INVOICE = an_invoice_id(ACME, OCTOBER_31)

Run = Callable[[World], Invoice | CreditNote]


@dataclass(frozen=True, slots=True, kw_only=True)
class LongWork:
    """`prepare` a world with so many entries, and get what the queue does; `step` takes `at_once` of them."""

    prepare: Callable[[World, int], Run]
    step: str
    at_once: int


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=INVOICE)


def opened(world: World, entries: int, *, review_days: int = 0) -> World:
    """October's invoice is open."""
    work = [a_work_entry(f"{number:016}") for number in range(entries)]
    world.having(an_account(), a_client(review_days=review_days), *work).tick(OCTOBER_31)
    return world


def issue(world: World) -> Invoice:
    return world.issue(INVOICE, client=a_client(), day=OCTOBER_31)


def _issuing(world: World, entries: int) -> Run:
    opened(world, entries)
    return issue


def _putting_back(world: World, entries: int) -> Run:
    issue(opened(world, entries, review_days=3))
    skip_invoice(INVOICE, account_id=ADA, invoices=world.invoices, reviews=world.reviews)
    return issue


def _crediting(world: World, entries: int) -> Run:
    note = world.credit(issue(opened(world, entries)))
    return lambda world: world.finish(note.id, account_id=ADA, day=OCTOBER_31)


def _releasing(world: World, entries: int) -> Run:
    void = world.void(issue(opened(world, entries)))
    return lambda world: world.release(void)


ALL = {
    "issuing": LongWork(prepare=_issuing, step="collecting.claim", at_once=MOST_CLAIMED),
    "putting back": LongWork(prepare=_putting_back, step="collecting.put_back", at_once=MOST_PUT_BACK),
    "crediting": LongWork(prepare=_crediting, step="crediting.release", at_once=MOST_RELEASED),
    "releasing": LongWork(prepare=_releasing, step="voiding.release_void", at_once=MOST_RELEASED),
}
