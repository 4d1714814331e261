"""The state of the store as records to publish again, and what Lambda gave up, in memory."""

from collections.abc import Iterator, Mapping, Sequence

from domain.accounts import Account
from domain.clients import Client
from domain.credit_notes import Line
from domain.identifiers import AccountId, ClientId
from domain.imports import Import
from events.publishing import Record
from events.republishing import Current, FailureRecords, NotAFailureRecordError
from tests.aws_events import Entity, stream_record
from tests.fakes.records import InMemoryRecords
from tests.fakes.store import Store


class InMemoryCurrent:
    """Implements `events.republishing.Current`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()
        self._records = InMemoryRecords(self._store)

    def of_account(self, *, account_id: AccountId) -> Iterator[Record]:
        with self._store.call("current.of_account"):
            account = self._store.get(Account, account_id, account_id)
        yield _record(account)
        clients = [client for client in self._store.all(Client) if client.account_id == account_id]
        for client in sorted(clients, key=lambda client: client.id):
            yield from self.of_one_client(account_id=account_id, client_id=client.id)
        imports = [import_ for import_ in self._store.all(Import) if import_.account_id == account_id]
        yield from map(_record, sorted(imports, key=lambda import_: import_.id))

    def of_one_client(self, *, account_id: AccountId, client_id: ClientId) -> Iterator[Record]:
        with self._store.call("current.of_one_client"):
            client = self._store.get(Client, account_id, client_id)
        yield _record(client)
        for written in self._records.of_client(account_id=account_id, client_id=client_id):
            if not isinstance(written.entity, Line):
                yield _record(written.entity)


class InMemoryFailureRecords:
    """Implements `events.republishing.FailureRecords`; an object without records is none of Lambda's."""

    def __init__(self, objects: Mapping[str, Sequence[Record] | None]) -> None:
        self._objects = objects

    def __len__(self) -> int:
        return len(self._objects)

    def keys(self, *, prefix: str) -> Sequence[str]:
        return [key for key in sorted(self._objects) if key.startswith(prefix)]

    def records(self, *, key: str) -> Sequence[Record]:
        if (records := self._objects[key]) is None:
            raise NotAFailureRecordError(f"{key} holds no batch of the stream that Lambda gave up")
        return records


def _record(entity: Entity) -> Record:
    return {"eventName": "INSERT", "dynamodb": stream_record(entity)["dynamodb"]}


_current: type[Current] = InMemoryCurrent
_failures: type[FailureRecords] = InMemoryFailureRecords
