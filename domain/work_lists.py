"""Finding work: by client, project, days, and whether it was billed.

a client's unbilled work ──▶ read from that client's own index, however much work the account has
anything else            ──▶ read from the account's work by date, and chosen from
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from domain.identifiers import AccountId, ClientId
from domain.paging import Page, chosen
from domain.work import WorkEntries, WorkEntry

Fetch = Callable[..., Page[WorkEntry]]  # (*, limit: int, cursor: str | None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFilters:
    """Which work is wanted: since ≤ date ≤ until, and what else is said.

    `billed`: true, what stands on an invoice; false, what an invoice is still to take. Work that is not
    billable is neither.
    """

    since: dt.date
    until: dt.date
    client_id: ClientId | None = None
    project: str | None = None
    billed: bool | None = None

    def take(self, entry: WorkEntry) -> bool:
        """Whether the entry is wanted; its date is."""
        return (
            self.client_id in {None, entry.client_id}
            and self.project in {None, entry.project}
            and self.billed in {None, _billed(entry)}
        )


def list_work(
    wanted: WorkFilters,
    *,
    account_id: AccountId,
    work: WorkEntries,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[WorkEntry]:
    """The account's work that is wanted, by date; a page may be short, or empty, although more follows."""
    fetch: Fetch = partial(work.list, account_id=account_id, since=wanted.since, until=wanted.until)
    if wanted.client_id and wanted.billed is False:
        fetch = partial(
            work.unbilled,
            account_id=account_id,
            client_id=wanted.client_id,
            since=wanted.since,
            until=wanted.until,
        )
    return chosen(fetch, wanted.take, limit=limit, cursor=cursor)


def _billed(entry: WorkEntry) -> bool | None:
    """Whether the entry stands on an invoice; None where it never will."""
    if entry.invoiced_on:
        return True
    return False if entry.is_unbilled else None
