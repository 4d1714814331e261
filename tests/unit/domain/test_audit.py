"""The audit finds each kind of fault, and nothing where there is none."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from itertools import count as count_from
from typing import Any

import pytest

from domain.audit import PARTS, audit_clients, audit_numbers, audit_part, verify_counters
from domain.clients import Client
from domain.counters import Contribution, Tally, keep_counters
from domain.delivery import Delivery, Progress
from domain.errors import NotFoundError
from domain.failures import State as FailureState
from domain.identifiers import AccountId, client_id, invoice_id
from domain.invoices import Invoice, State
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.proof import MOST_LOOKS, Code, Finding, Proof, confirmed
from domain.repair import rebuild_counter
from domain.timekeeping import edit_work
from domain.work import WorkEntry
from tests.builders import ACME, ADA, BOB, UMBRELLA, a_client, a_failure, a_work_entry, an_account, some_work
from tests.fakes import Moment, Step, Store
from tests.lived import (
    CLIENT,
    EARLY,
    LATE,
    LATER,
    NOVEMBER_30,
    OCTOBER_31,
    WORK,
    a_month,
    bill,
    codes,
    count,
    proof_of,
)
from tests.turns import once
from tests.world import World, in_memory

INVOICE = invoice_id(ACME, OCTOBER_31)
A_MONTH_LATER = LATE + dt.timedelta(days=30)
FIRST = (ADA, WORK[0].id)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def world(store: Store) -> World:
    return a_month(in_memory(store))


@pytest.fixture
def second(world: World) -> World:
    """A world in which November has gone by too."""
    world.having(*LATER)
    bill(world, NOVEMBER_30)
    count(world)
    return world


def put(store: Store, entity: Any, **changes: Any) -> None:
    """Change an entity by hand, behind the back of everything."""
    of_kind = store._entities[type(entity)]
    [key] = [key for key, stored in of_kind.items() if stored == entity]
    of_kind[key] = replace(entity, **changes)


def remove(store: Store, entity: Any) -> None:
    of_kind = store._entities[type(entity)]
    store._entities[type(entity)] = {key: stored for key, stored in of_kind.items() if stored != entity}


def invoice_of(store: Store, day: dt.date = OCTOBER_31) -> Invoice:
    return store.get(Invoice, ADA, invoice_id(ACME, day))


def fail(store: Store, queue: str, subject: str, version: int = 1) -> None:
    """Let an event about *subject* wait in the failure ledger."""
    failure = a_failure(queue=queue, body=f'{{"data":{{"id":"{subject}","version":{version}}}}}')
    store.failures[failure.id] = failure


def test_nothing_is_wrong_in_a_world_where_all_went_well(second: World) -> None:
    proof = proof_of(second, now=A_MONTH_LATER)

    assert (proof.findings, proof.failed) == ((), ())
    assert proof.counts == {
        "clients": 2,
        "entries": 7,
        "invoices": 4,
        "numbers": 2,
        "periods": 4,
        "empty": 2,
        "held": 0,
        "reviewing": 0,
        "pending": 0,
        "failing": 0,
    }


def test_a_client_that_is_held_has_its_period_with_a_person(world: World) -> None:
    world.clients.update(account_id=ADA, client_id=ACME, change=Client.held)

    proof = proof_of(world, now=A_MONTH_LATER + dt.timedelta(days=60))

    assert (proof.held, [each.code for each in proof.findings]) == (1, [Code.CLIENT_OVERDUE])
    assert proof.findings[0].subject == UMBRELLA


def test_billing_that_begins_later_leaves_a_gap_that_is_none(store: Store) -> None:
    world = a_month(in_memory(store))
    later = replace(CLIENT.details(), billing_starts_on=dt.date(2026, 11, 15))
    world.clients.update(account_id=ADA, client_id=ACME, change=lambda client: client.changed(later))

    bill(world, NOVEMBER_30)
    count(world)

    assert codes(world, now=A_MONTH_LATER) == []


def test_work_of_the_last_hour_that_is_not_counted_yet_is_pending(world: World) -> None:
    world.having(LATER[0])

    proof = proof_of(world, now=EARLY)

    assert (proof.pending, proof.findings) == (1, ())


def test_what_waits_in_the_failure_ledger_is_known(world: World, store: Store) -> None:
    world.having(LATER[0])
    fail(store, "counters", LATER[0].id)

    proof = proof_of(world, now=LATE)

    assert (proof.pending, proof.failing, proof.findings) == (0, 1, ())


@pytest.mark.parametrize(("minutes", "failing"), [(30, 2), (-30, 0)])
def test_what_the_stream_gave_up_after_it_was_written_is_known(
    world: World, store: Store, minutes: int, failing: int
) -> None:
    world.having(LATER[0])
    leave_unsent(store)
    batch = a_failure(
        queue="stream",
        account_id=None,
        body='{"bucket":"b","key":"k"}',
        first_at=dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes),
    )
    store.failures[batch.id] = batch

    proof = proof_of(world)

    assert (proof.failing, len(proof.findings)) == (failing, 2 - failing)


def test_what_was_given_up_there_is_not(world: World, store: Store) -> None:
    world.having(LATER[0])
    fail(store, "counters", LATER[0].id)
    store.failures = {
        each.id: replace(each, state=FailureState.DISCARDED) for each in store.failures.values()
    }

    assert codes(world) == [Code.CONTRIBUTION_MISSING]


@pytest.mark.parametrize(("queue", "version"), [("counters", 1), ("delivery", 2)])
def test_what_waits_for_another_queue_or_at_another_version_is_no_excuse(
    world: World, store: Store, queue: str, version: int
) -> None:
    world.having(replace(LATER[0], version=2))
    fail(store, queue, LATER[0].id, version)

    assert codes(world) == [Code.CONTRIBUTION_MISSING]


def test_a_failure_of_another_account_is_none_of_this(world: World, store: Store) -> None:
    world.having(LATER[0])
    fail(store, "counters", LATER[0].id)
    store.failures = {each.id: replace(each, account_id=BOB) for each in store.failures.values()}

    assert codes(world) == [Code.CONTRIBUTION_MISSING]


def test_a_consumer_that_counts_while_the_audit_reads_is_no_fault(world: World, store: Store) -> None:
    def counted() -> None:
        world.having(LATER[0])
        keep_counters([Contribution.of_work(LATER[0])], counters=world.counters)

    for step in ("counters.get", "records.of_client", "counters.contributions"):
        once(store, Step(step, Moment.AFTER, commits=False), counted)
        world = a_month(in_memory(store := Store()))

        assert codes(world) == []


def test_what_seems_wrong_at_each_look_is_drift_only_if_it_is_the_same() -> None:
    looks = iter("abc")

    def look() -> Proof:
        code, subject = Code.COUNTER_DIFFERS, next(looks)
        return Proof(findings=(Finding(code=code, account_id=ADA, subject=subject, told="…"),))

    assert confirmed(look) == Proof()


def keep_busy(world: World, store: Store, looks: Collection[int]) -> None:
    """Let the counter move while it is read, at these looks."""
    entries = iter([a_work_entry(f"busy{number:012}") for number in range(20)])
    reads = count_from(0)

    def busy(step: Step) -> None:
        if step == Step("counters.get", Moment.AFTER, commits=False) and next(reads) // 2 in looks:
            store.hook = lambda _: None
            entry = next(entries)
            world.having(entry)
            keep_counters([Contribution.of_work(entry)], counters=world.counters)
            store.hook = busy

    store.hook = busy


def test_a_counter_that_moves_at_every_look_is_pending(world: World, store: Store) -> None:
    keep_busy(world, store, range(3))

    proof = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books())

    assert (proof.pending, proof.findings) == (1, ())
    assert store.calls["records.of_client"] - 2 == MOST_LOOKS


@pytest.mark.parametrize("looks", [{0}, {0, 1}, {1}])
def test_a_counter_that_moves_at_one_look_is_looked_at_again(
    world: World, store: Store, looks: set[int]
) -> None:
    miscount(store)
    keep_busy(world, store, looks)

    proof = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books())

    assert (proof.pending, [each.code for each in proof.findings]) == (0, [Code.COUNTER_DIFFERS])


def test_a_right_counter_that_moved_is_found_right_at_the_next_look(world: World, store: Store) -> None:
    keep_busy(world, store, {0})

    proof = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books())

    assert (proof.pending, proof.findings) == (0, ())


def test_only_what_a_moving_counter_hides_need_not_come_up_at_each_look() -> None:
    looks = iter([(), (Code.CONTRIBUTION_MISSING,), (Code.CONTRIBUTION_MISSING,)])

    def look() -> Proof:
        codes = next(looks)
        found = (Finding(code=code, account_id=ADA, client_id=ACME, subject="…", told="…") for code in codes)
        return Proof(moving=() if codes else (ACME,), findings=tuple(found))

    assert confirmed(look).findings == ()


def miscount(store: Store) -> None:
    counter = store.counters[ADA, ACME]
    wrong = counter.months["2026-10"] + Tally(minutes=30)
    store.counters[ADA, ACME] = replace(counter, months={"2026-10": wrong})


def forget_the_counter(store: Store) -> None:
    del store.counters[ADA, ACME]


def falsify(store: Store) -> None:
    right = store.contributions[FIRST]
    store.contributions[FIRST] = replace(right, tally=right.tally + Tally(minutes=30))


def forget_a_contribution(store: Store) -> None:
    del store.contributions[FIRST]


def count_ahead(store: Store) -> None:
    store.contributions[FIRST] = replace(store.contributions[FIRST], version=9)


def count_what_is_not_issued(store: Store) -> None:
    put(store, invoice_of(store), state=State.SEALED, issued_on=None, number=None)


COUNTER_FAULTS: dict[Code, Callable[[Store], None]] = {
    Code.COUNTER_DIFFERS: miscount,
    Code.CONTRIBUTION_DIFFERS: falsify,
    Code.CONTRIBUTION_MISSING: forget_a_contribution,
    Code.CONTRIBUTION_AHEAD: count_ahead,
}


@pytest.mark.parametrize("code", COUNTER_FAULTS)
def test_a_fault_of_the_counters_is_found(world: World, store: Store, code: Code) -> None:
    COUNTER_FAULTS[code](store)

    found = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books()).findings

    assert code in [finding.code for finding in found]
    assert {(finding.account_id, finding.client_id) for finding in found} == {(ADA, ACME)}
    assert all(finding.told.endswith(f"rebuild --client {ACME} mends it") for finding in found)


def test_a_counter_that_was_deleted_differs_in_every_month(second: World, store: Store) -> None:
    forget_the_counter(store)

    found = verify_counters([ACME], account_id=ADA, now=LATE, books=second.books()).findings

    assert [(finding.code, finding.subject) for finding in found] == [
        (Code.COUNTER_DIFFERS, "2026-10"),
        (Code.COUNTER_DIFFERS, "2026-11"),
    ]


def test_a_counter_says_which_of_its_numbers_differ(world: World, store: Store) -> None:
    miscount(store)

    [finding] = proof_of(world).findings

    assert "(minutes)" in finding.told


def test_an_edit_that_is_not_counted_after_an_hour_is_drift(world: World) -> None:
    free = a_work_entry("free" * 4)
    world.having(free)
    keep_counters([Contribution.of_work(free)], counters=world.counters)
    edit_work(free.id, lambda _: some_work(minutes=5), account_id=ADA, work=world.work)

    assert codes(world, now=EARLY) == []
    assert codes(world, now=LATE) == [Code.CONTRIBUTION_BEHIND]


@pytest.mark.parametrize("versions", [0, 1], ids=["as of now", "as of before"])
def test_an_invoice_that_is_counted_though_it_is_not_issued_is_drift(
    world: World, store: Store, versions: int
) -> None:
    count_what_is_not_issued(store)
    put(store, invoice_of(store), version=invoice_of(store).version + versions)

    found = verify_counters([ACME], account_id=ADA, now=LATE, books=world.books()).findings

    assert [(finding.code, finding.subject) for finding in found] == [(Code.CONTRIBUTION_DIFFERS, INVOICE)]


def number(store: Store, value: int) -> tuple[AccountId, str, int]:
    [key] = [key for key in store.given if key[2] == value]
    return key


def skip_a_number(store: Store) -> None:
    first, last = number(store, 1), number(store, 2)
    store.given[*first[:2], 5] = replace(store.given.pop(last), value=5)


def lose_the_last_number(store: Store) -> None:
    del store.given[number(store, 2)]


def give_one_more(store: Store) -> None:
    last = number(store, 2)
    store.given[*last[:2], 3] = replace(store.given[last], value=3, number="2026-0003")


def print_it_twice(store: Store) -> None:
    last = number(store, 2)
    store.given[last] = replace(store.given[last], number="2026-0001")


def date_it_earlier(store: Store) -> None:
    last = number(store, 2)
    store.given[last] = replace(store.given[last], issued_on=dt.date(2026, 1, 1))


def misremember_the_date(store: Store) -> None:
    [(key, sequence)] = store.sequences.items()
    store.sequences[key] = replace(sequence, last_issued_on=dt.date(2027, 1, 1))


def lose_the_sequence(store: Store) -> None:
    """Then nothing lists the series any more; the account's pattern still names it."""
    store.sequences.clear()


