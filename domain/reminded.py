"""The reminders of each invoice: each that is recorded was mailed, or dropped, within a day.

mailed, or dropped for a reason ──▶ right
neither: for a day, then the failure ledger knows of it · nobody knows: a person has settled it there
"""

import datetime as dt

from domain.delivery import Progress
from domain.proof import Code, Finding, OpenFailures, Proof, Step
from domain.recounting import Reading
from domain.reminders import Reminder

MAILED_WITHIN = dt.timedelta(days=1)


def reminded(reading: Reading, *, now: dt.datetime, failures: OpenFailures) -> Proof:
    """What one look at the client's reminders proves."""
    left = (each for each in reading.reminders if not each[0].is_settled)
    return sum((_unsent(reminder, at, now, failures) for reminder, at in left), Proof())


def _unsent(reminder: Reminder, at: dt.datetime, now: dt.datetime, failures: OpenFailures) -> Proof:
    if now - reminder.recorded_at <= MAILED_WITHIN:
        return Proof()
    account_id, mailed = reminder.account_id, Step.MAILED
    # It goes out by the event of its first version, whatever has come of it since.
    if failures.of(mailed, account_id=account_id, entity_id=reminder.id, version=1, at=at):
        return Proof(failing=1)
    is_unsure = reminder.mail.progress in {Progress.SENDING, Progress.UNKNOWN}
    if is_unsure and failures.is_given_up(mailed, account_id=account_id, entity_id=reminder.id, version=1):
        return Proof()
    again = f"invoicely events republish --client {reminder.client_id}"
    told = (
        f"{reminder.id} is recorded for over a day and not known as mailed; {again} sends it, or says why not"
    )
    return Proof(
        findings=(
            Finding(
                code=Code.REMINDER_UNSENT,
                account_id=reminder.account_id,
                client_id=reminder.client_id,
                subject=reminder.id,
                told=told,
            ),
        )
    )
