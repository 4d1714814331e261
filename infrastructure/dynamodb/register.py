"""The numbers that were given: each series is a partition, and GSI1 lists the series of an account."""

from collections.abc import Sequence as Many

from domain.identifiers import AccountId
from domain.register import Given, Register
from infrastructure import codec
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.table import Table


class DynamoDBRegister:
    """Implements `domain.register.Register`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def series(self, *, account_id: AccountId) -> Many[str]:
        values = {":account": keys.series_of_account(account_id)}
        return [item["series"] for item in self._table.query_all("GSI1PK = :account", values, index="GSI1")]

    def given(self, *, account_id: AccountId, series: str) -> Many[Given]:
        values = {":series": keys.sequence(account_id, series)["PK"], ":numbers": keys.NUMBERS}
        condition = "PK = :series AND begins_with(SK, :numbers)"
        found = self._table.query_all(condition, values, consistent=True)
        return [
            codec.decode(Given, item | {"value": int(item["SK"].removeprefix(keys.NUMBERS))})
            for item in found
        ]


_: type[Register] = DynamoDBRegister  # the promise, checked by mypy
