import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.calendar import BillingPeriod, Period
from domain.clients import Client, ClientIsArchivedError, ClientStatus, CurrencyIsFixedError, add_client
from domain.errors import InvalidError
from domain.identifiers import client_id
from domain.parties import Address
from domain.tax import Tax
from tests.builders import ADA, BERLIN, a_client, ids, some_client_details
from tests.fakes import InMemoryClients


def moved(client: Client, invoice_day: int) -> Client:
    return client.changed(replace(client.details(), invoice_day=invoice_day))


def billed(*, until: str) -> Client:
    """A client whose invoice day is the 31st, after the invoice of that day."""
    client = a_client(invoice_day=31)
    while client.billed_until != day(until):
        client = client.after_invoice_day()
    return client


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_new_client_gets_its_first_invoice_after_billing_starts() -> None:
    clients = InMemoryClients()
    details = some_client_details(billing_starts_on=day("2026-10-31"), invoice_day=31)

    client = add_client(details, account_id=ADA, clients=clients, new_id=ids())

    assert client.id == client_id("0000000000000001")
    assert client.details() == details
    assert (client.next_due_on, client.status, client.version) == (day("2026-11-30"), ClientStatus.ACTIVE, 1)
    assert clients.get(account_id=ADA, client_id=client.id) == client


def test_a_request_that_comes_again_with_its_ids_adds_nothing_more() -> None:
    clients = InMemoryClients()
    first = add_client(some_client_details(), account_id=ADA, clients=clients, new_id=ids())
    paused = clients.update(account_id=ADA, client_id=first.id, change=Client.paused)

    again = add_client(some_client_details(), account_id=ADA, clients=clients, new_id=ids())

    assert (again, len(clients)) == (paused, 1)


def test_a_client_is_due_in_the_morning_where_it_lives() -> None:
    client = a_client(time_zone="Asia/Tokyo", next_due_on=day("2026-10-31"))

    assert client.due_at == dt.datetime(2026, 10, 30, 23, tzinfo=dt.UTC)


@pytest.mark.parametrize("status", [ClientStatus.PAUSED, ClientStatus.HELD, ClientStatus.ARCHIVED])
def test_a_client_that_is_not_active_is_never_due(status: ClientStatus) -> None:
    assert a_client(status=status).due_at is None


def test_the_period_reaches_from_the_last_invoice_day_to_the_next() -> None:
    client = billed(until="2026-10-31")

    assert client.next_period() == Period(day("2026-10-31"), day("2026-11-30"))


def test_the_period_is_the_month_before_where_the_client_is_set_so() -> None:
    client = a_client(billing_period=BillingPeriod.PREVIOUS_MONTH, next_due_on=day("2026-11-05"))

    assert client.next_period() == Period(day("2026-10-01"), day("2026-11-01"))


def test_an_invoice_day_that_is_moved_counts_from_the_last_invoice() -> None:
    client = moved(billed(until="2026-10-31"), 15)

    assert client.next_period() == Period(day("2026-10-31"), day("2026-11-15"))


def test_an_invoice_day_that_is_moved_back_and_forth_leaves_no_hole() -> None:
    client = billed(until="2026-10-31")

    back = moved(moved(client, 15), 31)

    assert back == client


def test_an_invoice_day_may_come_twice_in_the_month_in_which_it_is_moved() -> None:
    client = moved(moved(billed(until="2026-10-31"), 15).after_invoice_day(), 30)

    assert client.next_period() == Period(day("2026-11-15"), day("2026-11-30"))


def test_a_later_start_of_billing_moves_the_first_invoice_on() -> None:
    client = a_client(invoice_day=15, billing_starts_on=day("2026-10-01"))

    later = client.changed(some_client_details(invoice_day=15, billing_starts_on=day("2026-12-20")))

    assert later.next_period() == Period(day("2026-12-20"), day("2027-01-15"))


def test_other_changes_leave_the_next_invoice_day_alone() -> None:
    client = billed(until="2026-10-31")

    renamed = client.changed(replace(client.details(), name="Acme Ltd", hourly_rate=Decimal(120)))

    assert (renamed.name, renamed.hourly_rate) == ("Acme Ltd", Decimal(120))
    assert (renamed.billed_until, renamed.next_due_on) == (client.billed_until, client.next_due_on)


def test_another_zone_moves_only_the_hour() -> None:
    client = a_client(time_zone="Europe/Berlin", next_due_on=day("2026-10-31"))

    abroad = client.changed(some_client_details(time_zone="Pacific/Kiritimati"))

    assert abroad.next_due_on == client.next_due_on
    assert abroad.due_at == dt.datetime(2026, 10, 30, 18, tzinfo=dt.UTC)


def test_a_currency_cannot_change() -> None:
    with pytest.raises(CurrencyIsFixedError):
        a_client().changed(some_client_details(currency="USD"))


def resumed_after_half_a_year() -> Client:
    return billed(until="2026-10-31").paused().resumed(day("2027-06-10"))


def test_after_a_pause_the_next_invoice_day_is_the_first_and_takes_the_pause_along() -> None:
    client = resumed_after_half_a_year()

    assert client.status is ClientStatus.ACTIVE
    assert client.next_period() == Period(day("2026-10-31"), day("2027-06-30"))


def test_after_a_pause_a_moved_invoice_day_does_not_bring_the_missed_ones_back() -> None:
    client = moved(resumed_after_half_a_year(), 15)

    assert client.next_period() == Period(day("2026-10-31"), day("2027-06-15"))


