"""What the timer does with failures that are due."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from domain.failures import LADDER, MOST_REFUSALS, REFUSED_PAUSE, Failure, FailureId, Kind, State, failure_id
from domain.pace import FASTEST, Pace
from domain.retries import ACTOR, QUEUES, Backlog, Outcome, Retried, backlog, retry_failures
from tests.builders import FAILED_AT, a_failure
from tests.fakes import InMemoryLedger, InMemoryPaces, InMemorySources, Moment, Step, Store

DUE = FAILED_AT + LADDER[0]
DUE_IS_KNOWN = Step("ledger.due", Moment.AFTER, commits=False)
MINUTE = dt.timedelta(minutes=1)
NEWER = '{"type":"invoicely.work.logged.v2"}'


@dataclass
class Timer:
    """The timer, and all that it works with; bodies in `newer` cannot be read yet."""

    store: Store = field(default_factory=Store)
    sources: InMemorySources = field(default_factory=InMemorySources)
    newer: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ledger, self.paces = InMemoryLedger(self.store), InMemoryPaces(self.store)

    def having(self, *failures: Failure) -> "Timer":
        for failure in failures:
            self.ledger.update(failure_id=failure.id, change=self._placing(failure))
        return self

    def tick(self, now: dt.datetime = DUE) -> Retried:
        return retry_failures(
            now,
            ledger=self.ledger,
            sources=self.sources,
            paces=self.paces,
            is_newer=self.newer.__contains__,
        )

    def entry(self, number: int = 1, queue: str = "counters") -> Failure:
        return self.ledger.get(failure_id=failure_id(queue, f"{number:032x}"))

    def _placing(self, failure: Failure) -> Callable[[Failure | None], Failure]:
        return lambda _: failure


@pytest.fixture
def timer() -> Timer:
    return Timer()


def test_what_is_due_goes_back_to_its_source_and_is_due_again_later_should_nothing_be_heard(
    timer: Timer,
) -> None:
    timer.having(a_failure())

    retried = timer.tick()

    entry = timer.entry()
    assert retried == Retried(counts=retried.counts)
    assert retried.counts == {"sent": 1}
    assert [(sent.id, sent.replays) for sent in timer.sources.sent] == [(entry.id, 1)]
    assert (entry.state, entry.replays, entry.next_at) == (State.RETRYING, 1, DUE + LADDER[1])
    assert (entry.history[-1].actor, entry.history[-1].action) == (ACTOR, "replayed")


def test_nothing_goes_out_a_second_before_it_is_due(timer: Timer) -> None:
    timer.having(a_failure())

    assert timer.tick(DUE - dt.timedelta(seconds=1)).counts == {}
    assert len(timer.sources) == 0


def test_a_minute_in_which_nothing_is_due_costs_one_look_at_each_queue(timer: Timer) -> None:
    timer.tick()

    assert timer.store.calls == {"ledger.due": len(QUEUES)}


def test_goes_up_the_ladder_over_weeks_and_then_waits_for_a_person(timer: Timer) -> None:
    timer.having(a_failure())
    sent_at = []
    now = FAILED_AT
    while timer.entry().state is State.RETRYING:
        now += dt.timedelta(minutes=15)
        if timer.tick(now).counts["sent"]:
            sent_at.append(now - FAILED_AT)

    waits = [sent_at[0], *(later - sooner for sooner, later in pairwise(sent_at))]
    assert waits == list(LADDER)
    assert timer.entry().history[-1].note == "sent in vain too often"
    assert len(timer.sources) == len(LADDER)


def test_what_is_newer_than_the_code_waits_for_a_deployment_which_counts_as_nothing(timer: Timer) -> None:
    failure = a_failure(kind=Kind.FUTURE, body=NEWER)
    timer.having(failure)
    timer.newer.add(NEWER)

    for quarters in range(1, 200):
        assert timer.tick(FAILED_AT + quarters * LADDER[0]).counts == {"waiting": 1}
    assert (timer.entry().state, timer.entry().replays) == (State.RETRYING, 0)

    timer.newer.clear()
    assert timer.tick(FAILED_AT + 200 * LADDER[0]).counts == {"sent": 1}


class SlowIndex(InMemoryLedger):
    """Its index goes on listing what was due when it was looked at first."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.looks = 0
        self._was_due: Sequence[Failure] = ()

    def due(self, *, queue: str, until: dt.datetime, limit: int) -> Sequence[Failure]:
        found = super().due(queue=queue, until=until, limit=100)
        self.looks += queue == "counters"
        self._was_due = self._was_due or found
        return self._was_due[:limit] if queue == "counters" else found


def test_what_an_index_has_not_forgotten_yet_is_looked_at_once(timer: Timer) -> None:
    timer.having(*(a_failure(number) for number in (1, 2, 3)))
    ledger = timer.ledger = SlowIndex(timer.store)

    retried = timer.tick()

    assert retried.counts == {"sent": 3}
    assert ledger.looks == len(["is anything due?", "these three", "nothing else"])


