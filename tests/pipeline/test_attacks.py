"""What a hostile client sends, over the real adapters: nobody gets into the keys of the table."""

import json

import pytest

from handlers.api.routes import OPERATIONS
from infrastructure import aws
from tests.belongings import NAMED, Belongings, kind_of
from tests.contract.tables import over
from tests.data_stack import TABLE
from tests.pipeline.people import ADA, BOB
from tests.strange import ids_that_are_none

pytestmark = pytest.mark.usefixtures("clock")

ADAS, BOBS = Belongings("adas"), Belongings("bobs")
NAMING = [operation.route for operation in OPERATIONS if "{" in operation.path]


@pytest.mark.parametrize("route", NAMING)
def test_what_is_no_id_is_not_found_and_writes_nothing(route: str) -> None:
    world = over(aws.client("dynamodb"))
    ADAS.put(world, ADA.account_id)
    BOBS.put(world, BOB.account_id)
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
