"""Each due period of a client has exactly one of: invoice, empty, held, failure.

client ──previous_due_on──▶ invoice ──previous_due_on──▶ invoice ──▶ … ──▶ the first day of billing
held: it lacks what the law wants
issued: mailed within the hour · empty, or skipped without a line · in review, an hour longer than it is to be
void, its work released · open, sealed, skipped with lines: for an hour, then the failure ledger knows of it
issued, and nobody knows whether it was mailed: the failure ledger has it, or a person has settled it there
due, and not opened within the hour: held for a person, or known to the failure ledger, or a tick that comes
again serves it
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.clients import Client, ClientStatus
from domain.identifiers import place_of_invoice
from domain.invoices import Invoice, State
from domain.proof import GRACE, Code, Finding, OpenFailures, Proof, Step
from domain.recounting import Reading

BY_HAND = "no command mends it: restore the item from a backup of the table"


def followed(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:
    """What one look at the client's periods proves."""
    look = _Look(reading=reading, now=now, failures=failures)
    return sum(look.chain(), look.next_one() + look.next_day())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look, and what it goes by."""

    reading: Reading
    now: dt.datetime
    failures: OpenFailures

    @property
    def client(self) -> Client:
        return self.reading.client

    def chain(self) -> Iterator[Proof]:
        """Follow the periods back to the first; what is not reached lies outside of them."""
        left = {invoice.id: (invoice, at) for invoice, at in self.reading.invoices}
        closed_by, after = self.client.last_invoice, None
        while closed_by:
            if closed_by not in left:
                due_on = place_of_invoice(closed_by)
                told = f"{self.client.id} has no invoice for its period due {due_on}; {BY_HAND}"
                yield self._found(Code.PERIOD_WITHOUT_INVOICE, due_on, told)
                break
            invoice, at = left.pop(closed_by)
            yield self._joined(invoice, after)
            yield self._finished(invoice, at)
            closed_by, after = invoice.previous, invoice
        else:
            yield self._begun(after)
        for invoice, _ in left.values():
            told = f"{invoice.id} is no period of {self.client.id}: none leads to it; {BY_HAND}"
            yield self._found(Code.INVOICE_OUTSIDE_THE_PERIODS, invoice.id, told)

    def next_one(self) -> Proof:
        """Whether the next period is due, and who sees to it."""
        if self.client.status is ClientStatus.HELD:
            return Proof(periods=1, held=1)
        due_at = self.client.due_at
        if due_at is None or due_at > self.now:
            return Proof()
        # A client that was added or changed just now may be due since long before.
        if self._is_fresh(max(due_at, self.reading.client_at)):
            return Proof(periods=1, pending=1)
        if self.failures.of_tick(client_id=self.client.id, due_at=due_at):
            return Proof(periods=1, failing=1)
        told = (
            f"{self.client.id} is due since {due_at:%Y-%m-%dT%H:%M:%SZ} and no tick opened its invoice; "
            f"invoicely invoices run --as-of {self.now:%Y-%m-%dT%H:%M:%SZ} does"
        )
        return self._found(Code.CLIENT_OVERDUE, self.client.id, told)

    def next_day(self) -> Proof:
        """Whether the next invoice day is the one that the periods and the schedule lead to."""
        due_on, expected = self.client.next_due_on, self.client.scheduled().next_due_on
        day = self.client.invoice_day
        if self.client.status is not ClientStatus.ACTIVE or due_on == expected:
            return Proof()
        told = (
            f"{self.client.id} is next invoiced on {due_on}, its schedule says {expected}; "
            f"invoicely clients change {self.client.id} --invoice-day, to another and back to {day}, mends it"
        )
        return self._found(Code.INVOICE_DAY_DIFFERS, self.client.id, told)

    def _joined(self, invoice: Invoice, after: Invoice | None) -> Proof:
        """The period that comes after begins where this one ends; later only where billing starts later.

        Or it is the same one once more, of work that was released from this invoice or logged after it.
        """
        if after is None:
            is_joined = invoice.period_end == self.client.billed_until
        else:
            begins_there = after.period_start == max(after.work_since, invoice.period_end)
            comes_after = (invoice.due_on, invoice.nth or 1) < (after.due_on, after.nth or 1)
            is_joined = comes_after and (begins_there or after.period == invoice.period)
        return Proof() if is_joined else self._gap(invoice)

    def _begun(self, first: Invoice | None) -> Proof:
        """The first period begins with the billing."""
        return Proof() if first is None or first.period_start == first.work_since else self._gap(first)

    def _gap(self, invoice: Invoice) -> Proof:
        told = (
            f"the period {invoice.period_start} to {invoice.last_day} of {invoice.id} does not join "
            f"the one beside it; {BY_HAND}"
        )
        return self._found(Code.PERIOD_NOT_CONTIGUOUS, invoice.id, told)

    def _finished(self, invoice: Invoice, at: dt.datetime) -> Proof:
        match invoice.state:
            case State.EMPTY | State.HELD | State.SKIPPED | State.IN_REVIEW if self._rests(invoice):
                is_held, is_reviewed = (invoice.state is each for each in (State.HELD, State.IN_REVIEW))
                is_empty = not is_held and not is_reviewed
                return Proof(periods=1, empty=int(is_empty), held=int(is_held), reviewing=int(is_reviewed))
            case State.VOID if invoice.released == invoice.entries:
                return Proof(periods=1)
            case State.ISSUED if invoice.id in self.reading.sent:
                return Proof(periods=1)
        if self._is_fresh(at):
            return Proof(periods=1, pending=1)
        if self._is_failing(invoice, at):
            return Proof(periods=1, failing=1)
        return self._unfinished(invoice)

    def _unfinished(self, invoice: Invoice) -> Proof:
        again = f"invoicely events republish --client {self.client.id}"
        if invoice.state is State.ISSUED and invoice.id in self.reading.unsure:
            return self._perhaps_sent(invoice, again)
        if invoice.state is State.ISSUED:
            told = f"{invoice.id} is issued for over an hour and not known as mailed; {again} sends it"
            return self._found(Code.INVOICE_UNSENT, invoice.id, told)
        if invoice.state is State.IN_REVIEW:
            again = f"invoicely invoices run --as-of {self.now:%Y-%m-%dT%H:%M:%SZ}"
        told = f"{invoice.id} is {invoice.state} for over an hour and no failure is known; {again} goes on"
        return self._found(Code.INVOICE_UNFINISHED, invoice.id, told)

    def _perhaps_sent(self, invoice: Invoice, again: str) -> Proof:
        """No command mails it again: it could be twice. A person who gives its failure up has settled it."""
        account_id, given_up = invoice.account_id, self.failures.is_given_up
        if any(
            given_up(Step.MAILED, account_id=account_id, entity_id=invoice.id, version=version)
            for version in _going_out(invoice)
        ):
            return Proof(periods=1)
        told = (
            f"{invoice.id} may have been mailed or not, and nothing mails it again: ask the client or look "
            f"into the mail log; {again} puts it into the failure ledger, where discarding it settles it"
        )
        return self._found(Code.INVOICE_UNSENT, invoice.id, told)

    def _is_failing(self, invoice: Invoice, at: dt.datetime) -> bool:
        step = Step.MAILED if invoice.state is State.ISSUED else Step.ISSUED
        return any(
            self.failures.of(
                step, account_id=invoice.account_id, entity_id=invoice.id, version=version, at=at
            )
            for version in _going_out(invoice)
        )

    def _rests(self, invoice: Invoice) -> bool:
        """Whether it is over nothing, or its review goes on or was over within the last hour."""
        if invoice.state is State.IN_REVIEW:
            return invoice.review_ends_at is None or self._is_fresh(invoice.review_ends_at)
        return invoice.state in {State.EMPTY, State.HELD} or not invoice.entries

    def _is_fresh(self, at: dt.datetime) -> bool:
        return self.now - at <= GRACE

    def _found(self, code: Code, subject: str, told: str) -> Proof:
        client = self.client
        finding = Finding(
            code=code, account_id=client.account_id, client_id=client.id, subject=subject, told=told
        )
        return Proof(findings=(finding,))


def _going_out(invoice: Invoice) -> Iterable[int]:
    """The versions whose event leads on: the newest one and, of what is issued, all since then."""
    return range(invoice.issued_version or invoice.version, invoice.version + 1)