def lose_an_invoice(store: Store) -> None:
    remove(store, invoice_of(store, NOVEMBER_30))


def print_another_number(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), number="2026-0009")


def take_back_an_invoice(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), state=State.SEALED, number=None, issued_on=None)


NUMBER_FAULTS: list[tuple[Callable[[Store], None], set[Code]]] = [
    (skip_a_number, {Code.NUMBER_MISSING, Code.SEQUENCE_DIFFERS}),
    (lose_the_last_number, {Code.NUMBER_MISSING, Code.INVOICE_WITHOUT_NUMBER}),
    (give_one_more, {Code.SEQUENCE_DIFFERS, Code.NUMBER_DIFFERS, Code.INVOICE_WITH_TWO_NUMBERS}),
    (print_it_twice, {Code.NUMBER_TWICE, Code.NUMBER_DIFFERS}),
    (date_it_earlier, {Code.NUMBER_DATE_DESCENDS, Code.NUMBER_DIFFERS, Code.SEQUENCE_DIFFERS}),
    (misremember_the_date, {Code.SEQUENCE_DIFFERS}),
    (lose_the_sequence, {Code.SEQUENCE_DIFFERS}),
    (lose_an_invoice, {Code.NUMBER_WITHOUT_INVOICE}),
    (print_another_number, {Code.NUMBER_DIFFERS}),
    (take_back_an_invoice, {Code.NUMBER_DIFFERS}),
]


