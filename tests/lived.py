"""A world in which a month has gone by, and all that follows from it has happened: nothing is wrong."""

import datetime as dt
from collections.abc import Iterable

from domain.audit import audit_account
from domain.counters import Contribution, keep_counters
from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.delivery import Delivery
from domain.identifiers import AccountId, invoice_id
from domain.invoices import Invoice, State
from domain.paging import every
from domain.proof import Code, Proof, Stored
from domain.work import WorkEntry
from tests.builders import ACME, ADA, MAILED_AT, UMBRELLA, a_client, a_work_entry, an_account
from tests.world import World

CLIENT = a_client()
IDLE = a_client(id=UMBRELLA, name="Umbrella")
WORK = [a_work_entry(f"{number:016}", date=dt.date(2026, 10, number)) for number in range(1, 5)]
LATER = [a_work_entry(f"later{number:011}", date=dt.date(2026, 11, number)) for number in range(1, 4)]
OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
EARLY = dt.datetime(2026, 10, 31, 12, 59, tzinfo=dt.UTC)
"""Within an hour of everything that a world wrote at its NOON."""
LATE = dt.datetime(2026, 10, 31, 13, 1, tzinfo=dt.UTC)
A_MONTH_LATER = LATE + dt.timedelta(days=30)
INVOICE = invoice_id(ACME, OCTOBER_31)


def a_month(world: World, account_id: AccountId = ADA) -> World:
    """October is invoiced, mailed and counted: one invoice, and one without anything to charge."""
    world.having(an_account(id=account_id), CLIENT, IDLE, *WORK)
    bill(world, OCTOBER_31)
    count(world)
    return world


def bill(world: World, day: dt.date) -> list[Invoice]:
    """All that is due by a day is invoiced and mailed."""
    invoices = world.issue_all(world.tick(day).invoices, client=CLIENT, day=day)
    for invoice in invoices:
        if invoice.state is State.ISSUED:
            mail(world, invoice)
    return invoices


def mail(world: World, document: Invoice | CreditNote) -> None:
    def sent(delivery: Delivery) -> Delivery:
        return delivery.start("billing@acme.example", MAILED_AT).sent("message-1")

    world.deliveries.update(account_id=document.account_id, invoice_id=document.id, change=sent)


def count(world: World) -> None:
    """What the counters' queue does once every event has arrived."""
    keep_counters(contributions(stored(world)), counters=world.counters)


def stored(world: World) -> list[Stored]:
    """All work, invoices and deliveries."""
    return [
        written.entity
        for client in every(lambda cursor: world.clients.list(account_id=ADA, cursor=cursor))
        for written in world.records.of_client(account_id=ADA, client_id=client.id)
    ]


def contributions(entities: Iterable[Stored]) -> list[Contribution]:
    """What of it is counted."""
    counted: list[Contribution] = []
    for entity in entities:
        match entity:
            case WorkEntry():
                counted.append(Contribution.of_work(entity))
            case Invoice(state=State.ISSUED | State.VOID):
                counted.append(Contribution.of_invoice(entity))
            case CreditNote(state=NoteState.ISSUED):
                counted.append(Contribution.of_credit_note(entity))
            case _:
                pass
    return counted


def proof_of(world: World, *, now: dt.datetime = LATE) -> Proof:
    return audit_account(ADA, now=now, books=world.books())


def codes(world: World, *, now: dt.datetime = LATE) -> list[Code]:
    """What is wrong."""
    proof = proof_of(world, now=now)
    assert proof.failed == ()
    return [finding.code for finding in proof.findings]
