import pytest

from domain.counters import Contribution, keep_counters
from tests.builders import ACME, UMBRELLA, a_client, a_work_entry
from tests.terminal import ME, Terminal
from tests.world import World

ACME_GMBH = a_client(account_id=ME)
MIDORI = a_client(account_id=ME, id=UMBRELLA, name="みどり文庫", currency="JPY")


@pytest.fixture
def counted(world: World) -> World:
    """An hour of work for each of two clients, counted."""
    work = [a_work_entry(client=ACME_GMBH), a_work_entry(client=MIDORI, minutes=90)]
    world.having(ACME_GMBH, MIDORI, *work)
    keep_counters(map(Contribution.of_work, work), counters=world.counters)
    return world


def test_shows_counters_by_client_and_month_and_their_sums(invoicely: Terminal, counted: World) -> None:
    rows = [line.split() for line in invoicely("counters", "show").lines[2:]]

    assert [row[:5] for row in rows] == [
        ["Acme", "GmbH", "2026-10", "1", "1:00"],
        ["みどり文庫", "2026-10", "1", "1:30", "150"],
        ["All", "in", "EUR", "1", "1:00"],
        ["All", "in", "JPY", "1", "1:30"],
    ]
    assert rows[0][5:7] == ["100.00", "EUR"]


def test_shows_one_client_s_counters(invoicely: Terminal, counted: World) -> None:
    plain = invoicely("counters", "show", "--client", "acme gmbh", "--json").json

    assert [counter["client_id"] for counter in plain["data"]] == [ACME]
    assert plain["totals"][0] | {"currency": "EUR", "minutes": 60} == plain["totals"][0]


def test_says_so_where_nothing_is_counted(invoicely: Terminal) -> None:
    shown, plain = invoicely("counters", "show"), invoicely("counters", "show", "--json").json

    assert (shown.code, shown.err) == (0, "Nothing is counted yet.\n")
    assert plain["data"] == []
