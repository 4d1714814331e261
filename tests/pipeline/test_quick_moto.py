"""That moto, made quick, still undoes what a transaction did before it failed."""

import pytest

from infrastructure import wiring
from infrastructure.dynamodb.errors import LostConditionError


def test_a_transaction_that_fails_leaves_nothing_behind() -> None:
    table = wiring.table()
    one, other = {"PK": "a", "SK": "1", "n": 1}, {"PK": "a", "SK": "2", "n": 2}
    table.write(table.put(one, condition="attribute_not_exists(PK)"))
    table.write(table.put(other, condition="attribute_not_exists(PK)"))

    for _ in range(2):
        with pytest.raises(LostConditionError):
            table.write(
                table.update({"PK": "a", "SK": "1"}, "ADD n :more", condition=None, values={":more": 5}),
                table.put({"PK": "a", "SK": "2"}, condition="n = :n", values={":n": 2}),
                table.put({"PK": "a", "SK": "3"}, condition="attribute_not_exists(PK)"),
                table.put({"PK": "a", "SK": "4"}, condition="attribute_exists(PK)"),
            )

    found = table.query("PK = :a", {":a": "a"})
    assert found.items == (one, other)
