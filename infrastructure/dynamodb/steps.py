"""What the steps of invoices and credit notes have in common: parts of an item changed, and races lost."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from domain.invoices import InvoiceMovedError
from infrastructure.dynamodb.errors import LostConditionError, StoreConflictError, StoreThrottledError
from infrastructure.dynamodb.keys import Key
from infrastructure.dynamodb.table import Action, Table
from infrastructure.retrying import retrying

NAMES = {"#version": "version", "#state": "state"}

paced = retrying(StoreThrottledError, attempts=12)
"""For steps of which many follow each other: each takes hundreds of the 1,000 write units that a client's
partition has each second. A throttled step waits five seconds in all, and is possible again after one.
"""


def stamped(table: Table, key: Key, expression: str, condition: str, values: Mapping[str, object]) -> Action:
    """The action that changes parts of an item, which says since when and why; `SET` comes last in it."""
    stamp = table.stamp()
    values = dict(values) | {":at": stamp["updated_at"]}
    if "correlation_id" in stamp:
        expression += ", correlation_id = :why"
        values |= {":why": stamp["correlation_id"]}
    names = {name: field for name, field in NAMES.items() if name in expression + condition}
    return table.update(key, expression, condition=condition, values=values, names=names)


@contextmanager
def lost(message: str) -> Iterator[None]:
    """A condition that did not hold, or another transaction on the same items, as a move of somebody else."""
    try:
        yield
    except (LostConditionError, StoreConflictError) as error:
        raise InvoiceMovedError(message) from error