@pytest.mark.parametrize(("plant", "expected"), NUMBER_FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_of_the_numbers_is_found(
    second: World, store: Store, plant: Callable[[Store], None], expected: set[Code]
) -> None:
    plant(store)

    found = audit_clients([], account_id=ADA, now=LATE, books=second.books()).findings
    found += proof_of(second, now=A_MONTH_LATER).findings

    numbers = [
        each.code
        for each in found
        if each.code.startswith(("number", "sequence")) or each.code.endswith(("-number", "-numbers"))
    ]
    assert set(numbers) == expected


def test_a_number_that_two_series_print_is_found(store: Store) -> None:
    world = in_memory(store).having(an_account(number_pattern="{month}-{seq}"), CLIENT, *WORK, *LATER)
    bill(world, OCTOBER_31)
    details = replace(an_account().details(), number_pattern="10-{seq}")
    world.accounts.update(account_id=ADA, change=lambda account: account.changed(details))
    bill(world, NOVEMBER_30)

    found = audit_numbers(ADA, books=world.books()).findings

    assert [(each.code, each.subject) for each in found] == [(Code.NUMBER_TWICE, "10-1")]


def test_a_hole_tells_which_numbers_are_missing(second: World, store: Store) -> None:
    skip_a_number(store)

    [hole] = [each for each in proof_of(second).findings if each.code is Code.NUMBER_MISSING]

    assert "has no number 2 to 4;" in hole.told


def test_numbers_that_are_given_while_the_audit_reads_are_no_fault(store: Store) -> None:
    for step in ("invoices.list", "register.series", "numbering.sequence", "register.given"):
        world = a_month(in_memory(store := Store()))
        world.having(*LATER)
        once(store, Step(step, Moment.AFTER, commits=False), partial(bill, world, NOVEMBER_30))

        assert audit_numbers(ADA, books=world.books()).findings == ()
        assert len(store.numbers) == 2


def lose_the_first_period(store: Store) -> None:
    remove(store, invoice_of(store))


def shorten_a_period(store: Store) -> None:
    put(store, invoice_of(store), period_end=dt.date(2026, 10, 30))


def shorten_the_last_period(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), period_end=dt.date(2026, 11, 29))