def test_a_pause_within_one_period_moves_nothing() -> None:
    client = billed(until="2026-10-31")

    resumed = client.paused().resumed(day("2026-11-20"))

    assert (resumed.status, resumed.next_period()) == (client.status, client.next_period())


def test_a_client_resumed_on_its_invoice_day_is_invoiced_that_day() -> None:
    client = billed(until="2026-10-31").paused().resumed(day("2026-11-30"))

    assert client.next_due_on == day("2026-11-30")


@pytest.mark.parametrize("invoice_day", [5, 15, 31])
def test_another_billing_period_leaves_no_day_out_and_takes_none_twice(invoice_day: int) -> None:
    client = a_client(invoice_day=invoice_day, billing_starts_on=day("2026-10-01"))
    monthly = replace(client.details(), billing_period=BillingPeriod.PREVIOUS_MONTH)

    periods = []
    for details in (client.details(), monthly, client.details(), monthly):
        client = client.changed(details)
        periods.append(client.next_period())
        client = client.after_invoice_day()

    assert [period.start for period in periods[1:]] == [period.end for period in periods[:-1]]
    assert all(period.start < period.end for period in periods)


def test_another_billing_period_counts_at_once() -> None:
    """On 31 October the month before has no day to bill yet, so the first invoice comes a month later."""
    client = a_client(invoice_day=31, billing_starts_on=day("2026-10-10"))

    monthly = client.changed(replace(client.details(), billing_period=BillingPeriod.PREVIOUS_MONTH))

    assert monthly.next_due_on == day("2026-11-30")
    assert monthly.next_period() == Period(day("2026-10-10"), day("2026-11-01"))


def test_a_start_of_billing_that_was_mistyped_can_be_mended() -> None:
    client = a_client(invoice_day=15, billing_starts_on=day("2026-10-01"))

    mistyped = client.changed(replace(client.details(), billing_starts_on=day("2062-10-01")))

    assert mistyped.changed(client.details()) == client


def test_after_a_hold_the_client_goes_on_where_it_stopped() -> None:
    client = billed(until="2026-10-31")

    assert client.held().resumed(day("2027-10-20")) == client


def test_making_an_active_client_active_moves_nothing() -> None:
    client = billed(until="2026-10-31")

    assert client.resumed(day("2027-10-20")) == client


def test_an_archived_client_takes_no_work() -> None:
    with pytest.raises(ClientIsArchivedError):
        a_client().archived().ready_for_work()


@pytest.mark.parametrize("status", [ClientStatus.ACTIVE, ClientStatus.PAUSED, ClientStatus.HELD])
def test_every_other_client_takes_work(status: ClientStatus) -> None:
    a_client(status=status).ready_for_work()


@pytest.mark.parametrize("invoice_day", [0, 32, -1])
def test_an_invoice_day_is_a_day_of_some_month(invoice_day: int) -> None:
    with pytest.raises(InvalidError) as raised:
        some_client_details(invoice_day=invoice_day)

    assert [problem.pointer for problem in raised.value.problems] == ["/invoice_day"]


@pytest.mark.parametrize(
    ("field", "most"), [("hourly_rate", Decimal(1_000_000_000)), ("payment_terms_days", 365)]
)
def test_what_a_client_pays_and_when_has_a_bound(field: str, most: Decimal | int) -> None:
    some_client_details(**{field: most})

    with pytest.raises(InvalidError) as raised:
        some_client_details(**{field: most + 1})

    assert [(each.pointer, each.code) for each in raised.value.problems] == [(f"/{field}", "out-of-range")]


def test_all_that_is_wrong_with_a_client_is_told_at_once() -> None:
    with pytest.raises(InvalidError) as raised:
        some_client_details(
            name=" ",
            email="acme",
            hourly_rate=Decimal(-1),
            currency="XXX",
            time_zone="Berlin",
            payment_terms_days=-1,
            language="xx",
            billing_starts_on=day("0206-10-01"),
            invoice_day=32,
            tax_id="1" * 51,
        )

    assert [problem.pointer for problem in raised.value.problems] == [
        "/name",
        "/email",
        "/hourly_rate",
        "/currency",
        "/time_zone",
        "/payment_terms_days",
        "/language",
        "/billing_starts_on",
        "/invoice_day",
        "/tax_id",
    ]


@pytest.mark.parametrize("field", ["buyer_reference", "order_reference"])
def test_what_a_client_refers_to_has_a_hundred_characters_at_most(field: str) -> None:
    some_client_details(**{field: "0" * 100})

    for value, code in (("0" * 101, "too-long"), ("", "empty"), ("1\n2", "control-character")):
        with pytest.raises(InvalidError) as raised:
            some_client_details(**{field: value})

        assert [(each.pointer, each.code) for each in raised.value.problems] == [(f"/{field}", code)]


def test_an_address_and_a_tax_check_themselves() -> None:
    with pytest.raises(InvalidError) as address:
        Address(street="", city="", country="ZZ")
    with pytest.raises(InvalidError) as tax:
        Tax(name="", rate=Decimal("100.001"))

    assert [problem.pointer for problem in address.value.problems] == ["/street", "/city", "/country"]
    assert [problem.pointer for problem in tax.value.problems] == ["/name", "/rate"]


def test_a_buyer_is_what_stands_on_an_invoice() -> None:
    buyer = a_client(tax_id="FR12345678901").as_buyer()

    assert (buyer.name, buyer.tax_id, buyer.email) == ("Acme GmbH", "FR12345678901", "billing@acme.example")
    assert buyer.address == BERLIN
