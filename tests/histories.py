"""Histories of work: what a person and the schedule do in the last quarter of a year, in any order."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

from domain.errors import NotFoundError
from domain.identifiers import WorkId
from domain.timekeeping import edit_work, log_work, remove_work
from domain.work import WorkDetails, WorkIsInvoicedError
from tests.builders import ADA, UMBRELLA, a_client, an_account, ids, some_work
from tests.fakes import Store
from tests.world import World, in_memory

CLIENTS = (a_client(), a_client(id=UMBRELLA, name="Umbrella", invoice_day=15))


@dataclass(frozen=True, slots=True)
class Log:
    client: int
    details: WorkDetails


@dataclass(frozen=True, slots=True)
class Edit:
    entry: int
    details: WorkDetails


@dataclass(frozen=True, slots=True)
class Remove:
    entry: int


@dataclass(frozen=True, slots=True)
class Invoicing:
    """The next of the clients' invoice days comes, and all that follows from it happens."""


Change: TypeAlias = Log | Edit | Remove | Invoicing

days = st.dates(dt.date(2026, 10, 1), dt.date(2026, 12, 15))
details = st.builds(some_work, date=days, minutes=st.integers(1, 600), billable=st.booleans())
logs = st.builds(Log, st.integers(0, 1), details)
edits = st.builds(Edit, st.integers(0, 30), details)
removals = st.builds(Remove, st.integers(0, 30))
invoicings = st.builds(Invoicing)
histories = st.lists(st.one_of(logs, logs, edits, edits, removals, invoicings), min_size=15, max_size=40)


def lived(history: Sequence[Change]) -> Store:
    """The store after all of it has happened; its stream tells of every change, in order."""
    store = Store()
    live(history, in_memory(store))
    return store


def live(history: Sequence[Change], world: World) -> None:
    """Let it all happen in an empty world, as far as its rules allow it."""
    world.having(an_account(), *CLIENTS)
    new_id, logged = ids(), list[WorkId]()
    for change in history:
        with suppress(WorkIsInvoicedError, NotFoundError):
            _happen(change, world, logged, new_id)


def _happen(change: Change, world: World, logged: list[WorkId], new_id: Callable[[], str]) -> None:
    match change:
        case Log(client, said):
            entry = log_work(
                said,
                account_id=ADA,
                client_id=CLIENTS[client].id,
                clients=world.clients,
                work=world.work,
                new_id=new_id,
            )
            logged.append(entry.id)
        case Edit(number, said) if logged:
            edit_work(logged[number % len(logged)], lambda _: said, account_id=ADA, work=world.work)
        case Remove(number) if logged:
            remove_work(logged[number % len(logged)], account_id=ADA, work=world.work)
        case Invoicing():
            _invoice(world)
        case _:
            pass


def _invoice(world: World) -> None:
    day = min(client.next_due_on for client in world.clients.list(account_id=ADA).items)
    for invoice_id in world.tick(day).invoices:
        world.issue(invoice_id, client=CLIENTS[0], day=day)