def begin_too_late(store: Store) -> None:
    put(store, invoice_of(store), period_start=dt.date(2026, 10, 2))


def go_round(store: Store) -> None:
    """The second period claims to come before the first."""
    put(store, invoice_of(store), previous_due_on=dt.date(2026, 12, 31))
    stray = invoice_of(store, NOVEMBER_30)
    again = replace(
        stray,
        id=invoice_id(ACME, dt.date(2026, 12, 31)),
        due_on=dt.date(2026, 12, 31),
        period_end=dt.date(2026, 10, 1),
        previous_due_on=None,
        state=State.EMPTY,
    )
    store._put(again)


def go_back_to_a_later_day(store: Store) -> None:
    """The days covered are right, but October seems to have been due after November."""
    late = dt.date(2026, 12, 31)
    october, november = invoice_of(store), invoice_of(store, NOVEMBER_30)
    put(store, november, previous_due_on=late)
    remove(store, october)
    store._put(replace(october, id=invoice_id(ACME, late), due_on=late, state=State.EMPTY))


def lead_past_a_period(store: Store) -> None:
    put(store, invoice_of(store, NOVEMBER_30), previous_due_on=None)


def leave_open(store: Store) -> None:
    put(store, invoice_of(store), state=State.OPEN)


def leave_sealed(store: Store) -> None:
    put(store, invoice_of(store), state=State.SEALED)


