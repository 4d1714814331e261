"""Each month of a retainer becomes a work entry, once, whatever is opened, repeated or changed.

client, key, month ──▶ one id ──put if absent, with the invoice that reaches beyond──▶ work like any other

The id is the claim: a second schedule, another invoice day, an invoice that is asked for and a run that died
all come to the same one. A month that a person removes is not put again.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from domain.calendar import Period
from domain.clients import Client
from domain.identifiers import WorkId, digest, work_id
from domain.retainers import Retainer
from domain.work import KnownWork, WorkEntry

UNIT = "month"
MOST_BEHIND = dt.timedelta(days=366)
"""How far before a period months are made up for: those of a retainer that was added later than it began."""

_MOST_LOOKED_UP = 100


def retained(client: Client, period: Period, *, known: KnownWork) -> Sequence[WorkEntry]:
    """The months of the client's retainers that the invoice of *period* is to put, the oldest first."""
    due = sorted(_due(client, period), key=lambda entry: (entry.date, entry.id))
    found: set[WorkId] = set()
    for first in range(0, len(due), _MOST_LOOKED_UP):
        wanted = [entry.id for entry in due[first : first + _MOST_LOOKED_UP]]
        found |= known.among(account_id=client.account_id, work_ids=wanted).keys()
    return [entry for entry in due if entry.id not in found]


def _due(client: Client, period: Period) -> Iterator[WorkEntry]:
    since = max(client.billing_starts_on, period.start - MOST_BEHIND)
    for retainer in client.retainers:
        for month in retainer.months(Period(since, period.end)):
            yield _entry(client, retainer, month)


def _entry(client: Client, retainer: Retainer, month: dt.date) -> WorkEntry:
    return WorkEntry(
        id=work_id(client.id, digest("retainer", client.id, retainer.key, f"{month:%Y-%m}")),
        account_id=client.account_id,
        client_id=client.id,
        currency=client.currency,
        hourly_rate=client.hourly_rate,
        date=month,
        description=retainer.description,
        quantity=Decimal(1),
        unit=UNIT,
        rate=retainer.amount,
        project=retainer.project,
        tax=retainer.tax,
    )
