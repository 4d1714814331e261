"""The table, as the adapters use it: keys and plain values in, plain values out, errors of ours."""

import datetime as dt
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from domain.errors import InvalidError, Problem
from infrastructure.context import correlation_id
from infrastructure.dynamodb.attributes import Item, from_item, to_attribute, to_item
from infrastructure.dynamodb.errors import (
    StoreConflictError,
    StoreUnavailableError,
    translated,
)
from infrastructure.retrying import retrying

Plain = Mapping[str, Any]
Action = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of items, and where the next one begins."""

    items: tuple[dict[str, Any], ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table behind a client of boto3; *now* gives the time that writes are stamped with."""

    client: Any
    name: str
    now: Callable[[], dt.datetime]

    def get(self, key: Plain) -> dict[str, Any] | None:
        """The item as of now, or None."""
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Plain]) -> list[dict[str, Any]]:
        """Those of at most 100 items that exist, as of now, in no order."""
        found: list[Item] = []
        waiting: Sequence[Item] = [to_item(key) for key in keys]
        while waiting:
            waiting = self._get_some(waiting, found)
        return [from_item(item) for item in found]

    def query(
        self,
        condition: str,
        values: Mapping[str, str],
        *,
        index: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        consistent: bool = False,
        newest_first: bool = False,
    ) -> Found:
        """One page of the items that meet the key *condition*, in the order of the index."""
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
            "ConsistentRead": consistent,
            "ScanIndexForward": not newest_first,
        }
        arguments |= {"IndexName": index} if index else {}
        arguments |= {"Limit": limit} if limit else {}
        arguments |= {"ExclusiveStartKey": _key_of(cursor, values.values())} if cursor else {}
        with translated():
            answer = self.client.query(**arguments)
        last = answer.get("LastEvaluatedKey")
        return Found(
            tuple(from_item(item) for item in answer["Items"]),
            _cursor_of(last) if last else None,
        )

    def query_all(
        self,
        condition: str,
        values: Mapping[str, str],
        **options: Any,  # noqa: ANN401 - as of `query`
    ) -> Iterator[dict[str, Any]]:
        """All items that meet the key *condition*."""
        cursor: str | None = None
        while True:
            found = self.query(condition, values, cursor=cursor, **options)
            yield from found.items
            if (cursor := found.cursor) is None:
                return

    def raw(self, condition: str, values: Mapping[str, str]) -> Iterator[Item]:
        """All items that meet the key *condition*, as of now and as the table says them."""
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
            "ConsistentRead": True,
        }
        while True:
            with translated():
                answer = self.client.query(**arguments)
            yield from answer["Items"]
            if (last := answer.get("LastEvaluatedKey")) is None:
                return
            arguments["ExclusiveStartKey"] = last

    def write(self, *actions: Action) -> None:
        """Carry out all *actions*, or none.

        Also one action is a transaction: only a transaction has a token, and only a token tells the SDK's own
        repetition after a lost answer from somebody else's write. Each call has a token of its own: of two
        workers that write the same in the same millisecond, only one may be told that it was the first.

        Raises:
            LostConditionError: a condition did not hold.
            StoreUnavailableError: throttled, or no answer; whether it was stored is not known then.
        """
        self._write(actions, token=uuid4().hex)

    def put(
        self,
        item: Plain,
        *,
        condition: str | None = None,
        values: Plain | None = None,
        names: Plain | None = None,
    ) -> Action:
        """The action that stores *item* whole, where *condition* holds if there is one."""
        return {
            "Put": {"TableName": self.name, "Item": to_item(item)} | _conditional(condition, values, names)
        }

    def update(
        self,
        key: Plain,
        expression: str,
        *,
        condition: str | None,
        values: Plain,
        names: Plain | None = None,
    ) -> Action:
        """The action that changes parts of an item where *condition* holds."""
        changed = {
            "TableName": self.name,
            "Key": to_item(key),
            "UpdateExpression": expression,
        }
        return {"Update": changed | _conditional(condition, values, names)}

    def check(self, key: Plain, *, condition: str, values: Plain, names: Plain) -> Action:
        """The action that changes nothing, and has the others carried out only where *condition* holds."""
        checked = {"TableName": self.name, "Key": to_item(key)}
        return {"ConditionCheck": checked | _conditional(condition, values, names)}

    def delete(self, key: Plain) -> Action:
        """The action that takes an item away that nothing else is known from."""
        return {"Delete": {"TableName": self.name, "Key": to_item(key)}}

    def count(self, key: Plain, name: str, by: int, *, kind: str, expires_at: int) -> int:
        """Add to a number of an item that nobody relies on, and return it; a lost answer may add it twice."""
        with translated():
            answer = self.client.update_item(
                TableName=self.name,
                Key=to_item(key),
                UpdateExpression="ADD #name :by SET #type = :kind, expires_at = :expires_at",
                ExpressionAttributeNames={"#name": name, "#type": "type"},
                ExpressionAttributeValues=to_item({":by": by, ":kind": kind, ":expires_at": expires_at}),
                ReturnValues="UPDATED_NEW",
            )
        return int(from_item(answer["Attributes"])[name])

    def stamp(self) -> dict[str, str]:
        """When, and in the course of what, something is written."""
        stamp = {"updated_at": self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        return stamp | ({"correlation_id": identifier} if (identifier := correlation_id()) else {})

    @retrying(StoreConflictError)
    def _write(self, actions: Sequence[Action], *, token: str) -> None:
        with translated():
            self.client.transact_write_items(TransactItems=list(actions), ClientRequestToken=token)

    @retrying(StoreUnavailableError)
    def _get_some(self, keys: Sequence[Item], found: list[Item]) -> Sequence[Item]:
        with translated():
            wanted = {self.name: {"Keys": list(keys), "ConsistentRead": True}}
            answer = self.client.batch_get_item(RequestItems=wanted)
        some = answer["Responses"].get(self.name, [])
        found += some
        left: Sequence[Item] = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
        if left and not some:
            raise StoreUnavailableError("the table is throttled: nothing of a batch was read")
        return left


def _conditional(condition: str | None, values: Plain | None, names: Plain | None) -> dict[str, Any]:
    parts: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    parts |= {"ExpressionAttributeValues": to_item(values)} if values else {}
    return parts | ({"ExpressionAttributeNames": dict(names)} if names else {})


def _cursor_of(key: Item) -> str:
    return urlsafe_b64encode(json.dumps(from_item(key), sort_keys=True).encode()).decode().rstrip("=")


def _key_of(cursor: str, allowed: Iterable[str]) -> Item:
    """The key that *cursor* stands for; it must belong to the partition that is asked for."""
    try:
        plain = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = {str(name): to_attribute(str(value)) for name, value in plain.items()}
        if {plain["PK"], plain.get("GSI1PK"), plain.get("GSI2PK")} & set(allowed):
            return key
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        pass
    raise InvalidError(Problem("/cursor", "not-a-cursor", "must be the next_cursor of an earlier answer"))
