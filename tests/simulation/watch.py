"""The promises that hold at every step, checked after every commit for what was just written.

entities       versions go up by one · claimed work, sealed and finished invoices stay as they are
invoices       no day is in two periods of a client · totals are the sum of the lines · sealed only when all
               work that was there when it was last looked for is on it
work           on one invoice at a time: it leaves one by a credit note, or because that is void or skipped
reviews        nothing goes on before its review is over, or a person wants it
messages       acknowledged only when applied · read over in the stream only when published or set aside
budget         calls stay within three times as many as the work needs (`spent`)

Numbers and money stand in `books`, counters in `tallies`, mails in `mailed`.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from domain.accounts import Account
from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.delivery import Delivery
from domain.errors import InvoicelyError
from domain.failures import MOST_REPLAYS, Failure, FailureId
from domain.failures import State as FailureState
from domain.identifiers import InvoiceId
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.reminders import Reminder
from domain.retaining import UNIT as MONTH
from domain.work import WorkEntry
from events import catalog
from infrastructure.dead_letters import reports_of
from infrastructure.queue import Message
from tests.fakes import Step
from tests.fakes.store import Entity, Key, key_of
from tests.simulation.applied import Applied
from tests.simulation.books import Books
from tests.simulation.mailed import Mailed
from tests.simulation.promises import promise
from tests.simulation.remembering import event_in
from tests.simulation.scheduler import Worker
from tests.simulation.spent import Spent
from tests.simulation.tallies import Tallies

if TYPE_CHECKING:
    from tests.simulation.cloud import Cloud

_CONSUMED = {"counters", "invoicing", "delivery", "imports", "mail-events"}
_GOES_ON = {
    State.OPEN: {State.OPEN, State.SEALED, State.EMPTY, State.IN_REVIEW},
    State.SEALED: {State.HELD, State.ISSUED},
    State.HELD: {State.HELD, State.SEALED, State.ISSUED, State.SKIPPED},
    State.IN_REVIEW: {State.IN_REVIEW, State.SEALED, State.SKIPPED},
    State.SKIPPED: {State.SKIPPED, State.OPEN},
    State.EMPTY: set[State](),
    State.ISSUED: {State.ISSUED, State.VOID},
    State.VOID: {State.VOID},
}
_OLDER = "an older version came after a newer one"
_MOVES = ("paid", "reminders", "released", "credited", "given_back", "crediting", "state", "version")


class Watch:
    """Knows what there was before, and so what each commit changed."""

    def __init__(self, cloud: "Cloud") -> None:
        self.commits = 0
        self.mailed = Mailed(cloud.store, cloud.chance.seen)
        self.books = Books(cloud.store)
        self.applied = Applied(cloud.store, partial(self._see, _OLDER))
        self._spent = Spent(cloud)
        self._tallies = Tallies(cloud.store)
        self._cloud = cloud
        self._store = cloud.store
        self._seen = 0
        self._newest: dict[Key, Entity] = {}
        self._written: dict[str, int] = {}
        self._work: defaultdict[str, dict[str, WorkEntry]] = defaultdict(dict)
        self._lines: dict[InvoiceId, tuple[int, int]] = {}
        self._invoices: defaultdict[str, list[Invoice]] = defaultdict(list)
        self._months: Counter[tuple[str, dt.date]] = Counter()
        self._failures: dict[FailureId, Failure] = {}

    def called(self, step: Step, worker: Worker | None = None) -> None:
        """A call has been carried out."""
        if step.call == "collecting.unbilled" and worker:
            worker.looked_at = self.commits
        elif step.call == "invoices.get" and worker:
            worker.read_at = self.commits
        elif step.call == "ledger.update":
            self.commits += 1
            self._ledger()
        elif step.call == "counters.apply":
            self.commits += 1
            self._tallies.look()
        elif step.call == "postman.send":
            self.mailed.sent(self._cloud.postman.mails[-1], worker)
        elif step.commits:
            self.commits += 1
            self.look(worker)

    def look(self, worker: Worker | None = None) -> None:
        """Look at every version of an entity that is new."""
        self._cloud.stream.read_on()
        written, self._seen = self._store.stream[self._seen :], len(self._store.stream)
        for after in written:
            key = key_of(after)
            before = self._newest.get(key)
            promise(
                after.version == (before.version if before else 0) + 1,
                f"{key[-1]} skips or repeats a version",
            )
            self._newest[key] = after
            self._look_at(before, after, worker)
        for after in written:
            if isinstance(after, Invoice):
                self._totals(after)
                self.books.invoice(after)
            elif isinstance(after, Client):
                self.books.client(after)

    def _look_at(self, before: Any, after: Entity, worker: Worker | None) -> None:
        match after:
            case WorkEntry():
                self._entry(before, after)
            case Invoice():
                self._invoice(before, after, worker)
            case CreditNote():
                self._tallies.versions[after.id, after.version] = after
                self.books.note(before, after)
            case Delivery():
                self._delivery(before, after, worker)
            case Reminder():
                self._reminder(before, after, worker)
            case Payment():
                self.books.paid(after)
            case Prepayment():
                self.books.prepaid(after)
            case Account() | Client():
                pass

    def _delivery(self, before: Delivery | None, after: Delivery, worker: Worker | None) -> None:
        self.mailed.delivery(before, after, worker)
        is_printed = after.document and not (before and before.document)
        if is_printed or (before and before.progress is not after.progress):
            self._cloud.when_seen(after)

    def _reminder(self, before: Reminder | None, after: Reminder, worker: Worker | None) -> None:
        self.mailed.reminder(before, after, worker)
        if before is None:
            self._cloud.when_seen(after)

    def acknowledged(self, queue: str, record: dict[str, Any]) -> None:
        """A message has been deleted because its function said that it was dealt with."""
        if queue not in _CONSUMED:
            for report in reports_of(record):
                promise(report.id in self._store.failures, f"{queue} acknowledged {report.id} unrecorded")
            return
        told = f"{queue} acknowledged {record['body'][:200]}, which is neither applied nor in the ledger"
        promise(self.applied.is_applied(queue, record["body"]) or self._is_kept(queue, record), told)

    def _is_kept(self, queue: str, record: dict[str, Any]) -> bool:
        """Whether the ledger has an open entry for the event of a message, or one that was given up."""
        failure = self._store.failures.get(Message.of(record).failure_in(queue))
        return failure is not None and failure.state is not FailureState.RESOLVED

    def checkpointed(self, record: dict[str, Any]) -> None:
        """The stream has been read beyond this record."""
        number = record["dynamodb"]["SequenceNumber"]
        promise(self.is_out(record), f"the stream went on behind record {number}, which is not out")

    def is_out(self, record: dict[str, Any]) -> bool:
        """Whether what a stream record tells of has been published, or set aside."""
        is_aside = record["dynamodb"]["SequenceNumber"] in self._cloud.sqs.aside
        return is_aside or self.published(record) is not None

    def published(self, record: dict[str, Any]) -> str | None:
        """The event that tells of a stream record, as the topic got it, if it did."""
        try:
            body = catalog.write(event_in(record))
        except InvoicelyError:
            return None
        return body if body in self._cloud.sns.bodies["topic"] else None

    def ended(self, function: str, event: Any, worker: Worker) -> None:
        """A function has answered or failed; it may have cost so much and no more."""
        self._spent.ended(function, event, worker)

    def _entry(self, before: WorkEntry | None, after: WorkEntry) -> None:
        self._written[after.id] = self.commits
        self._work[after.client_id][after.id] = after
        self._tallies.versions[after.id, after.version] = after
        if before is None and after.unit == MONTH:
            self._months[after.client_id, after.date] += 1
        if before and before.invoice_id:
            self._released(before, after, before.invoice_id)
        elif invoice_id := after.invoice_id:
            promise(after.billable and not after.removed, f"{after.id} is billed and should not be")
            entries, net = self._lines.get(invoice_id, (0, 0))
            self._lines[invoice_id] = entries + 1, net + after.amount

    def _released(self, before: WorkEntry, after: WorkEntry, invoice_id: InvoiceId) -> None:
        """Work leaves an invoice as it was, and a line behind, but where the invoice is never made."""
        same = after == replace(before, invoiced_on=None, invoiced_nth=None, version=after.version)
        promise(same, f"{after.id} was claimed and has changed")
        invoice = self._store.get(Invoice, after.account_id, invoice_id)
        if left := self._store.left.get((after.account_id, invoice_id, after.id)):
            line, _ = left
            promise(line.entry == before, f"{after.id} left another line on {invoice_id} than it was")
            by = invoice_id if invoice.state is State.VOID else invoice.crediting
            promise(line.released_by == by, f"{after.id} was released by {line.released_by}")
        else:
            promise(invoice.state is State.SKIPPED, f"{after.id} has left {invoice_id}, {invoice.state}")
            entries, net = self._lines[invoice_id]
            self._lines[invoice_id] = entries - 1, net - before.amount

    def _invoice(self, before: Invoice | None, after: Invoice, worker: Worker | None) -> None:
        self._tallies.versions[after.id, after.version] = after
        self.applied.invoice(after)
        if before is None:
            self._opened(after, worker)
            return
        promise(
            after.state in _GOES_ON[before.state], f"{after.id} went from {before.state} to {after.state}"
        )
        if before.state in {State.SEALED, State.HELD}:
            same = (before.entries, before.net) == (after.entries, after.net)
            promise(same, f"{after.id} was sealed and has changed")
        if before.state is State.OPEN and after.state is not State.OPEN:
            is_empty = after.state is State.EMPTY
            promise(bool(after.entries) != is_empty, f"{after.id} is {after.state}")
            promise(
                worker and not any(self._forgotten(after, worker)),
                f"{after.id} was sealed without work of its own",
            )
        if before.state is State.IN_REVIEW and after.state is State.SEALED:
            self._approved(before, worker)
        if before.state is State.ISSUED and after.state is State.VOID:
            self.books.void(after)
        if before.state in {State.ISSUED, State.VOID}:
            kept = replace(after, **{name: getattr(before, name) for name in _MOVES})
            promise(kept == before, f"{after.id} was issued, and more of it has changed than may")
        elif after.state is State.ISSUED:
            self.books.number(after)
        self.mailed.invoice(after, self.commits)
        if after.remind_at:
            self._cloud.arrange_reminders()
        if before.state is not after.state:
            self._see(f"an invoice was {after.state}".replace("_", " "))
            self._cloud.when_seen(after)

    def _approved(self, before: Invoice, worker: Worker | None) -> None:
        """A review is over in its time, or because somebody wants the invoice sent."""
        is_over = before.review_ends_at and before.review_ends_at <= self._cloud.now()
        by = worker.name if worker else ""
        promise(is_over or by.startswith("send_now"), f"{by} ended the review of {before.id} before its time")

    def _opened(self, invoice: Invoice, worker: Worker | None) -> None:
        for other in self._invoices[invoice.client_id]:
            apart = other.period_end <= invoice.period_start or invoice.period_end <= other.period_start
            again = self._is_billed_again(other, invoice, worker)
            promise(apart or again, f"{other.id} and {invoice.id} are about the same days")
        self._invoices[invoice.client_id].append(invoice)
        for month in self._retained(invoice):
            promise(self._months[invoice.client_id, month] == 1, f"{month} is not retained by {invoice.id}")
        if worker:
            if invoice.client_id in worker.opened:
                self._see("one tick opened several periods")
            worker.opened.append(invoice.client_id)

    def _is_billed_again(self, earlier: Invoice, invoice: Invoice, worker: Worker | None) -> bool:
        """Whether somebody billed a period once more, for work that was released or logged since."""
        is_asked = worker is not None and worker.name.startswith("bill_now")
        if not is_asked or earlier.period != invoice.period:
            return False
        self._see("a period was billed again")
        return not self._cloud.store.get(Invoice, earlier.account_id, earlier.id).is_going_on

    def _retained(self, invoice: Invoice) -> Iterator[dt.date]:
        """The first days of the months that its client's retainers are to have been charged for by then."""
        client = self._store.get(Client, invoice.account_id, invoice.client_id)
        day = client.billing_starts_on
        while client.retainers and day < invoice.period_end:
            if day.day == 1 and client.retainers[0].first_month <= f"{day:%Y-%m}":
                yield day
            day += dt.timedelta(days=1)

    def _forgotten(self, invoice: Invoice, worker: Worker) -> Iterator[WorkEntry]:
        """Work that was there when it was last looked for, and is on no invoice now."""
        for entry in self._work[invoice.client_id].values():
            if (
                entry.is_unbilled
                and invoice.work_since <= entry.date < invoice.period_end
                and self._written[entry.id] <= worker.looked_at
            ):
                yield entry

    def _totals(self, invoice: Invoice) -> None:
        told = (invoice.entries, invoice.net)
        lines = self._lines.get(invoice.id, (0, 0))
        promise(told == lines, f"{invoice.id} says {told}, its lines {lines}")

    def _ledger(self) -> None:
        """Failures that are others than before: each belongs where it is, and none goes round for ever."""
        self._cloud.arrange_retries()
        for failure_id, now in self._store.failures.items():
            before = self._failures.get(failure_id)
            if now is before:
                continue
            self._failures[failure_id] = now
            promise(now.version == (before.version if before else 0) + 1, f"{failure_id} skips a version")
            promise(now.replays <= MOST_REPLAYS, f"{failure_id} was sent {now.replays} times")
            promise(
                (now.next_at is not None) == (now.state is FailureState.RETRYING), f"{failure_id} is lost"
            )
            if now.state is FailureState.RESOLVED and now.queue in _CONSUMED:
                promise(
                    self.applied.is_applied(now.queue, now.body), f"{failure_id} is resolved and not applied"
                )
            if before and before.state is not now.state:
                self._cloud.chance.seen[f"a failure went from {before.state} to {now.state}"] += 1

    def _see(self, situation: str) -> None:
        self._cloud.chance.seen[situation] += 1
