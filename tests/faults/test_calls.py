"""Faults between the functions and AWS, on the wire: after they stop, everything comes right by itself."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from infrastructure.local_cloud import faults
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.faults import Fault, answer_lost, cancelled, late, throttled, unavailable
from tests.faults.conftest import Lasting, Told
from tests.faults.month import Month
from tests.faults.proof import assert_that_all_is_well, converge

Play = Callable[..., None]


class Scenario(NamedTuple):
    """Faults, and whether they may leave a mail of which nobody knows whether it went out."""

    faults: Sequence[Fault]
    outage: bool = False
    unsure: int = 0


SCENARIOS = {
    "a throttled topic": Scenario([throttled("sns", "PublishBatch", code="Throttling").sometimes(0.6)]),
    "answers lost after transactions": Scenario(
        [answer_lost("dynamodb", "TransactWriteItems").sometimes(0.5)], unsure=100
    ),
    "transactions that commit after their function's time": Scenario(
        [
            late("dynamodb", "BatchGetItem", seconds=1.5).sometimes(0.7),
            late("dynamodb", "TransactWriteItems", seconds=4).sometimes(0.7),
        ],
        unsure=100,
    ),
    "cancelled transactions, some of them throttled": Scenario(
        [
            cancelled("TransactionConflict").sometimes(0.3),
            cancelled("None", "TransactionConflict", "ThrottlingError").sometimes(0.3),
            cancelled("ProvisionedThroughputExceeded", "TransactionConflict").sometimes(0.3),
        ],
        unsure=100,
    ),
    "a store that is down": Scenario([unavailable("dynamodb")], outage=True, unsure=100),
    "a mailer that refuses": Scenario([throttled("ses", code="Throttling")]),
    "a bucket that is down": Scenario([unavailable("s3")]),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_everything_comes_right_after(cloud: LocalCloud, lasting: Lasting, told: Told, name: str) -> None:
    scenario, before, month = SCENARIOS[name], len(faults.fired(cloud)), Month(cloud)

    with faults.breaking(cloud, *scenario.faults):
        month.play(lasting.outage if scenario.outage else lasting.faults)
    seconds = converge(month, within=lasting.converging)

    happened = len(faults.fired(cloud)) - before
    told.lines.append(f"{name}: {happened} faults, all right {seconds:.1f} s after the last")
    assert happened > 0
    assert_that_all_is_well(month, unsure=scenario.unsure)