def at_the_second_look(timer: Timer, act: Callable[[], object]) -> Callable[[Step], None]:
    """Act once the timer knows what is due; its first look only asks whether anything is."""

    def hook(step: Step) -> None:
        if step == DUE_IS_KNOWN and timer.store.calls["ledger.due"] == 2:
            timer.store.hook = lambda _: None
            act()

    return hook


def test_what_waits_for_a_deployment_is_none_of_the_pace(timer: Timer) -> None:
    timer.having(*(a_failure(number, kind=Kind.FUTURE, body=NEWER) for number in range(1, 301)))
    timer.having(*(a_failure(number) for number in range(1_001, 1_013)))
    timer.newer.add(NEWER)
    timer.paces.put(pace=Pace(queue="counters", allowed=10))

    assert timer.tick().counts == {"waiting": 300, "sent": 10}


def test_no_more_is_looked_at_in_a_minute_than_goes_out_at_the_fastest(timer: Timer) -> None:
    timer.having(*(a_failure(number, kind=Kind.FUTURE, body=NEWER) for number in range(FASTEST + 10)))
    timer.newer.add(NEWER)

    assert [timer.tick().counts["waiting"] for _ in range(3)] == [FASTEST, 10, 0]


def test_of_two_timers_at_once_one_sends(timer: Timer) -> None:
    timer.having(a_failure())
    timer.store.hook = at_the_second_look(timer, timer.tick)

    retried = timer.tick()

    assert retried == Retried()
    assert len(timer.sources) == 1
    assert timer.entry().replays == 1


def test_a_failure_that_is_taken_away_while_it_is_due_is_passed_over(timer: Timer) -> None:
    timer.having(a_failure())
    timer.store.hook = at_the_second_look(timer, timer.store.failures.clear)

    retried = timer.tick()

    assert retried == Retried()
    assert len(timer.sources) == 0


