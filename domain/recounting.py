"""A client's counter held against what it is made of: entities ⇄ contributions ⇄ counter.

entity newer than its contribution     on its way for an hour, then drift unless the failure ledger has it
contribution not what its entity adds  drift
counter not the sum of contributions   drift, unless it is being moved right now
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.clients import Client
from domain.counters import TALLIED, Contribution, Counter, Counters, Tally
from domain.credit_notes import CreditNote, Line
from domain.credit_notes import Progress as NoteState
from domain.delivery import Delivery, Progress
from domain.identifiers import AccountId, ClientId, DocumentId, InvoiceId
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.proof import GRACE, Code, Finding, OpenFailures, Proof, Records, Step, Written
from domain.reminders import Reminder
from domain.work import WorkEntry

Months = Mapping[str, Tally]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What an entity adds as of the version that is stored, which was written `at`."""

    contribution: Contribution
    at: dt.datetime
    is_counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How many entries stand on an invoice, and what they cost together."""

    entries: int = 0
    net: int = 0

    def with_entry(self, entry: WorkEntry) -> "Lines":
        """One line more."""
        return Lines(entries=self.entries + 1, net=self.net + entry.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A client's counter, then all that it should be the sum of, then whether the counter moved meanwhile.

    `payments` has their sum for each invoice, `prepaid` is that of the prepayments. Of the invoices and
    credit notes some are `sent`, and of some nobody is sure: their mail began, with no word how it ended.
    `lines` are all that were claimed, `released` those that were taken back, by what. `reminders` come with
    when each was written.
    """

    client: Client
    client_at: dt.datetime
    counter: Counter
    due: Sequence[Due]
    stored: Mapping[str, Contribution]
    moved: bool
    invoices: Sequence[tuple[Invoice, dt.datetime]]
    lines: Mapping[InvoiceId, Lines]
    payments: Mapping[InvoiceId, int]
    prepaid: int
    notes: Sequence[tuple[CreditNote, dt.datetime]]
    released: Mapping[DocumentId, Lines]
    sent: frozenset[DocumentId]
    unsure: frozenset[DocumentId]
    reminders: Sequence[tuple[Reminder, dt.datetime]]

    @property
    def sums(self) -> Months:
        """What the stored contributions add up to."""
        sums: dict[str, Tally] = defaultdict(Tally)
        for contribution in self.stored.values():
            sums[contribution.month] += contribution.tally
        return filled(sums)

    @property
    def differing(self) -> Sequence[str]:
        """The months in which the counter is not that sum."""
        counted, sums = filled(self.counter.months), self.sums
        return [
            month for month in sorted(counted.keys() | sums.keys()) if counted.get(month) != sums.get(month)
        ]

    @property
    def late(self) -> Sequence[Due]:
        """Those whose newest version is not counted yet."""
        return [
            due for due in self.due if due.is_counted and self._version_of(due) < due.contribution.version
        ]

    @property
    def wrong(self) -> Sequence[Due]:
        """Those whose contribution is another than theirs, and which no event can mend any more."""
        return [due for due in self.due if self._is_wrong(due)]

    def _is_wrong(self, due: Due) -> bool:
        stored = self.stored.get(due.contribution.entity_id)
        if stored is None or stored == due.contribution:
            return False
        return due.contribution.version <= stored.version or (not due.is_counted and bool(stored.tally))

    def _version_of(self, due: Due) -> int:
        found = self.stored.get(due.contribution.entity_id)
        return found.version if found else 0


def read(client_id: ClientId, *, account_id: AccountId, records: Records, counters: Counters) -> Reading:
    """Read a client, its counter, and what that is made of.

    Raises:
        NotFoundError: the account has no such client.
    """
    client, client_at = records.client(account_id=account_id, client_id=client_id)
    unmoved = Counter(account_id=client.account_id, client_id=client.id, currency=client.currency)
    before = counters.get(account_id=client.account_id, client_id=client.id) or unmoved
    found = _Found()
    for written in records.of_client(account_id=client.account_id, client_id=client.id):
        found.take(written)
    stored = counters.contributions(wanted=[each.contribution for each in found.due])
    after = counters.get(account_id=client.account_id, client_id=client.id) or unmoved
    return Reading(
        client=client,
        client_at=client_at,
        counter=before,
        due=found.due,
        stored=stored,
        moved=after != before,
        invoices=found.invoices,
        lines=found.lines,
        payments=found.payments,
        prepaid=found.prepaid,
        notes=found.notes,
        released=found.released,
        sent=frozenset(found.sent),
        unsure=frozenset(found.unsure),
        reminders=found.reminders,
    )


