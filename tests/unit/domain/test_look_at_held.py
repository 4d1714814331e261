"""What is held for a rule of ours that was wrong goes out once the rule is mended, without anybody's help."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.clients import DueClient
from domain.held import LOOKED_AT_EVERY, look_at_held
from domain.identifiers import client_id
from domain.invoices import Invoice, State
from domain.opening import Opened
from domain.requirements import Missing, required
from domain.reviews import skip_invoice
from domain.tax import Tax
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, a_work_entry, an_account, an_invoice_id
from tests.fakes import Moment, Step, Store
from tests.invariants import check_history, check_invoices
from tests.turns import once
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
ONE_SECOND = dt.timedelta(seconds=1)
TAXED = {"tax": Tax(rate=Decimal(19))}
OCTOBERS = an_invoice_id()
Rule = Callable[..., tuple[Missing, ...]]


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Callable[[Rule], None]:
    """Deploys another rule about what the law wants."""
    return lambda rule: monkeypatch.setattr("domain.invoicing.required", rule)


def nothing(*_: object, **__: object) -> tuple[Missing, ...]:
    return ()


def another(*said: Any, **more: Any) -> tuple[Missing, ...]:
    return tuple(replace(each, code="another-name") for each in required(*said, **more))


def held(store: Store, *clients: str) -> World:
    """Each client's October is held, for the account has no tax id."""
    world = in_memory(store).having(an_account(tax_id=None))
    for each in clients or (ACME,):
        client = a_client(id=each, **TAXED)
        world.having(client, a_work_entry(client=client))
    for each in world.tick(OCTOBER_31).invoices:
        assert world.issue(each, client=a_client(), day=OCTOBER_31).state is State.HELD
    return world


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=OCTOBERS)


def test_it_goes_out_once_the_rule_is_mended(rule: Callable[[Rule], None]) -> None:
    store = Store()
    world = held(store)
    rule(nothing)

    looked_at = world.look_at_held(NOON)
    issued = world.issue(OCTOBERS, client=a_client(), day=OCTOBER_31)

    assert looked_at == Opened(let_go=(OCTOBERS,))
    assert (issued.state, issued.number, issued.missing) == (State.ISSUED, "2026-0001", ())
    assert world.look_at_held(NOON + LOOKED_AT_EVERY) == Opened()
    check_invoices(store)
    check_history(store)


def test_where_something_else_is_missing_now_the_list_says_so(rule: Callable[[Rule], None]) -> None:
    world = held(Store())
    rule(another)

    world.look_at_held(NOON)
    again = world.issue(OCTOBERS, client=a_client(), day=OCTOBER_31)

    assert (again.state, [each.code for each in again.missing]) == (State.HELD, ["another-name"])


def test_one_that_lacks_the_same_is_not_written_and_looked_at_a_day_later(
    rule: Callable[[Rule], None],
) -> None:
    store = Store()
    world = held(store)
    written = len(store.stream)
    tomorrow = NOON + LOOKED_AT_EVERY

    assert world.look_at_held(NOON) == Opened()
    rule(nothing)
    assert world.look_at_held(tomorrow - ONE_SECOND) == Opened()
    assert len(store.stream) == written
    assert world.look_at_held(tomorrow) == Opened(let_go=(OCTOBERS,))


def test_a_tick_looks_at_so_many_and_the_next_one_at_the_others(
    rule: Callable[[Rule], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = held(Store(), *(client_id(f"{number:016}") for number in range(5)))
    monkeypatch.setattr("domain.held.MOST_LOOKED_AT", 2)
    rule(nothing)

    let_go = [len(world.look_at_held(NOON).let_go) for _ in range(4)]

    assert let_go == [2, 2, 1, 0]


def test_a_tick_of_one_account_or_client_looks_at_theirs_only(rule: Callable[[Rule], None]) -> None:
    world = held(Store())
    rule(nothing)

    def look(**of: Any) -> Opened:
        return look_at_held(
            NOON, held=world.held_invoices, invoices=world.invoices, parties=world.parties, **of
        )

    assert look(account_id=BOB) == look(client_id=UMBRELLA) == Opened()
    assert look(account_id=ADA, client_id=ACME) == Opened(let_go=(OCTOBERS,))


def test_one_that_fails_is_told_holds_up_no_other_and_is_looked_at_a_day_later(
    rule: Callable[[Rule], None],
) -> None:
    store = Store()
    world = held(store, ACME, UMBRELLA)
    broken = ConnectionError()

    def fails(*_: object, buyer: Any, **__: object) -> tuple[Missing, ...]:
        if buyer.id == ACME:
            raise broken
        return ()

    rule(fails)

    looked_at = world.look_at_held(NOON)

    since = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
    failed = DueClient(account_id=ADA, client_id=ACME, due_at=since)
    assert looked_at == Opened(let_go=(an_invoice_id(UMBRELLA),), failed=((failed, broken),))
    assert world.look_at_held(NOON) == Opened()


@pytest.mark.parametrize("call", ["held.look_later", "held.let_go"])
def test_what_a_person_skips_at_this_moment_is_left_alone(call: str, rule: Callable[[Rule], None]) -> None:
    store = Store()
    world = held(store)
    rule(nothing)

    def skip() -> None:
        skip_invoice(OCTOBERS, account_id=ADA, invoices=world.invoices, reviews=world.reviews)

    once(store, Step(call, Moment.BEFORE, commits=True), skip)

    assert world.look_at_held(NOON) == Opened()
    assert stored(world).state is State.SKIPPED


def test_what_was_skipped_after_it_was_put_off_is_left_alone(rule: Callable[[Rule], None]) -> None:
    store = Store()
    world = held(store)
    rule(another)

    def skip() -> None:
        skip_invoice(OCTOBERS, account_id=ADA, invoices=world.invoices, reviews=world.reviews)

    once(store, Step("held.look_later", Moment.AFTER, commits=True), skip)

    assert world.look_at_held(NOON) == Opened()
    assert stored(world).state is State.SKIPPED
    assert "held.let_go" not in store.calls
