"""How entities of any kind are stored: whole, with their version checked, stamped and indexed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from domain.errors import ConflictError, NotFoundError
from infrastructure import codec
from infrastructure.dynamodb.errors import LostConditionError
from infrastructure.dynamodb.keys import Key
from infrastructure.dynamodb.table import Action, Table
from infrastructure.retrying import retrying


class Versioned(Protocol):
    """One more with each write."""

    @property
    def version(self) -> int: ...


Entity = TypeVar("Entity", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Entities(Generic[Entity]):
    """The entities of one *kind* (the item's `type`) in the table."""

    table: Table
    kind: str
    shape: type[Entity]
    key: Callable[[Entity], Key]
    indexes: Callable[[Entity], Mapping[str, Any]] = lambda _: {}

    def get(self, key: Key, *, missing: str) -> Entity:
        """The entity as of now; where there is none, `NotFoundError` says what is *missing*."""
        if (item := self.table.get(key)) is None:
            raise NotFoundError(missing)
        return self.read(item)

    def add(self, entity: Entity, *, taken: str) -> None:
        """Store a new entity; where there is one already, `ConflictError` says what is *taken*."""
        try:
            self.table.write(self.added(entity))
        except LostConditionError as error:
            raise ConflictError(taken) from error

    @retrying(LostConditionError)
    def update(self, key: Key, change: Callable[[Entity], Entity], *, missing: str) -> Entity:
        """Store what *change* makes of the entity, if that is another; run it again after a lost race."""
        current = self.get(key, missing=missing)
        return self.replace(current, change(current))

    def replace(self, before: Entity, after: Entity) -> Entity:
        """Store *after* where the entity is still *before* (version 0: nothing yet); return it as stored."""
        if after == before:
            return before
        self.table.write(self.stored(before, after))
        return _with_version(after, before.version + 1)

    def stored(self, before: Entity, after: Entity) -> Action:
        """The action that stores *after* where the entity is still *before*; version 0 was never stored."""
        if before.version:
            return self.changed(before, after)
        return self.added(_with_version(after, before.version + 1))

    def added(self, entity: Entity) -> Action:
        """The action that stores an entity where there is none yet."""
        return self.table.put(self.item(entity), condition="attribute_not_exists(PK)")

    def changed(self, before: Entity, after: Entity) -> Action:
        """The action that stores *after* where the entity is still *before*."""
        item = self.item(_with_version(after, before.version + 1))
        return self.table.put(
            item,
            condition="#version = :read",
            values={":read": before.version},
            names={"#version": "version"},
        )

    def read(self, item: dict[str, Any]) -> Entity:
        """The entity that *item* holds."""
        return codec.decode(self.shape, item)

    def item(self, entity: Entity) -> dict[str, Any]:
        """The item that holds *entity*."""
        kept = {**self.key(entity), **self.indexes(entity), "type": self.kind}
        return codec.encode(entity) | kept | self.table.stamp()


def _with_version(entity: Entity, version: int) -> Entity:
    return replace(entity, version=version)  # type: ignore[type-var] # all entities are dataclasses
