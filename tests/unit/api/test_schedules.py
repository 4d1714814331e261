import pytest

from domain.clients import Client
from tests.builders import a_client, a_work_entry, an_account
from tests.gateway import User
from tests.world import World

CLIENT = "/v1/clients/cli_acme000000000000"
SCHEDULE = f"{CLIENT}/schedule"


@pytest.fixture
def acme(world: World, ada: User) -> Client:
    """A client who is due on the 31st, with work of 5 October; today is the 28th."""
    client = a_client(account_id=ada.account_id)
    world.having(an_account(id=ada.account_id), client, a_work_entry(client=client))
    return client


def test_each_coming_invoice_is_explained(ada: User, acme: Client) -> None:
    response = ada.get(SCHEDULE, months="1")

    assert (response.status, response.body) == (
        200,
        {
            "client_id": acme.id,
            "until": "2026-11-28",
            "days": [
                {
                    "due_on": "2026-10-31",
                    "due_at": "2026-10-31T07:00:00Z",
                    "period_start": "2026-10-01",
                    "period_end": "2026-10-31",
                    "reasons": [
                        "day 31 of the month",
                        "08:00 in Europe/Berlin (UTC+0100) is 07:00 UTC",
                        "billing starts on 2026-10-01",
                        "up to the day before the invoice day",
                    ],
                }
            ],
            "remarks": [],
        },
    )


def test_a_year_is_explained_where_nothing_is_said(ada: User, acme: Client) -> None:
    assert len(ada.get(SCHEDULE).body["days"]) == 12


@pytest.mark.parametrize("months", ["0", "61", "-1", "1.5", "²", "", "9" * 100])
def test_too_far_ahead_is_refused(ada: User, acme: Client, months: str) -> None:
    response = ada.get(SCHEDULE, months=months)

    assert (response.status, response.body["title"]) == (400, "Bad query")
    assert response.body["errors"][0]["message"] == "must be a number from 1 to 60"


def test_the_next_invoice_day_is_skipped_and_not_skipped_after_all(ada: User, acme: Client) -> None:
    skipped = ada.patch(CLIENT, {"skipped_on": "2026-10-31"}).body
    again = ada.patch(CLIENT, {"skipped_on": "2026-10-31"}).body
    undone = ada.patch(CLIENT, {"skipped_on": None}).body

    assert (skipped["skipped_on"], skipped["next_due_on"]) == ("2026-10-31", "2026-11-30")
    assert again == skipped
    assert ("skipped_on" in undone, undone["next_due_on"]) == (False, "2026-10-31")


def test_a_day_that_is_not_the_next_one_is_not_skipped(ada: User, acme: Client) -> None:
    response = ada.patch(CLIENT, {"skipped_on": "2026-11-30"})

    assert (response.status, response.body["title"]) == (409, "Not the next invoice day")


@pytest.mark.parametrize("day", ["31 October", 5, True, {}, ["2026-10-31"]])
def test_what_is_no_day_is_not_skipped(ada: User, acme: Client, day: object) -> None:
    response = ada.patch(CLIENT, {"skipped_on": day})

    assert (response.status, [each["pointer"] for each in response.body["errors"]]) == (422, ["/skipped_on"])


def test_billing_does_not_start_behind_unbilled_work(ada: User, acme: Client) -> None:
    response = ada.patch(CLIENT, {"billing_starts_on": "2026-10-20"})

    assert (response.status, response.body["title"]) == (409, "Unbilled work before")
    assert ada.get(CLIENT).body["billing_starts_on"] == "2026-10-01"


def test_billing_that_has_ended_makes_the_client_due_no_more(world: World, ada: User, acme: Client) -> None:
    ada.patch(CLIENT, {"billing_ends_on": "2026-10-20"})
    world.clients.update(
        account_id=ada.account_id, client_id=acme.id, change=lambda client: client.after_invoice_day()
    )

    shown = ada.get(CLIENT).body

    assert (shown["billing_ends_on"], shown["billed_until"], "due_at" in shown) == (
        "2026-10-20",
        "2026-10-21",
        False,
    )


def test_a_retainer_is_agreed_on_and_shown_in_the_schedule(ada: User, acme: Client) -> None:
    support = {"key": "support", "description": "Support", "amount": "500", "first_month": "2026-11"}

    changed = ada.patch(CLIENT, {"retainers": [support]})

    assert (changed.status, changed.body["retainers"]) == (200, [support])
    assert ada.get(SCHEDULE).body["days"][1]["reasons"][-1] == (
        "retainer support of 2026-11, where no invoice has it yet"
    )


def test_what_is_wrong_with_a_retainer_is_told_where_it_is(ada: User, acme: Client) -> None:
    wrong = {"key": "support", "description": "", "amount": 500, "first_month": "2026-13", "share": "half"}

    response = ada.patch(CLIENT, {"retainers": [wrong]})

    assert response.status == 422
    assert {each["pointer"] for each in response.body["errors"]} >= {
        "/retainers/0/description",
        "/retainers/0/first_month",
        "/retainers/0/share",
    }
