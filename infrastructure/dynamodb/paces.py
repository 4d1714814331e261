"""The pace of each queue's retries in the single table."""

from domain.pace import Pace, Paces
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.table import Table


class DynamoDBPaces:
    """Implements `domain.pace.Paces`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, *, queue: str) -> Pace:
        item = self._table.get(keys.pace(queue))
        return codec.decode(Pace, item) if item else Pace(queue=queue)

    def put(self, *, pace: Pace) -> None:
        self._table.write(self._table.put(codec.encode(pace) | keys.pace(pace.queue) | {"type": "PACE"}))


_: type[Paces] = DynamoDBPaces  # the promise, checked by mypy
