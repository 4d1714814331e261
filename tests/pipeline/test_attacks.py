"""What a hostile client sends, over the real adapters: nobody gets into the keys of the table."""

import json

import pytest

from handlers.api.routes import operations
from infrastructure import aws
from tests.belongings import NAMED, kind_of
from tests.data_stack import TABLE
from tests.pipeline.people import ADAS, BOB, BOBS
from tests.strange import ids_that_are_none

pytestmark = pytest.mark.usefixtures("belongings", "clock")

NAMING = [operation.route for operation in operations() if "{" in operation.path]


@pytest.mark.parametrize("route", NAMING)
def test_what_is_no_id_is_not_found_and_writes_nothing(route: str) -> None:
    method, path = route.split()
    own, other = BOBS.ids[kind_of(path)], ADAS.ids[kind_of(path)]
    body, before = json.dumps(BOBS.example(route)), stored()

    for each in (*ids_that_are_none(own, other), *(ADAS.ids[kind] for kind in ADAS.ids)):
        response = BOB.ask(method, each.join(NAMED.split(path)), body)
        assert response.status in {404, 405}, each[:100]

    assert stored() == before


def stored() -> list[object]:
    """All that lies in the table but for how much was asked."""
    items = aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    return [item for item in items if item["type"]["S"] != "RATE"]
