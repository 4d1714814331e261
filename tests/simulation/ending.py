"""The promises that hold when all is quiet: the faults have stopped, and everything has been replayed."""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator, Sequence

from domain import chain
from domain.clients import Client, ClientStatus
from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as NoteState
from domain.delivery import Delivery, Progress
from domain.exporting import content_of
from domain.failures import State as FailureState
from domain.failures import failure_id
from domain.fates import Fate, MailEvent
from domain.invoices import Invoice, State
from domain.opening import TICK
from domain.reminders import Reminder
from domain.replays import look_at_replay
from domain.work import WorkEntry
from events import catalog
from infrastructure.mail.events import read
from tests.invariants import check_history, check_invoices
from tests.recount import recount, shown
from tests.simulation.cloud import Cloud
from tests.simulation.people import People
from tests.simulation.promises import BrokenPromise, promise
from tests.simulation.queues import consumed, served, takers
from tests.simulation.remembering import event_in


def check_ending(cloud: Cloud, people: People) -> None:
    """Raise `BrokenPromise` where something has been lost, doubled or left undone."""
    _all_is_delivered(cloud)
    _all_is_applied_or_dead(cloud, people)
    _what_was_replayed_is_done(cloud, people)
    _counters_are_the_recount(cloud)
    check_invoices(cloud.store)
    check_history(cloud.store)
    for client in cloud.store.all(Client):
        _every_due_period_has_its_invoice(cloud, people, client)
    _no_work_is_forgotten(cloud)
    for invoice in cloud.store.all(Invoice):
        _is_finished(cloud, invoice)
    for note in cloud.store.all(CreditNote):
        promise(note.state is NoteState.ISSUED, f"{note.id} stays {note.state}")
        _is_mailed(cloud, note.id, cloud.store.find(Delivery, note.account_id, note.id))
    for reminder in cloud.store.all(Reminder):
        _is_settled(cloud, reminder)
    _chains_hold(cloud)
    _tell_what_was_rare(cloud)


def _all_is_delivered(cloud: Cloud) -> None:
    for queue in cloud.queues.values():
        promise(not queue.messages, f"messages are left in {queue.name}")
    for record in cloud.stream.all:
        promise(cloud.watch.is_out(record), "a change was never published")
        if body := cloud.watch.published(record):
            is_there = [body in cloud.sns.bodies[name] for name in takers(event_in(record).type)]
            promise(all(is_there), "a change never came to one of its queues")


def _all_is_applied_or_dead(cloud: Cloud, people: People) -> None:
    """Each event has had its effect behind every queue, but for mails of which nobody knows."""
    for told in consumed():
        for body in cloud.sns.bodies[told.name]:
            if not cloud.watch.applied.is_applied(told.name, body):
                event = catalog.read(body)
                promise(told.name == "delivery", f"{event.type} {event.subject} was lost behind {told.name}")
                unsure = cloud.watch.applied.is_unsure(event)
                promise(unsure, f"the mail of {event.subject} is neither sent nor told as unknown")
                failure = cloud.store.failures.get(failure_id(told.name, event.id))
                kept = failure is not None and failure.state is FailureState.PARKED
                promise(kept, f"nobody is told that the mail of {event.subject} is unknown")
    for body in cloud.ses.told:
        known = cloud.watch.applied.is_applied("mail-events", body)
        promise(known, f"nobody knows what became of a mail: {body}")
    for failure in cloud.store.failures.values():
        promise(failure.state is not FailureState.RETRYING, f"{failure.id} is never tried again")
        if failure.is_open and failure.queue in {told.name for told in served()}:
            settled = cloud.watch.applied.is_settled(failure.queue, failure.body)
            promise(not settled, f"{failure.id} is applied, and stays {failure.state}")
            expected = failure.queue == "delivery" or failure.body in people.poison
            promise(expected, f"{failure.id} stays {failure.state}: {failure.cause}")


def _what_was_replayed_is_done(cloud: Cloud, people: People) -> None:
    """Each tick has been made up for, each replay has come to its end, and sent nothing twice."""
    for failure in cloud.store.failures.values():
        promise(failure.queue != TICK or not failure.is_open, f"{failure.id} stays {failure.state}")
        jobs = [action.note for action in failure.history if action.note in cloud.store.replays]
        promise(len(jobs) == len(set(jobs)), f"{failure.id} was sent twice by one replay")
    for job in cloud.store.replays.values():
        promise(not job.is_for_the_timer, f"{job.id} is never carried on again")
    for job_id in people.operators.replayed:
        waiting = look_at_replay(job_id, jobs=cloud.world.replay_jobs).waiting
        promise(not waiting, f"{job_id} is done, and {waiting} wait")