def leave_unsent(store: Store) -> None:
    remove(store, store.get(Delivery, ADA, INVOICE))


def leave_without_word(store: Store) -> None:
    """Nobody knows whether the mail went out."""
    put(store, store.get(Delivery, ADA, INVOICE), progress=Progress.UNKNOWN)


PERIOD_FAULTS: list[tuple[Callable[[Store], None], set[Code]]] = [
    (lose_the_first_period, {Code.PERIOD_WITHOUT_INVOICE, Code.LINES_WITHOUT_INVOICE}),
    (shorten_a_period, {Code.PERIOD_NOT_CONTIGUOUS}),
    (shorten_the_last_period, {Code.PERIOD_NOT_CONTIGUOUS}),
    (begin_too_late, {Code.PERIOD_NOT_CONTIGUOUS}),
    (go_round, {Code.PERIOD_NOT_CONTIGUOUS, Code.LINES_DIFFER}),
    (
        go_back_to_a_later_day,
        {Code.PERIOD_NOT_CONTIGUOUS, Code.LINES_WITHOUT_INVOICE, Code.LINES_DIFFER},
    ),
    (lead_past_a_period, {Code.PERIOD_NOT_CONTIGUOUS, Code.INVOICE_OUTSIDE_THE_PERIODS}),
    (leave_open, {Code.INVOICE_UNFINISHED}),
    (leave_sealed, {Code.INVOICE_UNFINISHED}),
    (leave_unsent, {Code.INVOICE_UNSENT}),
    (leave_without_word, {Code.INVOICE_UNSENT}),
]


def of_periods(world: World, *, now: dt.datetime = LATE) -> set[Code]:
    found = audit_clients([ACME], account_id=ADA, now=now, books=world.books()).findings
    return {each.code for each in found if not each.code.startswith(("contribution", "counter"))}


