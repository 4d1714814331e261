"""Imports in the single table, each beside its account's clients, and what became of their rows, in parts."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from domain.identifiers import AccountId, ImportId
from domain.import_rows import Results, Rows
from domain.imports import Import, Imports
from domain.paging import Page
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.errors import LostConditionError
from infrastructure.dynamodb.table import Table
from infrastructure.retrying import retrying


class DynamoDBImports:
    """Implements `domain.imports.Imports`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._imports: Entities[Import] = Entities(
            table, "IMPORT", Import, key=lambda import_: keys.import_(import_.account_id, import_.id)
        )

    def add(self, *, import_: Import) -> None:
        self._imports.add(import_, taken=f"there is an import {import_.id} already")

    def get(self, *, account_id: AccountId, import_id: ImportId) -> Import:
        return self._imports.get(keys.import_(account_id, import_id), missing=_missing(import_id))

    def update(
        self, *, account_id: AccountId, import_id: ImportId, change: Callable[[Import], Import]
    ) -> Import:
        key = keys.import_(account_id, import_id)
        return self._imports.update(key, change, missing=_missing(import_id))

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Import]:
        values = {":account": keys.partition(account_id), ":imports": keys.IMPORTS}
        found = self._table.query(
            "PK = :account AND begins_with(SK, :imports)",
            values,
            limit=limit,
            cursor=cursor,
            consistent=True,
            newest_first=True,
        )
        return Page(tuple(self._imports.read(item) for item in found.items), found.cursor)


class DynamoDBResults:
    """Implements `domain.import_rows.Results`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @retrying(LostConditionError)
    def update(
        self, *, account_id: AccountId, import_id: ImportId, number: int, change: Callable[[Rows], Rows]
    ) -> Rows:
        key = keys.import_rows(account_id, import_id, number)
        item = self._table.get(key)
        before = codec.decode(Rows, item) if item else Rows(number=number)
        after = change(before)
        if after == before:
            return before
        stored = replace(after, version=before.version + 1)
        self._table.write(
            self._table.put(
                codec.encode(stored) | key | {"type": "IMPORT_ROWS"},
                condition="attribute_not_exists(PK) OR #version = :read",
                values={":read": before.version},
                names={"#version": "version"},
            )
        )
        return stored

    def parts(self, *, account_id: AccountId, import_id: ImportId, first: int = 1) -> Iterator[Rows]:
        values = {
            ":import": keys.import_partition(account_id, import_id),
            ":first": keys.import_rows(account_id, import_id, first)["SK"],
        }
        found = self._table.query_all("PK = :import AND SK >= :first", values, consistent=True)
        return (codec.decode(Rows, item) for item in found)


def _missing(import_id: ImportId) -> str:
    return f"there is no import {import_id}"


_: type[Imports] = DynamoDBImports  # the promises, checked by mypy
__: type[Results] = DynamoDBResults