def _counters_are_the_recount(cloud: Cloud) -> None:
    notes = cloud.store.all(CreditNote)
    expected = recount(cloud.store.all(WorkEntry), cloud.store.all(Invoice), notes)
    counted = shown(cloud.store.counters.values())
    promise(counted == expected, f"the counters show {counted}, a recount {expected}")


def _chains_hold(cloud: Cloud) -> None:
    """Each number is linked to what its document said, and still says, and to the one before it."""
    world = cloud.world
    for account_id, series in cloud.store.sequences:
        links = []
        for given in world.register.given(account_id=account_id, series=series):
            said = content_of(
                given,
                account_id=account_id,
                series=series,
                invoices=world.invoices,
                credit_notes=world.credit_notes,
            )
            promise(chain.sha256_of(said) == given.content_sha256, f"{given.number} says something else")
            links.append(
                chain.Link(
                    position=given.value,
                    content_sha256=given.content_sha256,
                    chain_sha256=given.chain_sha256,
                )
            )
        promise(not [*chain.broken(links)], f"the chain of {series} is broken")


def _every_due_period_has_its_invoice(cloud: Cloud, people: People, client: Client) -> None:
    own = [invoice for invoice in cloud.store.all(Invoice) if invoice.client_id == client.id]
    days = sorted(invoice.due_on for invoice in own)
    promise(client.due_at is None or client.due_at > people.last_tick, f"{client.id} is still due")
    promise(not days or days[-1] == client.previous_due_on, f"{client.id} went on without an invoice")
    if (
        client.status is ClientStatus.ACTIVE
        and client.resumed_on is None
        and not _was_rescheduled(cloud, client)
    ):
        asked = [invoice for invoice in own if invoice.requested_as]
        versions = [each for each in cloud.store.stream if isinstance(each, Client) and each.id == client.id]
        skipped = {each.skipped_on for each in versions}
        due = [day for day in _due_days(client, people.last_tick.date()) if day not in skipped]
        expected = [day for day in due if not any(_is_passed_over(client, day, each) for each in asked)]
        others = skipped.union(invoice.due_on for invoice in asked)
        regular = sorted(set(days) - others.difference(expected))
        promise(regular[: len(expected)] == expected, f"{client.id} has invoices of {days}, due were {due}")


def _no_work_is_forgotten(cloud: Cloud) -> None:
    """Whatever was there when an invoice was opened that may take it is on that one or on an earlier one."""
    waiting: dict[str, WorkEntry] = {}
    opened: list[tuple[Invoice, list[WorkEntry]]] = []
    for entity in cloud.store.stream:
        if isinstance(entity, WorkEntry):
            waiting[entity.id] = entity
        elif isinstance(entity, Invoice) and entity.version == 1:
            opened.append((entity, list(waiting.values())))
    for invoice, entries in opened:
        for entry in entries:
            if (
                entry.client_id == invoice.client_id
                and entry is waiting[entry.id]  # nobody has touched it since, no invoice either
                and entry.is_unbilled
                and invoice.work_since <= entry.date < invoice.period_end
            ):
                raise BrokenPromise(
                    f"{entry.id} was there when {invoice.id} was opened, and is on no invoice"
                )


def _due_days(client: Client, until: dt.date) -> Iterator[dt.date]:
    """The invoice days after the billing began, up to the day before *until* or its end, counted by hand."""
    since = billed_until = client.billing_starts_on
    for months in range(since.month - 1, 12 * (until.year - since.year) + until.month):
        year, month = since.year + months // 12, months % 12 + 1
        last = monthrange(year, month)[1]
        day = dt.date(
            year, month, last if client.invoice_day == "last" else min(int(client.invoice_day), last)
        )
        begins_later = client.billing_period == "previous_month" and day.replace(day=1) <= since
        has_ended = client.billing_ends_on and client.billing_ends_on < billed_until
        if since < day < until and not begins_later and not has_ended:
            yield day
            billed_until = day.replace(day=1) if client.billing_period == "previous_month" else day


