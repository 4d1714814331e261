import datetime as dt
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clients import DueClient
from domain.errors import ConflictError, InvalidError, NotFoundError
from domain.identifiers import InvoiceId
from domain.invoices import Invoice, InvoiceMovedError, State
from domain.opening import Opened
from domain.reviews import MOST_ROUNDS, NotInReviewError, end_reviews, hold_invoice, send_now, skip_invoice
from domain.work import WorkEntry
from tests.builders import (
    ACME,
    ADA,
    BOB,
    UMBRELLA,
    a_client,
    a_work_entry,
    an_account,
    an_invoice_id,
    some_client_details,
)
from tests.fakes import Moment, Step, Store
from tests.invariants import check_invoices
from tests.lived import count, proof_of
from tests.turns import Crash, take_turns
from tests.world import World, in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
NOVEMBER_30 = dt.date(2026, 11, 30)
ISSUED_AT = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
ENDS_AT = ISSUED_AT + dt.timedelta(days=3)
ONE_SECOND = dt.timedelta(seconds=1)
CLIENT = a_client(review_days=3)
OCTOBERS = an_invoice_id(ACME, OCTOBER_31)


def in_review(store: Store, entries: int = 1) -> World:
    """October's invoice waits for a person until 3 November, noon."""
    work = [a_work_entry(f"{number:016}") for number in range(entries)]
    world = in_memory(store).having(an_account(), CLIENT, *work)
    world.issue_all(world.tick(OCTOBER_31).invoices, client=CLIENT, day=OCTOBER_31)
    return world


def stored(world: World) -> Invoice:
    return world.invoices.get(account_id=ADA, invoice_id=OCTOBERS)


def issue(world: World, day: dt.date = OCTOBER_31) -> Invoice:
    """What the queue does, however often."""
    return world.issue(OCTOBERS, client=CLIENT, day=day)


def ask(world: World) -> dict[str, partial[Invoice]]:
    of = {"account_id": ADA, "invoices": world.invoices, "reviews": world.reviews}
    decisions = {"send": send_now, "hold": hold_invoice, "skip": skip_invoice}
    return {name: partial(decide, OCTOBERS, **of) for name, decide in decisions.items()}  # type: ignore[arg-type] # by name


def test_a_sealed_invoice_waits_and_has_neither_number_nor_date() -> None:
    invoice = stored(in_review(Store()))

    assert (invoice.state, invoice.review_ends_at, invoice.entries) == (State.IN_REVIEW, ENDS_AT, 1)
    assert (invoice.number, invoice.issued_on) == (None, None)


def test_nothing_goes_out_before_the_review_is_over_however_often_events_come() -> None:
    store = Store()
    world = in_review(store)

    too_early = world.end_reviews(ENDS_AT - ONE_SECOND)
    issue(world)

    assert (too_early, stored(world).state, store.numbers) == (Opened(), State.IN_REVIEW, {})


def test_a_tick_ends_the_review_and_the_invoice_goes_out() -> None:
    world = in_review(Store())

    ended = world.end_reviews(ENDS_AT)
    invoice = issue(world, day=ENDS_AT.date())

    assert ended == Opened(approved=(OCTOBERS,))
    assert (invoice.state, invoice.number, invoice.issued_on) == (State.ISSUED, "2026-0001", ENDS_AT.date())
    assert world.end_reviews(ENDS_AT) == Opened()


def test_an_invoice_is_sent_before_its_time_when_a_person_says_so() -> None:
    world = in_review(Store())

    ask(world)["send"]()

    assert issue(world).state is State.ISSUED


def test_a_held_invoice_waits_until_a_person_sends_it() -> None:
    world = in_review(Store())

    ask(world)["hold"]()
    ask(world)["hold"]()

    assert world.end_reviews(ENDS_AT + dt.timedelta(days=300)) == Opened()
    assert issue(world).state is State.IN_REVIEW
    ask(world)["send"]()
    assert issue(world).state is State.ISSUED


