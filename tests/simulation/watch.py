"""The promises that hold at every step, checked after every commit for what was just written.

entities       versions go up by one · claimed work, sealed and finished invoices stay as they are
invoices       no day is in two periods of a client · totals are the sum of the lines · sealed only when all
               work that was there when it was last looked for is on it
numbers        1, 2, 3 … in each series · dates do not descend · no printed number twice
counters       each is the sum of the contributions · contributions are what the entity says, and never older
mails          one for each invoice, of the invoice as issued
messages       acknowledged only when applied · read over in the stream only when published or set aside
work           calls stay within three times the budget (see `_budget`)
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from domain.accounts import Account
from domain.clients import Client
from domain.counters import TALLIED, Contribution
from domain.delivery import Delivery, Progress
from domain.errors import InvoicelyError
from domain.failures import MOST_REPLAYS, Failure, FailureId
from domain.failures import State as FailureState
from domain.identifiers import AccountId, ClientId, InvoiceId
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.reminders import Reminder
from domain.work import WorkEntry
from events import catalog
from infrastructure.dead_letters import reports_of
from infrastructure.queue import Message
from tests.fakes import Step
from tests.fakes.store import Entity, Key, key_of
from tests.simulation.remembering import event_in
from tests.simulation.scheduler import Worker

if TYPE_CHECKING:
    from tests.simulation.cloud import Cloud

_TIMES_THE_BUDGET = 3
_CONSUMED = {"counters", "invoicing", "delivery", "imports", "mail-events"}
_numbers = attrgetter(*TALLIED)
_NOTHING = (0,) * len(TALLIED)
_FINISHED = {State.EMPTY, State.ISSUED}
_DEALT_WITH = {*_FINISHED, State.HELD}
_GOES_ON = {
    State.OPEN: {State.OPEN, State.SEALED, State.EMPTY, State.IN_REVIEW},
    State.SEALED: {State.HELD, State.ISSUED},
    State.HELD: {State.HELD, State.ISSUED},
    State.IN_REVIEW: {State.IN_REVIEW, State.SEALED, State.SKIPPED},
    State.SKIPPED: {State.SKIPPED},
    State.EMPTY: set[State](),
    State.ISSUED: {State.ISSUED},
}
_MAIL_GOES_ON = {
    Progress.PENDING: {Progress.PENDING, Progress.SENDING},
    Progress.SENDING: {Progress.PENDING, Progress.SENT, Progress.UNKNOWN},
    Progress.SENT: set[Progress](),
    # Only who was sending all along can still say how it ended.
    Progress.UNKNOWN: {Progress.PENDING, Progress.SENT},
}

Tally = tuple[int, ...]


class BrokenPromise(BaseException):
    """Something that must never be has been seen; nobody may handle that."""


def promise(holds: object, told: str) -> None:
    if not holds:
        raise BrokenPromise(told)


class Watch:
    """Knows what there was before, and so what each commit changed."""

    def __init__(self, cloud: "Cloud") -> None:
        self.commits = 0
        self._cloud = cloud
        self._store = cloud.store
        self._seen = 0
        self._newest: dict[Key, Entity] = {}
        self._written: dict[str, int] = {}
        self._work: defaultdict[str, dict[str, WorkEntry]] = defaultdict(dict)
        self._versions: dict[tuple[str, int], WorkEntry | Invoice] = {}
        self._lines: dict[InvoiceId, tuple[int, int]] = {}
        self._invoices: defaultdict[str, list[Invoice]] = defaultdict(list)
        self._series: dict[tuple[AccountId, str], tuple[int, dt.date]] = {}
        self._printed: set[tuple[AccountId, str]] = set()
        self._contributions: dict[tuple[AccountId, str], Contribution] = {}
        self._sums: dict[tuple[str, str], Tally] = {}
        self._mailed: set[InvoiceId] = set()
        self._paid: Counter[InvoiceId] = Counter()
        self._failures: dict[FailureId, Failure] = {}

    def called(self, step: Step, worker: Worker | None = None) -> None:
        """A call has been carried out."""
        if step.call == "collecting.unbilled" and worker:
            worker.looked_at = self.commits
        elif step.call == "ledger.update":
            self.commits += 1
            self._ledger()
        elif step.call == "counters.apply":
            self.commits += 1
            self._counters()
        elif step.call == "postman.send":
            self._mail()
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
            match after:
                case WorkEntry():
                    self._entry(before, after)
                case Invoice():
                    self._invoice(before, after, worker)
                case Delivery():
                    self._delivery(before, after)
                case Payment():
                    self._paid[after.invoice_id] += after.amount
                case Account() | Client() | Reminder() | Prepayment():
                    pass
        for after in written:
            if isinstance(after, Invoice):
                self._totals(after.id)
                came = self._paid[after.id]
                promise(after.paid == came, f"{after.id} says {after.paid} was paid, its payments {came}")
            elif isinstance(after, WorkEntry) and after.invoice_id:
                self._totals(after.invoice_id)

    def acknowledged(self, queue: str, record: dict[str, Any]) -> None:
        """A message has been deleted because its function said that it was dealt with."""
        if queue not in _CONSUMED:
            for report in reports_of(record):
                promise(report.id in self._store.failures, f"{queue} acknowledged {report.id} unrecorded")
            return
        told = f"{queue} acknowledged {record['body'][:200]}, which is neither applied nor in the ledger"
        promise(self.is_applied(queue, record["body"]) or self._is_kept(queue, record), told)

    def _is_kept(self, queue: str, record: dict[str, Any]) -> bool:
        """Whether the ledger has an open entry for the event of a message, or one that was given up."""
        failure = self._store.failures.get(Message.of(record).failure_in(queue))
        return failure is not None and failure.state is not FailureState.RESOLVED

    def is_applied(self, queue: str, body: str) -> bool:
        """Whether the event has had its effect behind this queue."""
        try:
            event = catalog.read(body)
        except InvoicelyError:
            return False
        account_id = AccountId(event.account)
        match queue:
            case "counters":
                contribution = self._store.contributions.get((account_id, event.data["id"]))
                if contribution is None:
                    return False
                is_older = event.entityversion < contribution.version
                self._cloud.chance.seen["an older version came after a newer one"] += is_older
                return contribution.version >= event.entityversion
            case "invoicing" if not event.type.startswith("invoicely.invoice."):
                return True  # nothing has to follow: whether an invoice is held is seen when it is looked at
            case "invoicing":
                return self._store.get(Invoice, account_id, event.data["id"]).state in _DEALT_WITH
            case "delivery":
                delivery = self._store.find(Delivery, account_id, event.data["id"])
                return delivery is not None and delivery.progress is Progress.SENT
        raise NotImplementedError(f"what is applied behind the queue {queue}?")

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
        calls, allowed = self._cloud.calls, self._cloud.allowed
        calls[function] += worker.calls
        allowed[function] += _TIMES_THE_BUDGET * _budget(function, event) + worker.faults
        told = f"{function} made {calls[function]} calls, {allowed[function]} are allowed"
        promise(calls[function] <= allowed[function], told)

    def _entry(self, before: Entity | None, after: WorkEntry) -> None:
        self._written[after.id] = self.commits
        self._work[after.client_id][after.id] = after
        self._versions[after.id, after.version] = after
        if isinstance(before, WorkEntry):
            promise(before.invoiced_on is None, f"{after.id} was claimed and has changed")
        if invoice_id := after.invoice_id:
            promise(after.billable and not after.removed, f"{after.id} is billed and should not be")
            entries, net = self._lines.get(invoice_id, (0, 0))
            self._lines[invoice_id] = entries + 1, net + after.amount

    def _invoice(self, before: Entity | None, after: Invoice, worker: Worker | None) -> None:
        self._versions[after.id, after.version] = after
        if not isinstance(before, Invoice):
            for other in self._invoices[after.client_id]:
                apart = other.period_end <= after.period_start or after.period_end <= other.period_start
                promise(apart, f"{other.id} and {after.id} are about the same days")
            self._invoices[after.client_id].append(after)
            if worker:
                self._cloud.chance.seen["one tick opened several periods"] += after.client_id in worker.opened
                worker.opened.append(after.client_id)
            return
        promise(
            after.state in _GOES_ON[before.state], f"{after.id} went from {before.state} to {after.state}"
        )
        if before.state in {State.SEALED, State.HELD}:
            same = (before.entries, before.net) == (after.entries, after.net)
            promise(same, f"{after.id} was sealed and has changed")
        if before.state is State.OPEN and after.state is not State.OPEN:
            promise(bool(after.entries) == (after.state is State.SEALED), f"{after.id} is {after.state}")
            promise(
                worker and not any(self._forgotten(after, worker)),
                f"{after.id} was sealed without work of its own",
            )
        if before.state is State.ISSUED:
            kept = replace(after, paid=before.paid, reminders=before.reminders, version=before.version)
            promise(kept == before, f"{after.id} was issued, and more of it has changed than what was paid")
        elif after.state is State.ISSUED:
            self._number(after)

    def _forgotten(self, invoice: Invoice, worker: Worker) -> Iterator[WorkEntry]:
        """Work that was there when it was last looked for, and is on no invoice now."""
        for entry in self._work[invoice.client_id].values():
            if (
                entry.is_unbilled
                and invoice.work_since <= entry.date < invoice.period_end
                and self._written[entry.id] <= worker.looked_at
            ):
                yield entry

    def _number(self, issued: Invoice) -> None:
        (account_id, series, number), invoice_id = next(reversed(self._store.numbers.items()))
        last, last_issued_on = self._series.get((account_id, series), (0, dt.date.min))
        promise(
            invoice_id == issued.id and account_id == issued.account_id,
            f"{issued.id} is issued without a number",
        )
        promise(number == last + 1, f"{series} goes from {last} to {number}")
        promise(
            self._store.sequences[account_id, series].last == number,
            f"{series} does not know its last number",
        )
        promise(issued.issued_on and issued.issued_on >= last_issued_on, f"the dates of {series} descend")
        promise((account_id, issued.number) not in self._printed, f"{issued.number} is printed twice")
        promise(issued.total == issued.net + issued.tax_amount, f"{issued.id} is added up wrongly")
        self._series[account_id, series] = number, issued.issued_on or last_issued_on
        self._printed.add((account_id, str(issued.number)))
        promise(len(self._store.numbers) == len(self._printed), "a number belongs to no invoice")

    def _totals(self, invoice_id: InvoiceId) -> None:
        invoice = self._store.get(Invoice, *self._owned(invoice_id))
        told = (invoice.entries, invoice.net)
        lines = self._lines.get(invoice_id, (0, 0))
        promise(told == lines, f"{invoice_id} says {told}, its lines {lines}")

    def _owned(self, invoice_id: InvoiceId) -> tuple[AccountId, InvoiceId]:
        versions = self._versions
        return versions[invoice_id, 1].account_id, invoice_id

    def _delivery(self, before: Entity | None, after: Delivery) -> None:
        progress = before.progress if isinstance(before, Delivery) else Progress.PENDING
        goes_on = after.progress in _MAIL_GOES_ON[progress]
        promise(goes_on, f"the delivery of {after.invoice_id} went from {progress} to {after.progress}")

    def _counters(self) -> None:
        """Contributions that are others than before, and the counters that they belong to."""
        touched = set[tuple[AccountId, str, str]]()
        known, store = self._contributions, self._store
        for key, now in store.contributions.items():
            if (before := known.get(key)) is not now:
                promise(
                    before is None or now.version > before.version, f"the contribution of {key[-1]} went back"
                )
                self._contribution(now)
                known[key] = now
                for each, sign in ((before, -1), (now, 1)):
                    if each:
                        place = each.client_id, each.month
                        both = zip(self._sums.get(place, _NOTHING), _numbers(each.tally), strict=True)
                        self._sums[place] = tuple([total + sign * one for total, one in both])
                        touched.add((each.account_id, *place))
        for account_id, client_id, month in sorted(touched):
            counter = store.counters.get((account_id, ClientId(client_id)))
            shown = counter.months.get(month) if counter else None
            told = _numbers(shown) if shown else _NOTHING
            sums = self._sums[client_id, month]
            promise(
                told == sums, f"the counter of {client_id} in {month} shows {told}, its contributions {sums}"
            )

    def _contribution(self, now: Contribution) -> None:
        """It must say what the entity was at that version, counted here in another way than there."""
        entity = self._versions.get((now.entity_id, now.version))
        match entity:
            case WorkEntry(removed=True):
                expected = _NOTHING
            case WorkEntry():
                amount = entity.amount if entity.billable else 0
                unbilled = amount if entity.invoiced_on is None else 0
                expected = (1, entity.minutes or 0, amount, unbilled, 0, 0, 0, 0, 0)
            case Invoice(state=State.ISSUED):
                expected = (0, 0, 0, 0, 1, entity.total, entity.paid, entity.outstanding, 0)
            case _:
                expected = _NOTHING
        told = _numbers(now.tally)
        promise(
            told == expected, f"{now.entity_id} at version {now.version} counts as {told}, not {expected}"
        )

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
                promise(self.is_applied(now.queue, now.body), f"{failure_id} is resolved and not applied")
            if before and before.state is not now.state:
                self._cloud.chance.seen[f"a failure went from {before.state} to {now.state}"] += 1

    def _mail(self) -> None:
        mail = self._cloud.postman.mails[-1]
        promise(mail.invoice.id not in self._mailed, f"{mail.invoice.id} was mailed twice")
        promise(mail.invoice.state is State.ISSUED, f"{mail.invoice.id} was mailed as {mail.invoice.state}")
        self._mailed.add(mail.invoice.id)


def _budget(function: str, event: Any) -> int:
    """How many calls one run of a function may make when nothing goes wrong.

    The budgets of the design are per 1,000 events in full batches; here batches are small, so they are taken
    per run. The publisher: 105 per 1,000 events are one call for each ten. Counters: 60 per 1,000 in batches
    of 50 are three a batch, to read and to write once, however small it is. An invoice: 2 × ⌈n/99⌉ + 6,
    which is eight, for none here has more than 99 entries. A request: two; who bills looks for work, too, and
    who pays for the payment that may be there.
    Delivery has no budget in the design; a mail takes twelve calls, a dead letter two. Nobody imports here,
    and SES tells nothing: what comes to those queues is poison, which takes two. How often an event is
    delivered at all is bounded by the queue and by the ledger, not by the function.

    Three times that is allowed for lost races, and beyond it one call for each fault that struck.
    """
    messages = len(event["Records"]) if event and "Records" in event else 1
    budgets = {
        "publish_changes": ceil(messages / 10),
        "keep_counters": 3 * ceil(messages / 50),
        "issue_invoices": 8 * messages,
        "deliver_invoices": 12 * messages,
        "import_work": 2 * messages,
        "record_mail_events": 2 * messages,
        "record_failures": 2 * messages,
        "request": 2,
        "bill_now": 3,
        "pay": 3,
    }
    if function in {"open_invoices", "retry_failures", "operator"}:
        return 1_000  # these deal with no event: they cost what is due
    return budgets[function]