def _is_passed_over(client: Client, day: dt.date, asked: Invoice) -> bool:
    """Whether an invoice that somebody asked for before that invoice day has left it nothing to be about."""
    end = day.replace(day=1) if client.billing_period == "previous_month" else day
    return asked.due_on < day and end <= asked.period_end


def _was_rescheduled(cloud: Cloud, client: Client) -> bool:
    versions = [each for each in cloud.store.stream if isinstance(each, Client) and each.id == client.id]
    return len({each.schedule for each in versions}) > 1


def _is_finished(cloud: Cloud, invoice: Invoice) -> None:
    """Issued and mailed, or rightly not: empty, void, skipped, or in a review that a person has to end."""
    delivery = cloud.store.find(Delivery, invoice.account_id, invoice.id)
    match invoice.state:
        case State.ISSUED:
            promise(invoice.crediting is None, f"the credit note {invoice.crediting} is never finished")
            promise(invoice.remind_at is None, f"nobody is reminded of {invoice.id}")
            _is_mailed(cloud, invoice.id, delivery)
        case State.VOID:
            promise(invoice.released == invoice.entries, f"{invoice.id} is void and keeps its work")
            promise(delivery and delivery.progress is Progress.STOPPED, f"{invoice.id} is void and mailed")
        case State.SKIPPED:
            promise(not invoice.entries, f"{invoice.id} is skipped and keeps its work")
        case State.IN_REVIEW:
            promise(invoice.review_ends_at is None, f"the review of {invoice.id} never ends")
        case _:
            promise(invoice.state is State.EMPTY, f"{invoice.id} stays {invoice.state}")
    if invoice.state is not State.ISSUED:
        promise(
            not cloud.watch.mailed.attempts(invoice.id), f"{invoice.id} is {invoice.state} and was mailed"
        )


def _is_settled(cloud: Cloud, reminder: Reminder) -> None:
    """Mailed once, and what became of it is known; or dropped, or nobody can say."""
    mailed = cloud.watch.mailed.attempts(reminder.id)
    if reminder.dropped:
        promise(not mailed, f"{reminder.id} was mailed, and dropped as {reminder.dropped}")
    elif reminder.mail.progress is not Progress.UNKNOWN:
        promise(mailed == {1}, f"{reminder.id} is {reminder.mail.progress}, and mailed as {mailed}")
        fate = _fate([each for each in map(read, cloud.ses.told) if each and each.reminder_id == reminder.id])
        same = reminder.mail.progress is (fate or Progress.SENT)
        promise(same, f"{reminder.id} is {reminder.mail.progress}, and told as {fate}")


def _is_mailed(cloud: Cloud, about: str, delivery: Delivery | None) -> None:
    """Each attempt once, but for those of which nobody can say how they ended."""
    promise(delivery, f"{about} was never delivered")
    assert delivery is not None
    mailed, told = cloud.watch.mailed.attempts(about), list(map(read, cloud.ses.told))
    for attempt in (*delivery.earlier, delivery.current):
        if attempt.progress is not Progress.UNKNOWN:
            promise(attempt.number in mailed, f"{about} is {attempt.progress} and was not mailed")
        fate = _fate(
            [each for each in told if each and (each.delivery_id, each.attempt) == (about, attempt.number)]
        )
        if fate or attempt.progress not in {Progress.SENT, Progress.UNKNOWN}:
            promise(attempt.progress is fate, f"{about} is {attempt.progress}, and told as {fate}")


def _fate(told: Sequence[MailEvent]) -> Progress | None:
    """What all that was told of a mail comes to, in whatever order it came."""
    fates = {each.fate for each in told}
    if Fate.COMPLAINED in fates:
        return Progress.COMPLAINED
    for_good = any(each.for_good for each in told)
    if Fate.BOUNCED in fates and (for_good or Fate.DELIVERED not in fates):
        return Progress.BOUNCED
    return Progress.SENT if told else None


def _tell_what_was_rare(cloud: Cloud) -> None:
    seen = cloud.chance.seen
    seen["a client was held"] += sum(client.status is ClientStatus.HELD for client in cloud.store.all(Client))
    unsure = [each for each in cloud.store.all(Delivery) if each.progress is Progress.UNKNOWN]
    seen["nobody knows whether a mail went out"] += len(unsure)
    of_invoices = [(owner, series) for owner, series in cloud.store.sequences if not series.startswith("CN-")]
    seen["a series began anew"] += max(0, len(of_invoices) - len({owner for owner, _ in of_invoices}))