@pytest.mark.parametrize(("plant", "expected"), PERIOD_FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_of_the_periods_is_found(
    second: World, store: Store, plant: Callable[[Store], None], expected: set[Code]
) -> None:
    plant(store)

    assert of_periods(second) == expected


@pytest.mark.parametrize(
    ("leave", "queue", "other"),
    [
        (leave_open, "invoicing", "delivery"),
        (leave_sealed, "invoicing", "counters"),
        (leave_unsent, "delivery", "invoicing"),
    ],
)
def test_an_unfinished_period_is_known_to_the_failure_ledger_or_not_an_hour_old(
    second: World, store: Store, leave: Callable[[Store], None], queue: str, other: str
) -> None:
    leave(store)
    version = invoice_of(store).version

    assert of_periods(second, now=EARLY) == set()
    assert of_periods(second, now=LATE) != set()
    fail(store, other, INVOICE, version)
    assert of_periods(second, now=LATE) != set()
    fail(store, queue, INVOICE, version)
    assert of_periods(second, now=LATE) == set()


def test_a_mail_that_waits_is_of_the_version_that_was_issued(world: World, store: Store) -> None:
    leave_unsent(store)
    fail(store, "delivery", INVOICE, invoice_of(store).version - 1)

    assert codes(world) == [Code.INVOICE_UNSENT]


@pytest.mark.parametrize("later", [0, 1])
def test_a_mail_that_waits_is_known_also_once_the_invoice_was_paid(
    world: World, store: Store, later: int
) -> None:
    leave_unsent(store)
    fail(store, "delivery", INVOICE, invoice_of(store).version + later)
    world.pay(invoice_of(store), day=OCTOBER_31)
    count(world)

    assert codes(world) == []


def take_a_payment_away(store: Store) -> None:
    remove(store, store.all(Payment)[0])


def say_more_was_paid(store: Store) -> None:
    put(store, invoice_of(store), paid=10_001)


def pay_what_does_not_exist(store: Store) -> None:
    put(store, store.all(Payment)[0], invoice_id=NOTHING)


@pytest.mark.parametrize(
    ("plant", "subjects"),
    [
        (take_a_payment_away, {INVOICE}),
        (say_more_was_paid, {INVOICE}),
        (pay_what_does_not_exist, {INVOICE, invoice_id(ACME, dt.date(2026, 11, 15))}),
    ],
)
def test_payments_that_do_not_add_up_are_found(
    world: World, store: Store, plant: Callable[[Store], None], subjects: set[str]
) -> None:
    world.pay(invoice_of(store), day=OCTOBER_31)
    count(world)
    assert codes(world) == []

    plant(store)

    found = audit_clients([ACME], account_id=ADA, now=LATE, books=world.books()).findings
    assert {each.subject for each in found if each.code is Code.PAYMENTS_DIFFER} == subjects


def take_a_prepayment_away(store: Store) -> None:
    remove(store, store.all(Prepayment)[0])


def give_a_client_money(store: Store) -> None:
    put(store, store.get(Client, ADA, ACME), prepaid=1)


@pytest.mark.parametrize("plant", [take_a_prepayment_away, give_a_client_money])
def test_prepayments_that_do_not_add_up_are_found(
    world: World, store: Store, plant: Callable[[Store], None]
) -> None:
    world.prepay(CLIENT, 5_000, day=OCTOBER_31)
    assert codes(world) == []

    plant(store)

    assert codes(world) == [Code.PREPAYMENTS_DIFFER]


def test_prepayments_that_invoices_took_off_add_up(world: World) -> None:
    world.prepay(CLIENT, 50_000, day=OCTOBER_31)
    world.having(*LATER)

    bill(world, NOVEMBER_30)
    count(world)

    assert codes(world, now=A_MONTH_LATER) == []


def lose_an_entry(store: Store) -> None:
    remove(store, store.get(WorkEntry, ADA, WORK[0].id))


def bill_too_little(store: Store) -> None:
    put(store, invoice_of(store), net=invoice_of(store).net - 1)


def free_an_entry(store: Store) -> None:
    put(store, store.get(WorkEntry, ADA, WORK[0].id), invoiced_on=None)


def forget_the_claims(store: Store) -> None:
    put(store, invoice_of(store), entries=0, net=0)


def claim_for_nothing(store: Store) -> None:
    put(store, store.get(WorkEntry, ADA, WORK[0].id), invoiced_on=dt.date(2026, 11, 15))


def claim_for_another(store: Store) -> None:
    put(store, store.get(WorkEntry, ADA, WORK[0].id), invoiced_on=NOVEMBER_30)


NOTHING = invoice_id(ACME, dt.date(2026, 11, 15))
LINE_FAULTS: list[tuple[Callable[[Store], None], set[tuple[Code, str]]]] = [
    (lose_an_entry, {(Code.LINES_DIFFER, INVOICE)}),
    (bill_too_little, {(Code.LINES_DIFFER, INVOICE)}),
    (free_an_entry, {(Code.LINES_DIFFER, INVOICE)}),
    (forget_the_claims, {(Code.LINES_DIFFER, INVOICE)}),
    (claim_for_nothing, {(Code.LINES_DIFFER, INVOICE), (Code.LINES_WITHOUT_INVOICE, NOTHING)}),
    (
        claim_for_another,
        {(Code.LINES_DIFFER, INVOICE), (Code.LINES_DIFFER, invoice_id(ACME, NOVEMBER_30))},
    ),
]


@pytest.mark.parametrize(("plant", "expected"), LINE_FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_fault_of_the_lines_is_found(
    second: World, store: Store, plant: Callable[[Store], None], expected: set[tuple[Code, str]]
) -> None:
    plant(store)
    rebuild_counter(
        ACME, account_id=ADA, records=second.records, counters=second.counters, resetting=second.resetting
    )

    found = audit_clients([ACME], account_id=ADA, now=LATE, books=second.books()).findings

    about_lines = [each for each in found if each.code.startswith("lines")]
    assert {(each.code, each.subject) for each in about_lines} == expected
    assert all("; no command mends it" in each.told for each in about_lines)


def test_an_invoice_that_claims_its_work_now_is_not_compared_with_it(second: World, store: Store) -> None:
    def of_lines(now: dt.datetime) -> list[Code]:
        found = audit_clients([ACME], account_id=ADA, now=now, books=second.books()).findings
        return [each.code for each in found if each.code.startswith("lines")]

    bill_too_little(store)
    assert of_lines(EARLY) == [Code.LINES_DIFFER]
    put(store, invoice_of(store), state=State.OPEN)
    assert of_lines(EARLY) == []
    assert of_lines(LATE) == [Code.LINES_DIFFER]


def leave_in_the_middle(store: Store) -> None:
    """The mail began, and no word came how it ended."""
    put(store, store.get(Delivery, ADA, INVOICE), progress=Progress.SENDING)


@pytest.mark.parametrize("leave", [leave_without_word, leave_in_the_middle])
def test_a_mail_of_which_nobody_knows_is_for_a_person_who_settles_it_in_the_ledger(
    world: World, store: Store, leave: Callable[[Store], None]
) -> None:
    leave(store)
    [found] = proof_of(world).findings
    assert (found.code, found.subject) == (Code.INVOICE_UNSENT, INVOICE)
    assert "nothing mails it again: ask the client" in found.told

    fail(store, "delivery", INVOICE, invoice_of(store).version)
    [failure] = store.failures.values()
    assert (proof_of(world).failing, codes(world)) == (1, [])

    store.failures[failure.id] = failure.discarded(LATE, actor="Ada", reason="the client has it")
    assert (proof_of(world).failing, codes(world)) == (0, [])


def test_a_mail_that_never_began_is_not_settled_by_giving_its_failure_up(world: World, store: Store) -> None:
    put(store, store.get(Delivery, ADA, INVOICE), progress=Progress.PENDING)
    fail(store, "delivery", INVOICE, invoice_of(store).version)
    [failure] = store.failures.values()
    store.failures[failure.id] = failure.discarded(LATE, actor="Ada", reason="by mistake")

    [found] = proof_of(world).findings

    assert found.told.endswith("sends it")


def test_a_client_is_due_for_an_hour_before_somebody_is_told(world: World) -> None:
    due_at = world.clients.get(account_id=ADA, client_id=ACME).due_at
    assert due_at

    before, within, after = (
        audit_clients([ACME], account_id=ADA, now=due_at + dt.timedelta(minutes=late), books=world.books())
        for late in (-1, 60, 61)
    )

    assert (before.periods, before.pending, before.findings) == (1, 0, ())
    assert (within.periods, within.pending, within.findings) == (2, 1, ())
    assert [(each.code, each.subject) for each in after.findings] == [(Code.CLIENT_OVERDUE, ACME)]


def test_a_client_that_was_added_just_now_may_be_due_since_long(store: Store) -> None:
    world = in_memory(store).having(an_account(), a_client(billing_starts_on=dt.date(2026, 8, 1)))

    assert of_periods(world, now=EARLY) == set()
    assert of_periods(world, now=LATE) == {Code.CLIENT_OVERDUE}


def test_a_client_that_is_due_while_a_tick_comes_again_is_known(world: World, store: Store) -> None:
    tick = a_failure(queue="tick", account_id=None, body='{"time":"2026-12-01T08:00:00Z"}')
    store.failures[tick.id] = tick

    assert of_periods(world, now=A_MONTH_LATER + dt.timedelta(days=5)) == set()


def test_one_client_that_no_tick_can_serve_hides_no_other_that_is_due(world: World, store: Store) -> None:
    body = '{"client":"cli_' + "z" * 16 + '","time":"2026-12-01T08:00:00Z"}'
    for number, state in enumerate((FailureState.PARKED, FailureState.RETRYING)):
        failure = a_failure(number, queue="tick", account_id=BOB, body=body, state=state)
        store.failures[failure.id] = failure

    assert of_periods(world, now=A_MONTH_LATER + dt.timedelta(days=5)) == {Code.CLIENT_OVERDUE}


@pytest.mark.parametrize("day", [dt.date(2036, 1, 31), dt.date(2026, 11, 29)])
def test_an_invoice_day_that_the_schedule_does_not_lead_to_is_found_and_can_be_mended(
    world: World, store: Store, day: dt.date
) -> None:
    put(store, world.clients.get(account_id=ADA, client_id=ACME), next_due_on=day)

    assert codes(world) == [Code.INVOICE_DAY_DIFFERS]
    for details in (replace(CLIENT.details(), invoice_day=5), CLIENT.details()):
        world.clients.update(account_id=ADA, client_id=ACME, change=partial(Client.changed, details=details))
    assert codes(world) == []


def test_the_next_invoice_day_is_no_matter_while_there_are_no_invoices(world: World, store: Store) -> None:
    for state in (Client.paused, Client.held, Client.archived):
        client = world.clients.update(account_id=ADA, client_id=ACME, change=state)
        put(store, client, next_due_on=dt.date(2036, 1, 31))

        assert codes(world) == []


def test_an_invoice_that_is_opened_while_the_audit_reads_is_no_fault(store: Store) -> None:
    for step in ("records.client", "counters.get", "records.of_client"):
        world = a_month(in_memory(store := Store()))
        once(store, Step(step, Moment.AFTER, commits=False), partial(bill, world, NOVEMBER_30))

        assert codes(world, now=A_MONTH_LATER) == []


def test_a_client_that_cannot_be_read_holds_up_no_other(world: World, store: Store) -> None:
    miscount(store)
    error = NotFoundError("broken")

    def fail_on_the_idle(step: Step) -> None:
        if step == Step("records.client", Moment.BEFORE, commits=False):
            store.hook = lambda _: None
            raise error

    store.hook = fail_on_the_idle
    proof = audit_clients([UMBRELLA, ACME], account_id=ADA, now=LATE, books=world.books())

    assert proof.failed == ((UMBRELLA, error),)
    assert [each.code for each in proof.findings] == [Code.COUNTER_DIFFERS]


def test_in_thirty_days_every_client_and_every_account_has_its_turn() -> None:
    world = in_memory(Store())
    clients = [a_client(id=client_id(f"{place:016}"), account_id=place_of(place)) for place in range(60)]
    accounts = {client.account_id for client in clients}
    world.having(*(an_account(id=account_id) for account_id in accounts), *clients)
    days = [dt.datetime(2026, 3, 1, 3, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(PARTS)]

    proofs = [audit_part(day, directory=world.directory, books=world.books()) for day in days]

    assert sum(proof.clients for proof in proofs) == len(clients)
    assert max(proof.clients for proof in proofs) < 10


def test_the_numbers_of_an_account_are_proven_in_its_turn(second: World) -> None:
    days = [dt.datetime(2026, 3, 1, 3, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(PARTS)]

    proofs = [audit_part(day, directory=second.directory, books=second.books()) for day in days]

    assert sorted(proof.numbers for proof in proofs) == [0] * (PARTS - 1) + [2]


def place_of(place: int) -> AccountId:
    return AccountId(f"acc_{place % 3}")
