"""The simulation is worth something only if it finds what is wrong: each guard is taken away in turn."""

import datetime as dt
from collections.abc import Sequence as Many
from dataclasses import replace
from typing import Any

import pytest

from domain import counters as counting
from domain import crediting, invoicing, opening, reminders
from domain.clients import Client
from domain.delivery import Delivery, Progress
from domain.errors import TryAgainLaterError
from domain.failures import Failure, FailureId
from domain.fates import Returned
from domain.invoices import Invoice
from domain.numbers import Taken
from domain.reviews import end_reviews
from domain.work import WorkEntry
from events.envelope import Event
from events.publishing import Sent
from handlers import deliver_invoices, issue_invoices, keep_counters, open_invoices, record_failures
from infrastructure.queue import Consumer
from infrastructure.sns import SnsChanges
from tests.fakes import InMemoryCounters, InMemoryCreditNotes, InMemoryInvoices, InMemoryLedger
from tests.simulation.running import simulate

MOST_SEEDS = 1_000
CHUNK = 20

Planted = pytest.MonkeyPatch


def without_requiring(planted: Planted, kind: type) -> None:
    """Let the fake not look whether what was read is still the newest version."""
    require = InMemoryInvoices._require

    def unless(self: InMemoryInvoices, read: Any) -> None:
        if not isinstance(read, kind):
            require(self, read)

    planted.setattr(InMemoryInvoices, "_require", unless)


def claim_whatever_the_entry_is_by_now(planted: Planted) -> None:
    without_requiring(planted, WorkEntry)


def seal_whatever_was_claimed_meanwhile(planted: Planted) -> None:
    without_requiring(planted, Invoice)


def open_whatever_the_client_is_by_now(planted: Planted) -> None:
    without_requiring(planted, Client)


def work_on_an_invoice_in_any_state(planted: Planted) -> None:
    def anyway(self: InMemoryInvoices, _: object, invoice: Invoice) -> Invoice:
        return self._store.get(Invoice, invoice.account_id, invoice.id)

    planted.setattr(InMemoryInvoices, "_in", anyway)


def issue_whatever_number_was_given_meanwhile(planted: Planted) -> None:
    def issue(self: InMemoryInvoices, *, invoice: Invoice, issued: Invoice, taken: Taken, **_: Any) -> None:
        with self._store.call("numbering.issue", commits=True):
            self._store.give(taken, invoice.id)
            self._store.change(issued, read=invoice)

    planted.setattr(InMemoryInvoices, "issue", issue)


def count_whatever_was_counted_meanwhile(planted: Planted) -> None:
    planted.setattr(InMemoryCounters, "_check", lambda _, __: None)


def count_older_versions_too(planted: Planted) -> None:
    planted.setattr(counting, "_is_newer", lambda _: True)


def mail_whoever_began_before(planted: Planted) -> None:
    def start(self: Delivery, recipient: str, now: dt.datetime) -> Delivery:
        return replace(self, progress=Progress.SENDING, recipient=recipient, started_at=now)

    planted.setattr(Delivery, "start", start)


def mail_again_when_nobody_knows(planted: Planted) -> None:
    planted.setattr(Delivery, "unknown", lambda self, _: self.refused())


def credit_whatever_is_being_credited(planted: Planted) -> None:
    planted.setattr(crediting, "creditable", lambda invoice: invoice)


def credit_whatever_the_invoice_is_by_now(planted: Planted) -> None:
    require = InMemoryCreditNotes._require

    def unless(self: InMemoryCreditNotes, read: Any) -> None:
        if not isinstance(read, Invoice):
            require(self, read)

    planted.setattr(InMemoryCreditNotes, "_require", unless)


def make_void_what_is_being_mailed(planted: Planted) -> None:
    require = InMemoryCreditNotes._require

    def unless(self: InMemoryCreditNotes, read: Any) -> None:
        if not isinstance(read, Delivery):
            require(self, read)

    planted.setattr(InMemoryCreditNotes, "_require", unless)


def forget_the_work_of_what_is_void(planted: Planted) -> None:
    planted.setattr(issue_invoices, "_release", lambda _: None)


def end_reviews_before_their_time(planted: Planted) -> None:
    def end(until: dt.datetime, **ports: Any) -> Any:
        return end_reviews(until + dt.timedelta(days=1), **ports)

    planted.setattr(open_invoices, "end_reviews", end)


def keep_the_work_of_what_is_skipped(planted: Planted) -> None:
    planted.setattr(invoicing, "_put_back", lambda invoice, *_: invoice)


def leave_held_what_was_mended(planted: Planted) -> None:
    planted.setattr(issue_invoices, "_look_again", lambda *_: None)


