from importlib import import_module
from typing import Any

import pytest

from infrastructure.local_cloud.quick_keys import EVALUATES, holds, quick

DAY = {"PK": {"S": "a"}, "SK": {"S": "2026-10-15"}}
CONDITIONS = [
    "PK = :pk",
    "PK = :other",
    "PK = :pk AND begins_with(SK, :month)",
    "PK = :pk AND begins_with(SK, :later)",
    *(f"PK = :pk AND SK {sign} {day}" for sign in ("<=", ">=") for day in (":month", ":day", ":later")),
    "PK = :pk AND SK BETWEEN :month AND :later",
    "PK = :pk AND SK BETWEEN :month AND :day",
    "PK = :pk AND SK BETWEEN :later AND :later",
]
VALUES = {
    name: {"S": text}
    for name, text in {
        ":pk": "a",
        ":other": "b",
        ":month": "2026-10",
        ":day": "2026-10-15",
        ":later": "2026-11",
    }.items()
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_key_condition_holds_where_ministack_says_so(condition: str) -> None:
    evaluate = getattr(import_module("ministack.services.dynamodb"), EVALUATES)

    expected = evaluate(condition, DAY, VALUES, {}, slot="KeyConditionExpression")

    assert holds(condition, DAY, VALUES) is expected


@pytest.mark.parametrize(
    ("condition", "slot"),
    [
        ("PK = :pk", "ConditionExpression"),
        ("PK = :pk AND #sk = :day", "KeyConditionExpression"),
        ("PK = :missing", "KeyConditionExpression"),
    ],
)
def test_what_is_of_another_form_is_left_to_ministack(condition: str, slot: str) -> None:
    def evaluate(*asked: Any, slot: str) -> Any:
        return asked, slot

    assert quick(evaluate)(condition, DAY, VALUES, {}, slot=slot) == ((condition, DAY, VALUES, {}), slot)