@pytest.mark.parametrize("entries", [1, 99, 100, 250])
def test_the_work_of_a_skipped_invoice_comes_on_the_next_one(entries: int) -> None:
    store = Store()
    world = in_review(store, entries)

    ask(world)["skip"]()
    ask(world)["skip"]()
    skipped = issue(world)
    (opened,) = world.tick(NOVEMBER_30).invoices
    world.issue(opened, client=CLIENT, day=NOVEMBER_30)

    assert (skipped.state, skipped.entries, skipped.net, skipped.number) == (State.SKIPPED, 0, 0, None)
    assert issue(world) == skipped
    assert {entry.invoiced_on for entry in store.all(WorkEntry)} == {NOVEMBER_30}
    check_invoices(store)


def test_work_of_a_skipped_invoice_can_be_corrected_and_billed_again_the_day_after() -> None:
    world = in_review(Store())
    ask(world)["skip"]()
    issue(world)

    (entry,) = world.work.unbilled(
        account_id=ADA, client_id=ACME, since=CLIENT.billing_starts_on, until=OCTOBER_31
    ).items
    world.work.update(
        account_id=ADA,
        work_id=entry.id,
        change=lambda known: known.edited(replace(known.editable(), minutes=30)),
    )
    bill = world.bill(CLIENT, day=dt.date(2026, 11, 1))

    assert world.issue(bill.id, client=CLIENT, day=dt.date(2026, 11, 1)).net == 50_00


@pytest.mark.parametrize("decision", ["send", "hold", "skip"])
def test_what_is_not_in_review_is_not_decided_about(decision: str) -> None:
    world = in_review(Store())
    ask(world)["send"]()
    issue(world)

    with pytest.raises(NotInReviewError):
        ask(world)[decision]()

    assert stored(world).state is State.ISSUED


def test_an_invoice_over_nothing_has_no_review() -> None:
    world = in_memory(Store()).having(an_account(), CLIENT)

    (invoice,) = world.issue_all(world.tick(OCTOBER_31).invoices, client=CLIENT, day=OCTOBER_31)

    assert (invoice.state, invoice.review_ends_at) == (State.EMPTY, None)


def test_a_client_that_wants_no_review_gets_its_invoice_at_once() -> None:
    world = in_memory(Store()).having(an_account(), a_client(), a_work_entry())

    (invoice,) = world.issue_all(world.tick(OCTOBER_31).invoices, client=CLIENT, day=OCTOBER_31)

    assert invoice.state is State.ISSUED


def test_a_tick_of_one_account_or_client_ends_only_their_reviews() -> None:
    world = in_review(Store())

    def ended(**of: object) -> Opened:
        return end_reviews(ENDS_AT, invoices=world.invoices, reviews=world.reviews, **of)  # type: ignore[arg-type] # by name

    assert ended(account_id=BOB) == ended(client_id=UMBRELLA) == Opened()
    assert ended(account_id=ADA, client_id=ACME) == Opened(approved=(OCTOBERS,))


def test_a_review_that_cannot_be_ended_is_told_and_ended_by_another_tick() -> None:
    store = Store()
    world = in_review(store)
    broken = ConnectionError()

    def fail(step: Step) -> None:
        if step.call == "reviews.decide":
            raise broken

    store.hook = fail
    ended = world.end_reviews(ENDS_AT)
    store.hook = lambda _: None

    assert ended == Opened(failed=((DueClient(account_id=ADA, client_id=ACME, due_at=ENDS_AT), broken),))
    assert world.end_reviews(ENDS_AT) == Opened(approved=(OCTOBERS,))


@pytest.mark.parametrize(
    "moment",
    [
        Step("reviews.ending", Moment.AFTER, commits=False),
        Step("reviews.decide", Moment.BEFORE, commits=True),
    ],
)
def test_a_review_that_a_person_holds_just_now_is_not_ended(moment: Step) -> None:
    store = Store()
    world = in_review(store)

    def hold(step: Step) -> None:
        if step == moment:
            store.hook = lambda _: None
            ask(world)["hold"]()

    store.hook = hold

    assert world.end_reviews(ENDS_AT) == Opened()
    assert stored(world).state is State.IN_REVIEW


def test_a_tick_that_is_faster_than_a_person_wins() -> None:
    store = Store()
    world = in_review(store)

    def tick(step: Step) -> None:
        if step == Step("reviews.decide", Moment.BEFORE, commits=True):
            store.hook = lambda _: None
            world.end_reviews(ENDS_AT)

    store.hook = tick

    with pytest.raises(NotInReviewError):
        ask(world)["skip"]()
    assert issue(world).state is State.ISSUED


