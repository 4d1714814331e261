"""Requests that bear a key in the single table, which forgets them by its time to live."""

from dataclasses import replace

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId
from domain.requests import KeyedRequest, RequestId, Requests
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.errors import LostConditionError
from infrastructure.dynamodb.table import Action, Table


class DynamoDBRequests:
    """Implements `domain.requests.Requests`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, *, request: KeyedRequest) -> None:
        taken = f"there is a request {request.id} already"
        self._write(self._table.put(_item(request), condition="attribute_not_exists(PK)"), taken)

    def get(self, *, account_id: AccountId, request_id: RequestId) -> KeyedRequest:
        if (item := self._table.get(keys.request(account_id, request_id))) is None:
            raise NotFoundError(f"there is no request {request_id}")
        return codec.decode(KeyedRequest, item)

    def replace(self, *, read: KeyedRequest, by: KeyedRequest) -> KeyedRequest:
        stored = replace(by, version=read.version + 1)
        written = self._table.put(
            _item(stored),
            condition="#version = :read",
            values={":read": read.version},
            names={"#version": "version"},
        )
        self._write(written, f"somebody else has written request {read.id}")
        return stored

    def _write(self, action: Action, lost: str) -> None:
        try:
            self._table.write(action)
        except LostConditionError as error:
            raise ConflictError(lost) from error


def _item(request: KeyedRequest) -> dict[str, object]:
    forgotten = int(request.forgotten_at.timestamp())
    kept = keys.request(request.account_id, request.id) | {"type": "REQUEST", "expires_at": forgotten}
    return codec.encode(request) | kept


_: type[Requests] = DynamoDBRequests  # the promise, checked by mypy
