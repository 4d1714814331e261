"""A series of a year begins with the seller's own New Year, wherever that is, and its dates never descend."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.audit import audit_numbers
from domain.calendar import local_date
from domain.invoices import Invoice
from domain.invoicing import issue_invoice
from domain.numbers import Sequence, Taken, series_of
from tests.builders import ADA, a_client, a_work_entry, an_account
from tests.fakes import Store
from tests.world import World, in_memory

CLIENT = a_client(billing_starts_on=dt.date(2026, 9, 1))
LAST_EVENING = dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)


def issue(world: World, due_on: dt.date, now: dt.datetime) -> Invoice:
    """The invoice of a month, issued at an instant."""
    world.having(a_work_entry(f"{due_on:%Y%m%d}00000000", date=due_on - dt.timedelta(days=3)))
    [opened] = [each for each in world.tick(due_on).invoices if each.endswith(f"{due_on:%Y%m%d}")]
    return issue_invoice(
        opened,
        account_id=ADA,
        now=now,
        invoices=world.invoices,
        parties=world.parties,
        collecting=world.collecting,
        numbering=world.numbering,
    )


def a_world(**account: str) -> World:
    world = in_memory(Store()).having(an_account(**account), CLIENT)
    for due_on, now in (
        (dt.date(2026, 9, 30), dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC)),
        (dt.date(2026, 10, 31), dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)),
    ):
        issue(world, due_on, now)
    return world


@pytest.mark.parametrize(
    ("zone", "still_old", "already_new"),
    [
        ("Pacific/Kiritimati", "2026-12-31T09:59:59Z", "2026-12-31T10:00:00Z"),  # +14:00
        ("Pacific/Chatham", "2026-12-31T10:14:59Z", "2026-12-31T10:15:00Z"),  # +13:45 in summer
        ("Asia/Kathmandu", "2026-12-31T18:14:59Z", "2026-12-31T18:15:00Z"),  # +05:45
        ("Europe/Berlin", "2026-12-31T22:59:59Z", "2026-12-31T23:00:00Z"),
        ("UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ("America/St_Johns", "2027-01-01T03:29:59Z", "2027-01-01T03:30:00Z"),  # -03:30
        ("Pacific/Marquesas", "2027-01-01T09:29:59Z", "2027-01-01T09:30:00Z"),  # -09:30
        ("Pacific/Pago_Pago", "2027-01-01T10:59:59Z", "2027-01-01T11:00:00Z"),  # -11:00
    ],
)
def test_the_numbers_begin_anew_at_the_seller_s_own_midnight(
    zone: str, still_old: str, already_new: str
) -> None:
    world = a_world(time_zone=zone)

    old = issue(world, dt.date(2026, 11, 30), dt.datetime.fromisoformat(still_old))
    new = issue(world, dt.date(2026, 12, 31), dt.datetime.fromisoformat(already_new))

    assert (old.number, old.issued_on, old.time_zone) == ("2026-0003", dt.date(2026, 12, 31), zone)
    assert (new.number, new.issued_on, new.time_zone) == ("2027-0001", dt.date(2027, 1, 1), zone)
    assert audit_numbers(ADA, books=world.books()).findings == ()


def test_a_pattern_without_a_year_goes_on() -> None:
    world = a_world(number_pattern="R{seq}")

    new = issue(world, dt.date(2026, 11, 30), dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC))

    assert (new.number, new.issued_on) == ("R3", dt.date(2027, 1, 1))


def test_a_pattern_with_the_month_shows_it_and_begins_anew_by_the_year_only() -> None:
    world = a_world(number_pattern="{year}{month}-{seq:03}")

    december = issue(world, dt.date(2026, 11, 30), LAST_EVENING)
    january = issue(world, dt.date(2026, 12, 31), LAST_EVENING + dt.timedelta(days=1))

    numbers = [str(each.number) for each in reversed(world.invoices.list(account_id=ADA).items)]
    assert numbers == ["202609-001", "202610-002", "202612-003", "202701-001"]
    assert [december.number, january.number] == numbers[2:]
    assert audit_numbers(ADA, books=world.books()).findings == ()


def test_who_moves_west_over_new_year_dates_nothing_back_within_a_series() -> None:
    """Their day comes a second time, and so does their old year: its series goes on where it was."""
    world = a_world(time_zone="Pacific/Kiritimati")
    issue(world, dt.date(2026, 11, 30), LAST_EVENING)  # already 2027 there
    details = replace(an_account().details(), time_zone="Pacific/Pago_Pago")
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(details))

    back = issue(world, dt.date(2026, 12, 31), LAST_EVENING)

    assert (back.number, back.issued_on) == ("2026-0003", dt.date(2026, 12, 31))
    assert audit_numbers(ADA, books=world.books()).findings == ()


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [("{year}-{seq:04}", "2026-10000"), ("{seq:01}", "10000"), ("{seq}/{year}", "10000/2026")],
)
def test_after_9999_comes_10000(pattern: str, printed: str) -> None:
    before = Sequence(account_id=ADA, series="any", last=9_999, last_issued_on=dt.date(2026, 12, 1))

    taken = Taken.next_of(before, pattern=pattern, today=dt.date(2026, 12, 31))

    assert (taken.number, taken.after.last) == (printed, 10_000)


ZONES = st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "America/St_Johns"])
SECONDS = st.integers(0, 3 * 24 * 60 * 60)
BEGIN = dt.datetime(2026, 12, 30, tzinfo=dt.UTC)


@settings(max_examples=50, deadline=None)
@given(
    pattern=st.sampled_from(["{year}-{seq:04}", "{seq}", "{year}/{month}/{seq}"]),
    moments=st.lists(st.tuples(ZONES, SECONDS), min_size=1, max_size=12),
)
def test_whatever_the_clocks_and_zones_a_series_is_1_to_n_and_its_dates_never_descend(
    pattern: str, moments: list[tuple[str, int]]
) -> None:
    sequences: dict[str, Sequence] = {}
    given_numbers: dict[str, list[Taken]] = {}
    for zone, seconds in moments:
        now = BEGIN + dt.timedelta(seconds=seconds)
        today = local_date(now, zone)
        assert today == now.astimezone(ZoneInfo(zone)).date()
        series = series_of(pattern, today)
        before = sequences.get(series, Sequence(account_id=ADA, series=series))
        taken = Taken.next_of(before, pattern=pattern, today=today)
        sequences[series] = taken.after
        given_numbers.setdefault(series, []).append(taken)

    for numbers in given_numbers.values():
        assert [each.after.last for each in numbers] == list(range(1, len(numbers) + 1))
        assert all(after.issued_on >= before.issued_on for before, after in pairwise(numbers))
        if "{year}" in pattern:
            assert all(each.number.startswith(str(each.issued_on.year)) for each in numbers)
    printed = [each.number for numbers in given_numbers.values() for each in numbers]
    assert len(set(printed)) == len(printed)