def test_who_is_never_fast_enough_gives_up() -> None:
    store = Store()
    world, tries = in_review(store), list[Step]()

    def lose(step: Step) -> None:
        if step == Step("reviews.decide", Moment.BEFORE, commits=True):
            tries.append(step)
            raise InvoiceMovedError

    store.hook = lose

    with pytest.raises(InvoiceMovedError):
        ask(world)["send"]()
    assert len(tries) == MOST_ROUNDS


decisions = st.lists(st.sampled_from(["send", "hold", "skip"]), min_size=1, max_size=3)


@given(
    schedule=st.lists(st.integers(0, 3), max_size=60),
    deaths=st.frozensets(st.integers(0, 50), max_size=4),
    wanted=decisions,
)
def test_whatever_people_and_ticks_do_at_once_each_entry_is_on_one_invoice_and_each_goes_out_once(
    schedule: list[int], deaths: frozenset[int], wanted: list[str]
) -> None:
    store = Store()
    world = in_review(store, entries=3)

    def person() -> None:
        for each in wanted:
            with suppress(ConflictError, InvoiceMovedError):
                ask(world)[each]()

    def queue() -> None:
        for _ in range(2):
            with suppress(InvoiceMovedError):
                issue(world)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("domain.invoicing.MOST_CLAIMED", 2)
        take_turns(
            store,
            schedule,
            person,
            lambda: world.end_reviews(ENDS_AT),
            queue,
            queue,
            between=lambda: check_invoices(store),
            crashes=deaths,
        )
        store.hook = lambda _: None
        if stored(world).state is State.IN_REVIEW:
            ask(world)["send"]()
        finished = issue(world)

    assert finished.state is State.ISSUED if finished.entries else State.SKIPPED
    assert finished.entries in {0, 3}
    check_invoices(store)


@pytest.mark.parametrize("chosen", range(1, 9))
def test_putting_back_goes_on_wherever_a_run_died(chosen: int) -> None:
    store = Store()
    world = in_review(store, entries=150)
    ask(world)["skip"]()
    steps = list[Step]()

    def die(step: Step) -> None:
        steps.append(step)
        if len(steps) == chosen:
            raise Crash

    store.hook = die
    with suppress(Crash):
        issue(world)
    store.hook = lambda _: None
    check_invoices(store)

    assert issue(world).entries == 0
    assert all(entry.is_unbilled for entry in store.all(WorkEntry))


def findings(world: World, now: dt.datetime) -> list[str]:
    count(world)
    return [finding.code for finding in proof_of(world, now=now).findings]


def test_the_audit_knows_what_waits_and_finds_a_review_that_nobody_ended() -> None:
    world = in_review(Store())
    an_hour = dt.timedelta(hours=1)

    proof = proof_of(world, now=ENDS_AT)
    assert findings(world, ENDS_AT + an_hour) == []
    assert proof.reviewing == 1

    assert findings(world, ENDS_AT + an_hour + ONE_SECOND) == ["invoice-unfinished"]
    (finding,) = proof_of(world, now=ENDS_AT + 2 * an_hour).findings
    assert "invoicely invoices run --as-of 2026-11-03T14:00:00Z" in finding.told


def test_the_audit_lets_a_held_invoice_wait_for_ever() -> None:
    world = in_review(Store())
    ask(world)["hold"]()

    proof = proof_of(world, now=dt.datetime(2026, 11, 29, tzinfo=dt.UTC))

    assert ([finding.code for finding in proof.findings if "invoice" in finding.code], proof.reviewing) == (
        [],
        1,
    )


def test_the_audit_finds_a_skipped_invoice_whose_work_was_not_put_back() -> None:
    world = in_review(Store())
    ask(world)["skip"]()
    late = ENDS_AT

    assert findings(world, late) == ["invoice-unfinished"]
    issue(world)
    assert findings(world, late) == []


@pytest.mark.parametrize("days", [-1, 29])
def test_a_review_has_a_bound(days: int) -> None:
    with pytest.raises(InvalidError):
        some_client_details(review_days=days)


def test_ids_of_nothing_are_not_found() -> None:
    world = in_review(Store())

    with pytest.raises(NotFoundError):
        send_now(InvoiceId("inv_"), account_id=ADA, invoices=world.invoices, reviews=world.reviews)
