import datetime as dt

import pytest

from domain.errors import InvalidError
from domain.outcomes import MOST_CLIENTS, ForeseenRun, compare_clients
from domain.previewing import Changed, Foreseeing, ForeseenClient, Outcome, preview_clients
from tests.builders import ACME, ADA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.world import in_memory

OCTOBER_31 = dt.date(2026, 10, 31)


def test_no_more_clients_are_compared_at_once_than_a_page_has() -> None:
    clients = (ForeseenClient(client_id=ACME),) * (MOST_CLIENTS + 1)

    with pytest.raises(InvalidError) as caught:
        ForeseenRun(as_of=OCTOBER_31, clients=clients)

    assert [(each.pointer, each.code) for each in caught.value.problems] == [("/clients", "too-many")]
    assert len(ForeseenRun(as_of=OCTOBER_31, clients=clients[1:]).clients) == MOST_CLIENTS


def test_what_came_on_an_invoice_that_was_to_be_over_nothing_is_told_line_by_line() -> None:
    world = in_memory(Store()).having(an_account(), a_client())
    reading = Foreseeing(
        seller=an_account(),
        clients=world.clients,
        invoices=world.invoices,
        collecting=world.collecting,
        known=world.known_work,
    )
    page = preview_clients(OCTOBER_31, reading=reading, limit=10, cursor=None)
    world.having(a_work_entry())
    world.issue_all(world.tick(OCTOBER_31).invoices, client=a_client(), day=OCTOBER_31)

    [difference] = compare_clients(
        ForeseenRun(as_of=OCTOBER_31, clients=page.items),
        account_id=ADA,
        clients=world.clients,
        invoices=world.invoices,
    )

    assert difference.outcome is Outcome.DIFFERS
    assert Changed(what=a_work_entry().id, actual="10000") in difference.changed
