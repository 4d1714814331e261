"""A number as part of the transaction that stores its document, whatever kind of document that is.

SEQUENCE moved on, if as read · NUMBER put if absent
"""

from collections.abc import Mapping

from domain.numbers import Sequence, Taken
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.table import Action, Table


def given(table: Table, taken: Taken, *, document: Mapping[str, str]) -> tuple[Action, Action]:
    """The actions that give the number; *document* says whose it is, such as its `invoice_id`."""
    return _counted(table, taken.before, taken.after), _number(table, taken, document)


def _counted(table: Table, before: Sequence, after: Sequence) -> Action:
    key = keys.sequence(after.account_id, after.series) | keys.indexes_of_sequence(after)
    item = codec.encode(after) | key | {"type": "SEQUENCE"}
    if not before.last:
        return table.put(item, condition="attribute_not_exists(PK)")
    return table.put(
        item,
        condition="#last = :last",
        values={":last": before.last},
        names={"#last": "last"},
    )


def _number(table: Table, taken: Taken, document: Mapping[str, str]) -> Action:
    key = keys.number(taken.after.account_id, taken.after.series, taken.after.last)
    told = {
        "number": taken.number,
        "issued_on": str(taken.issued_on),
        "content_sha256": taken.content_sha256,
        "chain_sha256": taken.chain_sha256,
    }
    item = key | told | dict(document) | {"type": "NUMBER"}
    return table.put(item, condition="attribute_not_exists(PK)")
