import datetime as dt
from dataclasses import replace

import pytest

from domain.calendar import BillingPeriod
from domain.clients import Client
from domain.errors import InvalidError
from domain.schedule import MOST_MONTHS, Planned, Schedule, explain_schedule
from tests.builders import ACME, a_client
from tests.fakes import Store
from tests.world import in_memory

NOW = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)


def explained(client: Client, *, months: int = 24, now: dt.datetime = NOW) -> Schedule:
    return explain_schedule(client, months=months, now=now)


def test_it_says_the_day_the_instant_the_period_and_why() -> None:
    schedule = explained(a_client(), months=1)

    assert schedule == Schedule(
        client_id=ACME,
        until=dt.date(2026, 11, 20),
        days=(
            Planned(
                due_on=dt.date(2026, 10, 31),
                due_at=dt.datetime(2026, 10, 31, 7, tzinfo=dt.UTC),
                period_start=dt.date(2026, 10, 1),
                period_end=dt.date(2026, 10, 31),
                reasons=(
                    "day 31 of the month",
                    "08:00 in Europe/Berlin (UTC+0100) is 07:00 UTC",
                    "billing starts on 2026-10-01",
                    "up to the day before the invoice day",
                ),
            ),
        ),
        remarks=(),
    )


def test_what_it_says_is_what_the_ticks_do() -> None:
    client = a_client(billing_starts_on=dt.date(2026, 10, 10), invoice_day=30)
    world = in_memory(Store()).having(client)
    schedule = explained(client)

    for planned in schedule.days:
        (opened,) = world.tick(planned.due_on).invoices
        invoice = world.invoices.get(account_id=client.account_id, invoice_id=opened)
        assert (invoice.due_on, invoice.period_start, invoice.period_end) == (
            planned.due_on,
            planned.period_start,
            planned.period_end,
        )

    assert [each.due_on.month for each in schedule.days] == [10, 11, 12, *range(1, 13), *range(1, 10)]


def told(client: Client, day: str, *, now: dt.datetime = NOW) -> tuple[str, ...]:
    """Why there is an invoice on that day."""
    days = {str(planned.due_on): planned for planned in explained(client, now=now).days}
    return days[day].reasons


def test_a_short_month_is_told() -> None:
    assert told(a_client(), "2027-02-28")[0] == "day 31, but February 2027 has 28 days"
    assert told(a_client(invoice_day="last"), "2027-02-28")[0] == "the last day of February 2027"


def test_a_day_on_which_the_clocks_are_changed_is_told() -> None:
    client = a_client(invoice_day=28)

    assert told(client, "2027-03-28")[1] == (
        "08:00 in Europe/Berlin (UTC+0200) is 06:00 UTC; the clocks are changed that day"
    )
    assert told(client, "2027-04-28")[1] == "08:00 in Europe/Berlin (UTC+0200) is 06:00 UTC"


def test_days_that_have_their_invoice_and_the_kind_of_period_are_told() -> None:
    client = a_client(invoice_day=5, billing_period=BillingPeriod.PREVIOUS_MONTH).after_invoice_day()

    assert told(client, "2026-12-05")[2:] == (
        "all days up to 2026-10-31 have their invoice",
        "up to the end of the month before December",
    )


def test_a_skipped_day_is_told_and_is_no_day() -> None:
    client = a_client().skipping(dt.date(2026, 10, 31))

    assert told(client, "2026-11-30")[-1] == "2026-10-31 is skipped, and its work comes here"
    assert "2026-10-31" not in {str(each.due_on) for each in explained(client).days}
    assert "skipped" not in " ".join(told(client, "2026-12-31"))


def test_a_pause_is_told_with_the_invoice_that_takes_it_along() -> None:
    client = a_client().after_invoice_day().paused(NOW).resumed(dt.date(2027, 1, 5))

    assert told(client, "2027-01-31")[-1] == "no invoice was made in the pause up to 2027-01-05"
    assert "pause" not in " ".join(told(client, "2027-02-28"))


def test_what_is_due_already_is_told() -> None:
    late = dt.datetime(2026, 10, 31, 7, tzinfo=dt.UTC)

    assert told(a_client(), "2026-10-31", now=late)[-1].startswith("it is due already")
    assert len(told(a_client(), "2026-10-31", now=late - dt.timedelta(seconds=1))) == 4


def test_the_end_of_billing_ends_it() -> None:
    client = a_client(billing_ends_on=dt.date(2026, 12, 10))

    schedule = explained(client)

    assert [str(each.due_on) for each in schedule.days] == ["2026-10-31", "2026-11-30", "2026-12-31"]
    assert (schedule.days[-1].last_day, schedule.days[-1].reasons[-1]) == (
        dt.date(2026, 12, 10),
        "billing ends on 2026-12-10: the last one",
    )
    assert schedule.remarks == (
        "billing ends on 2026-12-10: what is typed in after the last invoice is billed by hand",
    )


def test_after_the_end_there_is_nothing_to_come() -> None:
    client = replace(a_client(billing_ends_on=dt.date(2026, 10, 10)), billed_until=dt.date(2026, 10, 11))

    assert (explained(client).days, explained(client).remarks) == (
        (),
        ("billing ended on 2026-10-10: no invoice is made by itself any more",),
    )


def test_a_client_that_is_not_invoiced_now_says_so() -> None:
    paused, held, archived = (
        explained(client) for client in (a_client().paused(NOW), a_client().held(), a_client().archived(NOW))
    )

    assert [each.remarks[0].split(":")[0] for each in (paused, held, archived)] == [
        "it is paused",
        "it fell too far behind and is held",
        "it is archived",
    ]
    assert (str(paused.days[0].due_on), str(held.days[0].due_on), archived.days) == (
        "2026-10-31",
        "2026-10-31",
        (),
    )


@pytest.mark.parametrize(("months", "until"), [(1, "2027-02-28"), (12, "2028-01-31"), (13, "2028-02-29")])
def test_it_looks_ahead_to_the_same_day_of_another_month(months: int, until: str) -> None:
    january = dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)

    assert str(explained(a_client(), months=months, now=january).until) == until


@pytest.mark.parametrize("months", [0, MOST_MONTHS + 1])
def test_it_looks_not_further_than_anybody_plans(months: int) -> None:
    with pytest.raises(InvalidError):
        explained(a_client(), months=months)
