"""Change what is stored by hand, behind the back of everything, and let events fail."""

import datetime as dt
from dataclasses import replace
from typing import Any

from domain.counters import Tally
from domain.delivery import Delivery
from domain.identifiers import invoice_id
from domain.invoices import Invoice
from tests.builders import ACME, ADA, a_failure
from tests.fakes import Store
from tests.lived import INVOICE, OCTOBER_31, WORK

FIRST = (ADA, WORK[0].id)
NOTHING = invoice_id(ACME, dt.date(2026, 11, 15))
"""An invoice that does not exist."""


def put(store: Store, entity: Any, **changes: Any) -> None:
    """Change an entity by hand, behind the back of everything."""
    of_kind = store._entities[type(entity)]
    [key] = [key for key, stored in of_kind.items() if stored == entity]
    of_kind[key] = replace(entity, **changes)


def remove(store: Store, entity: Any) -> None:
    of_kind = store._entities[type(entity)]
    store._entities[type(entity)] = {key: stored for key, stored in of_kind.items() if stored != entity}


def invoice_of(store: Store, day: dt.date = OCTOBER_31) -> Invoice:
    return store.get(Invoice, ADA, invoice_id(ACME, day))


def fail(store: Store, queue: str, subject: str, version: int = 1) -> None:
    """Let an event about *subject* wait in the failure ledger."""
    failure = a_failure(queue=queue, body=f'{{"data":{{"id":"{subject}","version":{version}}}}}')
    store.failures[failure.id] = failure


def miscount(store: Store) -> None:
    counter = store.counters[ADA, ACME]
    wrong = counter.months["2026-10"] + Tally(minutes=30)
    store.counters[ADA, ACME] = replace(counter, months={"2026-10": wrong})


def leave_unsent(store: Store) -> None:
    remove(store, store.get(Delivery, ADA, INVOICE))
