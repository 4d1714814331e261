"""Makes moto quick enough for hundreds of tests, and its transactions for tables of more than a few items.

Each new session of botocore reads the descriptions of its services anew, which takes a fifth of a second;
here all share what was read. Attribute values are JSON already, but moto tries ten names on each of them,
which takes longer than all the rest.

To be able to undo a transaction, moto copies the whole table for each of its actions: 100 actions on 1,000
items take a minute. Here a copy is made once for each state, and shares what no transaction of ours changes
in place. It needs a table with a stream, which tells one state from the next.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader
from moto.core.model import StructureShape
from moto.core.serialize import JSONSerializer
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict
from moto.dynamodb.models.table import Table


@contextmanager
def quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", _loader)
        patch.setattr(Table, "__deepcopy__", _copied, raising=False)
        patch.setattr(JSONSerializer, "_serialize_type_structure", _serialized)
        yield


_loader = cache(create_loader)
_as_moto_serializes = JSONSerializer._serialize_type_structure


def _serialized(
    serializer: JSONSerializer, serialized: dict[str, Any], value: object, shape: StructureShape, key: str
) -> None:
    if shape.name == "AttributeValue":
        serialized[key] = value
    else:
        _as_moto_serializes(serializer, serialized, value, shape, key)


def _copied(table: Table, _memo: dict[int, object]) -> Table:
    """The table as of now; the same copy again while nothing was written."""
    assert table.stream_shard is not None
    state = len(table.stream_shard.items)
    known: tuple[int, Table] | None = vars(table).get("_copy")
    if known and known[0] == state:
        return known[1]
    new = copied(table)
    vars(table)["_copy"] = state, new
    return new


def copied(table: Table) -> Table:
    """A table of its own with the same items."""
    assert table.stream_shard is not None
    new = copy.copy(table)
    vars(new).pop("_copy", None)
    new.items = defaultdict(dict)
    for pk, items in table.items.items():
        new.items[pk] = {sk: _shared(item) for sk, item in items.items()}
    new.stream_shard = copy.copy(table.stream_shard)
    new.stream_shard.items, new.stream_shard.table = list(table.stream_shard.items), new
    return new


def _shared(item: Item) -> Item:
    """An item of its own with the same attributes: they are replaced, and never changed in place."""
    new = copy.copy(item)
    new.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(new.attrs, item.attrs)  # past the check of the size, which moto makes for each attribute
    return new
