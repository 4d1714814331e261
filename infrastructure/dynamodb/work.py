"""Work entries in the single table; GSI1 lists them by date, and `Billing` a client's unbilled ones."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from domain.identifiers import AccountId, ClientId, WorkId
from domain.paging import Page
from domain.work import KnownWork, WorkEntries, WorkEntry
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.table import Table


class DynamoDBWork:
    """Implements `domain.work.WorkEntries` and `KnownWork`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._work = entities(table)

    def get(self, *, account_id: AccountId, work_id: WorkId) -> WorkEntry:
        return self._work.get(keys.work(account_id, work_id), missing=f"there is no work entry {work_id}")

    def add(self, *, entry: WorkEntry) -> None:
        self._work.add(entry, taken=f"there is a work entry {entry.id} already")

    def update(
        self,
        *,
        account_id: AccountId,
        work_id: WorkId,
        change: Callable[[WorkEntry], WorkEntry],
    ) -> WorkEntry:
        missing = f"there is no work entry {work_id}"
        return self._work.update(keys.work(account_id, work_id), change, missing=missing)

    def list(
        self,
        *,
        account_id: AccountId,
        since: dt.date,
        until: dt.date,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[WorkEntry]:
        values = {
            ":work": keys.work_by_date(account_id),
            ":since": f"{since}#",
            ":until": f"{until}#~",
        }
        found = self._table.query(
            "GSI1PK = :work AND GSI1SK BETWEEN :since AND :until",
            values,
            index="GSI1",
            limit=limit,
            cursor=cursor,
        )
        return Page(tuple(self._work.read(item) for item in found.items), found.cursor)

    def unbilled(
        self,
        *,
        account_id: AccountId,
        client_id: ClientId,
        since: dt.date,
        until: dt.date,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[WorkEntry]:
        values = {
            ":client": keys.client_partition(account_id, client_id),
            ":since": f"{keys.UNBILLED}{since}#",
            ":until": f"{keys.UNBILLED}{until}#~",
        }
        found = self._table.query(
            "PK = :client AND billing BETWEEN :since AND :until",
            values,
            index="Billing",
            limit=limit,
            cursor=cursor,
        )
        return Page(tuple(self._work.read(item) for item in found.items), found.cursor)

    def among(self, *, account_id: AccountId, work_ids: Sequence[WorkId]) -> Mapping[WorkId, WorkEntry]:
        if not work_ids:
            return {}
        found = self._table.get_many([keys.work(account_id, work_id) for work_id in work_ids])
        return {entry.id: entry for entry in map(self._work.read, found)}


def entities(table: Table) -> Entities[WorkEntry]:
    """How work entries are stored."""
    return Entities(
        table,
        "WORK",
        WorkEntry,
        key=lambda entry: keys.work(entry.account_id, entry.id),
        indexes=keys.indexes_of_work,
    )


_: type[WorkEntries] = DynamoDBWork  # the promises, checked by mypy
__: type[KnownWork] = DynamoDBWork
