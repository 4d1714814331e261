"""The audit knows why an invoice is held, and finds one that nothing wakes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.proof import GRACE, Code, Finding
from domain.requirements import Missing
from tests.builders import ADA, a_client, a_failure, a_work_entry, an_account, an_invoice_id
from tests.fakes import Store
from tests.lived import OCTOBER_31, count, proof_of
from tests.unit.domain.test_reopening import VAT
from tests.world import World, in_memory

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
TOMORROW = NOON + dt.timedelta(days=1)
LATE = TOMORROW + GRACE + dt.timedelta(seconds=1)
OCTOBERS = an_invoice_id()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    """October's invoice is held, and was looked at at noon."""
    client = a_client(tax=VAT)
    world = in_memory(store).having(an_account(tax_id=None), client, a_work_entry(client=client))
    world.issue_all(world.tick(OCTOBER_31).invoices, client=client, day=OCTOBER_31)
    world.look_at_held(NOON)
    count(world)
    return world


@pytest.fixture
def mend(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Deploys a rule by which nothing is missing."""

    def required(*_: object, **__: object) -> tuple[Missing, ...]:
        return ()

    return lambda: monkeypatch.setattr("domain.invoicing.required", required)


def findings(world: World, now: dt.datetime) -> list[Finding]:
    return list(proof_of(world, now=now).findings)


def test_an_invoice_that_lacks_something_may_wait(world: World) -> None:
    assert findings(world, LATE) == []


def test_one_that_lacks_nothing_is_found_once_the_look_at_it_is_late(
    world: World, mend: Callable[[], None]
) -> None:
    mend()
    assert findings(world, TOMORROW + GRACE) == []

    [finding] = findings(world, LATE)

    assert (finding.code, finding.subject) == (Code.HELD_AND_FORGOTTEN, OCTOBERS)
    assert "lacks nothing; invoicely events republish --client" in finding.told


def test_one_that_nothing_wakes_is_found_at_once(world: World, store: Store) -> None:
    store.looks[ADA, OCTOBERS] = None

    [finding] = findings(world, NOON)

    assert (finding.code, finding.subject) == (Code.HELD_AND_FORGOTTEN, OCTOBERS)
    assert f"nothing wakes it; invoicely invoices review {OCTOBERS} skip" in finding.told


def test_one_whose_failure_is_known_is_failing(world: World, store: Store, mend: Callable[[], None]) -> None:
    mend()
    version = world.invoices.get(account_id=ADA, invoice_id=OCTOBERS).version
    body = f'{{"data":{{"id":"{OCTOBERS}","version":{version}}}}}'
    failure = a_failure(queue="invoicing", body=body)
    store.failures[failure.id] = replace(failure)

    proof = proof_of(world, now=LATE)

    assert (proof.findings, proof.failing) == ((), 1)
