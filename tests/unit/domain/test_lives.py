"""Whatever becomes of a client, the audit finds nothing wrong with its periods and invoice days."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import BillingPeriod
from domain.clients import Client
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.lived import bill, count, proof_of
from tests.world import NOON, in_memory

Turn: TypeAlias = Callable[[Client, dt.date], Client]

FIRST = dt.date(2026, 10, 1)
AFTERNOON = dt.timedelta(hours=2)


def changed(**details: Any) -> Turn:
    return lambda client, _: client.changed(replace(client.details(), **details))


turns = st.one_of(
    st.sampled_from(
        [
            lambda client, today: client.paused(dt.datetime.combine(today, NOON)),
            lambda client, today: client.resumed(today),
            lambda client, today: client.archived(dt.datetime.combine(today, NOON)),
            lambda client, _: client.held(),
            lambda client, _: client if client.due_at is None else client.skipping(client.next_due_on),
            lambda client, _: client.skipping_none(),
            lambda client, today: client.changed(
                replace(client.details(), billing_ends_on=max(today, client.billing_starts_on))
            ),
            lambda client, _: client.changed(replace(client.details(), billing_ends_on=None)),
        ]
    ),
    st.sampled_from([1, 5, 15, 28, 30, 31, "last"]).map(lambda day: changed(invoice_day=day)),
    st.sampled_from(list(BillingPeriod)).map(lambda period: changed(billing_period=period)),
    st.dates(dt.date(2026, 7, 1), dt.date(2028, 6, 30)).map(
        lambda day: changed(billing_starts_on=day, billing_ends_on=None)
    ),
)
lives = st.lists(st.tuples(st.integers(1, 45), turns, st.booleans()), max_size=20)


@given(life=lives)
def test_no_life_of_a_client_leaves_a_gap_or_another_invoice_day(
    life: Sequence[tuple[int, Turn, bool]],
) -> None:
    store, today = Store(), FIRST
    world = in_memory(store).having(an_account(), a_client())

    for number, (days, turn, works) in enumerate(life):
        today += dt.timedelta(days=days)
        world.clients.update(
            account_id=ADA,
            client_id=ACME,
            change=lambda client, turn=turn, today=today: turn(client, today),  # type: ignore[misc] # a default
        )
        if works:
            world.having(a_work_entry(f"{number:016}", date=today))
        bill(world, today)
        count(world)

        proof = proof_of(world, now=dt.datetime.combine(today, NOON) + AFTERNOON)
        assert (proof.findings, proof.failed) == ((), ())
