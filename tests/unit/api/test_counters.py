import datetime as dt

from domain.counters import Contribution, keep_counters
from tests.builders import UMBRELLA, a_client, a_work_entry
from tests.gateway import User
from tests.problems import bad_query
from tests.world import World

NOTHING = dict.fromkeys(
    ("entries", "minutes", "billable", "unbilled", "invoices", "issued", "outstanding"), 0
)


def test_without_work_there_is_nothing_to_count(ada: User) -> None:
    response = ada.get("/v1/counters")

    assert (response.status, response.body) == (200, {"data": [], "has_more": False, "totals": []})


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
        "totals": [{"currency": "EUR", **both}, {"currency": "JPY", **free}],
    }


def test_counters_know_no_parameter(ada: User) -> None:
    response = ada.get("/v1/counters", month="2026-10")

    wrong = ("/month", "unknown-parameter", "is not a parameter here; there are none")
    assert (response.status, response.body) == (400, bad_query(wrong, at="/v1/counters"))