def test_who_dies_between_lease_and_sending_has_only_moved_it_to_its_next_try(
    timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    timer.having(a_failure())

    class PowerCutError(BaseException):
        """Nothing catches that."""

    def cut(**_: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(timer.sources, "send", cut)
        with pytest.raises(PowerCutError):
            timer.tick()

    assert timer.tick().counts == {}
    assert timer.tick(DUE + LADDER[1]).counts == {"sent": 1}


def test_a_source_that_is_gone_leaves_the_entries_as_they_were_and_holds_up_no_other(timer: Timer) -> None:
    timer.having(a_failure(), a_failure(queue="delivery"))
    timer.sources.gone.add("counters")
    before = timer.entry()

    retried = timer.tick()

    assert retried.gone == ("counters",)
    assert retried.counts == {"sent": 1}
    assert timer.entry() == before


def test_what_was_certainly_not_sent_is_as_it_was_and_is_sent_a_few_minutes_later(timer: Timer) -> None:
    timer.having(a_failure(), a_failure(2))
    before = timer.entry()
    timer.sources.outcomes[before.id] = Outcome.REFUSED

    retried = timer.tick()

    assert retried.counts == {"refused": 1, "sent": 1}
    later = DUE + REFUSED_PAUSE
    assert timer.entry() == replace(before, version=before.version + 2, refusals=1, next_at=later)
    timer.sources.outcomes.clear()
    assert timer.tick(later - MINUTE).counts == {}
    assert timer.tick(later).counts == {"sent": 1}
    assert timer.entry().refusals == 0


def test_what_its_source_refuses_for_a_day_waits_for_a_person(timer: Timer) -> None:
    timer.having(a_failure())
    timer.sources.outcomes[timer.entry().id] = Outcome.REFUSED
    now = DUE
    while timer.entry().state is State.RETRYING:
        timer.tick(now)
        now += REFUSED_PAUSE

    entry = timer.entry()
    assert (entry.state, entry.refusals, entry.replays) == (State.PARKED, MOST_REFUSALS, 0)
    assert entry.history[-1].note == "refused by its source too often"
    assert now - DUE == dt.timedelta(days=1)


def test_what_its_source_refuses_holds_up_nothing_else(timer: Timer) -> None:
    failures = [a_failure(number, next_at=DUE - (60 - number) * MINUTE) for number in range(1, 41)]
    timer.having(*failures)
    timer.sources.outcomes = {failure.id: Outcome.REFUSED for failure in failures[:20]}

    counts = [timer.tick(DUE + minute * MINUTE).counts for minute in range(3)]

    assert counts == [{"refused": 20}, {"sent": 20}, {}]


def test_a_source_that_takes_nothing_is_asked_no_further_in_that_minute(timer: Timer) -> None:
    failures = [a_failure(number) for number in range(1, 31)]
    timer.having(*failures)
    timer.sources.outcomes = {failure.id: Outcome.REFUSED for failure in failures}

    assert timer.tick().counts == {"refused": 20}


def test_what_a_source_never_takes_holds_up_nothing_else(timer: Timer) -> None:
    failures = [a_failure(number, next_at=DUE - (30 - number) * MINUTE) for number in range(1, 21)]
    timer.having(*failures)
    timer.sources.outcomes = {failure.id: Outcome.IMPOSSIBLE for failure in failures[:10]}

    assert timer.tick().counts == {"parked": 10, "sent": 10}


def test_what_a_source_never_takes_waits_for_a_person_and_was_not_sent(timer: Timer) -> None:
    timer.having(a_failure())
    timer.sources.outcomes[timer.entry().id] = Outcome.IMPOSSIBLE

    retried = timer.tick()

    entry = timer.entry()
    assert retried.counts == {"parked": 1}
    assert (entry.state, entry.replays, entry.next_at) == (State.PARKED, 0, None)
    assert entry.history[-1].note == "its source never takes it as it is"


def test_what_is_dealt_with_at_once_is_resolved_at_once(timer: Timer) -> None:
    timer.having(a_failure(queue="stream"))
    timer.sources.outcomes[timer.entry(queue="stream").id] = Outcome.SETTLED

    retried = timer.tick()

    entry = timer.entry(queue="stream")
    assert retried.counts == {"settled": 1}
    assert (entry.state, entry.closed_at, entry.replays) == (State.RESOLVED, DUE, 1)


def test_what_was_heard_of_a_failure_while_it_was_sent_is_not_undone(
    timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    timer.having(a_failure())
    send = timer.sources.send

    def discarded_meanwhile(*, failures: list[Failure]) -> dict[FailureId, Outcome]:
        timer.ledger.update(
            failure_id=failures[0].id,
            change=lambda known: (known or failures[0]).discarded(DUE, actor="ada", reason="not wanted"),
        )
        return dict(send(failures=failures))

    timer.sources.outcomes[timer.entry().id] = Outcome.REFUSED
    monkeypatch.setattr(timer.sources, "send", discarded_meanwhile)
    timer.tick()

    assert timer.entry().state is State.DISCARDED


def test_one_queue_that_cannot_be_dealt_with_holds_up_no_other(timer: Timer) -> None:
    timer.having(a_failure(), a_failure(queue="delivery"))
    broken = ValueError("the index is broken")

    def hook(step: Step) -> None:
        if step == Step("paces.get", Moment.BEFORE, commits=False) and not timer.sources.sent:
            timer.store.hook = lambda _: None
            raise broken

    timer.store.hook = hook
    retried = timer.tick()

    assert retried.failed == (("counters", broken),)
    assert [sent.queue for sent in timer.sources.sent] == ["delivery"]


def test_no_more_go_out_in_a_minute_than_the_pace_allows_and_the_longest_waiting_go_first(
    timer: Timer,
) -> None:
    timer.having(*(a_failure(number, next_at=DUE - number * MINUTE) for number in range(1, 41)))
    timer.paces.put(pace=Pace(queue="counters", allowed=25))

    assert timer.tick().counts == {"sent": 25}
    assert [sent.event_id for sent in timer.sources.sent] == [
        f"{number:032x}" for number in range(40, 15, -1)
    ]


def test_the_pace_halves_while_most_are_not_dealt_with_and_doubles_when_they_are(timer: Timer) -> None:
    timer.having(*(a_failure(number) for number in range(1, 2_001)))

    sent = [timer.tick(DUE + minute * MINUTE).counts["sent"] for minute in range(3)]
    assert sent == [1200, 600, 200]
    assert timer.paces.get(queue="counters").allowed == 300

    for failure in timer.sources.sent:
        timer.ledger.update(failure_id=failure.id, change=resolved)
    timer.having(a_failure(3_000))
    timer.tick(DUE + 3 * MINUTE)
    assert timer.paces.get(queue="counters").allowed == 600


def resolved(known: Failure | None) -> Failure:
    assert known is not None
    return known.resolved(DUE, actor="counters")


def test_a_pace_is_each_queue_s_own(timer: Timer) -> None:
    timer.having(a_failure(), a_failure(queue="delivery"))
    timer.paces.put(pace=Pace(queue="counters", allowed=10, sample=(failure_id("counters", f"{1:032x}"),)))

    timer.tick()

    assert timer.paces.get(queue="counters").allowed == 10
    assert timer.paces.get(queue="delivery") == Pace(
        queue="delivery", sample=(timer.entry(queue="delivery").id,)
    )


def test_what_is_left_is_told_for_all_queues(timer: Timer) -> None:
    timer.having(
        a_failure(1, kind=Kind.PERMANENT, first_at=FAILED_AT - dt.timedelta(days=9)),
        a_failure(2, kind=Kind.PERMANENT, queue="stream"),
        a_failure(3, first_at=FAILED_AT - dt.timedelta(hours=5)),
        a_failure(4, queue="tick"),
    )

    assert backlog(FAILED_AT, ledger=timer.ledger) == Backlog(parked=2, oldest_retrying=dt.timedelta(hours=5))
    assert backlog(FAILED_AT, ledger=InMemoryLedger()) == Backlog(parked=0, oldest_retrying=dt.timedelta())
