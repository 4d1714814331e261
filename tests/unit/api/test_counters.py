import datetime as dt

from domain.counters import Contribution, keep_counters
from domain.identifiers import client_id
from tests.builders import UMBRELLA, a_client, a_work_entry
from tests.gateway import User
from tests.problems import bad_query
from tests.world import World

NOTHING = dict.fromkeys(
    ("entries", "minutes", "billable", "unbilled", "invoices", "issued", "paid", "outstanding", "credited"),
    0,
)


def test_without_work_there_is_nothing_to_count(ada: User) -> None:
    counters, totals = ada.get("/v1/counters"), ada.get("/v1/totals")

    assert (counters.status, counters.body) == (200, {"data": [], "has_more": False})
    assert (totals.status, totals.body) == (200, {"totals": []})


def test_work_is_counted_by_client_and_month_and_summed_by_currency(world: World, ada: User) -> None:
    acme = a_client(account_id=ada.account_id)
    umbrella = a_client(id=UMBRELLA, account_id=ada.account_id, currency="JPY")
    work = (
        a_work_entry("work000000000001", client=acme, minutes=60),
        a_work_entry("work000000000002", client=acme, minutes=30, date=dt.date(2026, 11, 1)),
        a_work_entry("work000000000003", client=umbrella, minutes=60, billable=False),
    )
    keep_counters(map(Contribution.of_work, work), counters=world.counters)

    hour = NOTHING | {"entries": 1, "minutes": 60, "billable": 10000, "unbilled": 10000}
    half = NOTHING | {"entries": 1, "minutes": 30, "billable": 5000, "unbilled": 5000}
    both = NOTHING | {"entries": 2, "minutes": 90, "billable": 15000, "unbilled": 15000}
    free = NOTHING | {"entries": 1, "minutes": 60}
    assert ada.get("/v1/counters").body == {
        "data": [
            {
                "client_id": acme.id,
                "currency": "EUR",
                "total": both,
                "months": {"2026-10": hour, "2026-11": half},
            },
            {"client_id": umbrella.id, "currency": "JPY", "total": free, "months": {"2026-10": free}},
        ],
        "has_more": False,
    }
    assert ada.get("/v1/totals").body == {
        "totals": [{"currency": "EUR", **both}, {"currency": "JPY", **free}]
    }


def test_counters_come_a_page_at_a_time(world: World, ada: User) -> None:
    clients = [a_client(id=client_id(f"{number:016}"), account_id=ada.account_id) for number in range(3)]
    work = [a_work_entry(client=client) for client in clients]
    keep_counters(map(Contribution.of_work, work), counters=world.counters)

    first = ada.get("/v1/counters", limit=2)
    rest = ada.get("/v1/counters", limit=2, cursor=first.body["next_cursor"])

    seen = [counter["client_id"] for counter in first.body["data"] + rest.body["data"]]
    assert seen == [client.id for client in clients]
    assert (first.body["has_more"], rest.body["has_more"]) == (True, False)


def test_counters_know_no_month_and_totals_no_parameter(ada: User) -> None:
    counters, totals = ada.get("/v1/counters", month="2026-10"), ada.get("/v1/totals", limit=1)

    wrong = ("/month", "unknown-parameter", "is not a parameter here; known are limit, cursor")
    assert (counters.status, counters.body) == (400, bad_query(wrong, at="/v1/counters"))
    wrong = ("/limit", "unknown-parameter", "is not a parameter here; there are none")
    assert (totals.status, totals.body) == (400, bad_query(wrong, at="/v1/totals"))