@dataclass(slots=True)
class _Found:
    """What is stored of a client, as far as it was read."""

    due: list[Due] = field(default_factory=list)
    invoices: list[tuple[Invoice, dt.datetime]] = field(default_factory=list)
    lines: dict[InvoiceId, Lines] = field(default_factory=lambda: defaultdict(Lines))
    payments: dict[InvoiceId, int] = field(default_factory=lambda: defaultdict(int))
    prepaid: int = 0
    notes: list[tuple[CreditNote, dt.datetime]] = field(default_factory=list)
    released: dict[DocumentId, Lines] = field(default_factory=lambda: defaultdict(Lines))
    sent: set[DocumentId] = field(default_factory=set)
    unsure: set[DocumentId] = field(default_factory=set)
    reminders: list[tuple[Reminder, dt.datetime]] = field(default_factory=list)

    def take(self, written: Written) -> None:
        """One thing more."""
        match written.entity:
            case WorkEntry() as entry:
                self._counts(Contribution.of_work(entry), written.at, is_counted=True)
                self._stands(entry)
            case Line(entry=entry, released_by=released_by):
                self._stands(entry)
                if released_by:
                    self.released[released_by] = self.released[released_by].with_entry(entry)
            case Invoice() as invoice:
                self.invoices.append((invoice, written.at))
                is_counted = invoice.state in {State.ISSUED, State.VOID}
                self._counts(Contribution.of_invoice(invoice), written.at, is_counted=is_counted)
            case CreditNote() as note:
                self.notes.append((note, written.at))
                is_counted = note.state is NoteState.ISSUED
                self._counts(Contribution.of_credit_note(note), written.at, is_counted=is_counted)
            case Delivery() as delivery:
                self._delivered(delivery)
            case Reminder() as reminder:
                self.reminders.append((reminder, written.at))
            case Prepayment() as prepayment:
                self.prepaid += prepayment.amount
            case Payment() as payment:
                self.payments[payment.invoice_id] += payment.amount

    def _counts(self, contribution: Contribution, at: dt.datetime, *, is_counted: bool) -> None:
        self.due.append(Due(contribution=contribution, at=at, is_counted=is_counted))

    def _stands(self, entry: WorkEntry) -> None:
        if entry.invoice_id:
            self.lines[entry.invoice_id] = self.lines[entry.invoice_id].with_entry(entry)

    def _delivered(self, delivery: Delivery) -> None:
        match delivery.progress:
            case Progress.SENT | Progress.BOUNCED | Progress.COMPLAINED:
                self.sent.add(delivery.invoice_id)
            case Progress.SENDING | Progress.UNKNOWN:
                self.unsure.add(delivery.invoice_id)


def recounted(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:
    """What the reading proves of the counter."""
    late = [_late(reading, due, now, failures) for due in reading.late]
    wrong = [_wrong(reading, due) for due in reading.wrong]
    differing = [] if reading.moved else list(_differing(reading))
    is_moving = reading.moved and bool(reading.differing)
    return Proof(
        clients=1,
        entries=len(reading.due) - len(reading.invoices) - len(reading.notes),
        invoices=len(reading.invoices),
        pending=int(is_moving),
        moving=(reading.client.id,) if is_moving else (),
        findings=(*wrong, *differing),
    ) + sum(late, Proof())


def filled(months: Mapping[str, Tally]) -> dict[str, Tally]:
    """The months in which anything is counted."""
    return {month: tally for month, tally in months.items() if tally}


def _late(reading: Reading, due: Due, now: dt.datetime, failures: OpenFailures) -> Proof:
    if now - due.at <= GRACE:
        return Proof(pending=1)
    wanted = due.contribution
    if failures.of(
        Step.COUNTED,
        account_id=wanted.account_id,
        entity_id=wanted.entity_id,
        version=wanted.version,
        at=due.at,
    ):
        return Proof(failing=1)
    stored = reading.stored.get(wanted.entity_id)
    code = Code.CONTRIBUTION_BEHIND if stored else Code.CONTRIBUTION_MISSING
    counted = f"only version {stored.version} is counted" if stored else "nothing of it is counted"
    told = f"{wanted.entity_id} is at version {wanted.version} for over an hour and {counted}"
    return Proof(findings=(_finding(reading, code, wanted.entity_id, told),))


def _wrong(reading: Reading, due: Due) -> Finding:
    wanted = due.contribution
    stored = reading.stored[wanted.entity_id]
    if stored.version > wanted.version:
        told = f"version {stored.version} of {wanted.entity_id} is counted, but it is at {wanted.version}"
        return _finding(reading, Code.CONTRIBUTION_AHEAD, wanted.entity_id, told)
    told = f"{wanted.entity_id} is counted as something else than its version {wanted.version} adds"
    return _finding(reading, Code.CONTRIBUTION_DIFFERS, wanted.entity_id, told)


def _differing(reading: Reading) -> Iterator[Finding]:
    counted, sums = reading.counter.months, reading.sums
    for month in reading.differing:
        fields = _fields(counted.get(month, Tally()) - sums.get(month, Tally()))
        told = f"the counter of {reading.client.id} for {month} is not the sum of what was counted ({fields})"
        yield _finding(reading, Code.COUNTER_DIFFERS, month, told)


def _fields(difference: Tally) -> str:
    return ", ".join(name for name in TALLIED if getattr(difference, name))


def _finding(reading: Reading, code: Code, subject: str, told: str) -> Finding:
    client = reading.client
    mended = f"{told}; invoicely counters rebuild --client {client.id} mends it"
    return Finding(code=code, account_id=client.account_id, client_id=client.id, subject=subject, told=mended)