def spend_what_was_paid_in_advance_again(planted: Planted) -> None:
    def with_prepaid(self: Client, amount: int) -> Client:
        return replace(self, prepaid=self.prepaid + max(0, amount))

    planted.setattr(Client, "with_prepaid", with_prepaid)


def charge_for_no_month(planted: Planted) -> None:
    planted.setattr(opening, "retained", lambda *_, **__: ())


def remind_of_what_is_paid(planted: Planted) -> None:
    planted.setattr(reminders, "_why_not", lambda *_: None)


def believe_what_was_told_last(planted: Planted) -> None:
    planted.setattr(Returned, "or_worse", lambda self, _: self)


def believe_that_everything_is_published(planted: Planted) -> None:
    publish = SnsChanges.publish

    def believe(self: SnsChanges, *, events: Many[Event]) -> Sent:
        publish(self, events=events)
        return Sent(len(events))

    planted.setattr(SnsChanges, "publish", believe)


def acknowledge_what_was_not_counted(planted: Planted) -> None:
    def count(contributions: Any, *, counters: Any) -> dict[str, Exception]:
        counting.keep_counters(contributions, counters=counters)
        return {}

    planted.setattr(keep_counters, "keep_counters", count)


def acknowledge_what_was_not_issued(planted: Planted) -> None:
    swallow(planted, issue_invoices)


def acknowledge_what_was_not_delivered(planted: Planted) -> None:
    swallow(planted, deliver_invoices)


def swallow(planted: Planted, module: Any) -> None:
    """Let a handler take every failure for now for a success."""
    handle = module._handle

    def anyway(event: Event) -> None:
        try:
            handle(event)
        except TryAgainLaterError:
            return

    planted.setattr(module, "_handle", anyway)


def acknowledge_what_the_ledger_does_not_have(planted: Planted) -> None:
    planted.setattr(Consumer, "_record", lambda _, __, ___: True)


def forget_dead_letters(planted: Planted) -> None:
    planted.setattr(record_failures, "_handle", lambda _: None)


def resolve_what_failed_again(planted: Planted) -> None:
    resolve = Consumer._unresolved

    def anyway(self: Consumer, messages: Any, _: object) -> dict[str, Exception]:
        return resolve(self, messages, {})

    planted.setattr(Consumer, "_unresolved", anyway)


def record_over_what_was_recorded_meanwhile(planted: Planted) -> None:
    def update(self: InMemoryLedger, *, failure_id: FailureId, change: Any) -> Failure:
        with self._store.call("ledger.find"):
            before = self._store.failures.get(failure_id)
        after: Failure = change(before)
        with self._store.call("ledger.update", commits=True):
            stored = replace(after, version=before.version + 1 if before else 1)
            self._store.failures[failure_id] = stored
        return stored

    planted.setattr(InMemoryLedger, "update", update)


def retry_without_end(planted: Planted) -> None:
    planted.setattr(counting, "MOST_ROUNDS", 1_000)
    planted.setattr(InMemoryCounters, "_check", always_lost)


def always_lost(_: object, __: object) -> None:
    raise counting.LostRaceError("as always")


MUTATIONS = (
    claim_whatever_the_entry_is_by_now,
    seal_whatever_was_claimed_meanwhile,
    open_whatever_the_client_is_by_now,
    work_on_an_invoice_in_any_state,
    issue_whatever_number_was_given_meanwhile,
    count_whatever_was_counted_meanwhile,
    count_older_versions_too,
    mail_whoever_began_before,
    mail_again_when_nobody_knows,
    credit_whatever_is_being_credited,
    credit_whatever_the_invoice_is_by_now,
    make_void_what_is_being_mailed,
    forget_the_work_of_what_is_void,
    end_reviews_before_their_time,
    keep_the_work_of_what_is_skipped,
    leave_held_what_was_mended,
    spend_what_was_paid_in_advance_again,
    charge_for_no_month,
    remind_of_what_is_paid,
    believe_what_was_told_last,
    believe_that_everything_is_published,
    acknowledge_what_was_not_counted,
    acknowledge_what_was_not_issued,
    acknowledge_what_was_not_delivered,
    acknowledge_what_the_ledger_does_not_have,
    forget_dead_letters,
    resolve_what_failed_again,
    record_over_what_was_recorded_meanwhile,
    retry_without_end,
)


@pytest.mark.parametrize("plant", MUTATIONS)
def test_the_simulation_finds_a_guard_that_is_missing(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(simulate(range(first, first + CHUNK)).broken for first in range(0, MOST_SEEDS, CHUNK))
