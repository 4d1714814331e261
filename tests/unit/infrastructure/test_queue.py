"""What a consumer answers to its queue, and what it leaves to it: each failure, alone and among others.

It is long since every kind goes through the same batch, by the same helpers.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from domain.delivery import DeliveryUnknownError
from domain.errors import ConflictError, TryAgainLaterError
from domain.failures import Failure, FailureId, Kind, State
from domain.recording import record
from events import catalog
from events.envelope import Event
from infrastructure.context import correlation, correlation_id
from infrastructure.dynamodb.errors import StoreUnavailableError
from infrastructure.dynamodb.stream import event_of
from infrastructure.queue import Batch, Consumer, Hidden, each_record
from tests.aws_events import Json, batch, item_of, message, payload, stream_record
from tests.builders import FAILED_AT, a_report, a_work_entry
from tests.fakes import InMemoryLedger, Moment, Step, Store
from tests.logs import Log, caught_log

Change = Callable[[Failure | None], Failure]

NOTHING_FAILED: Batch = {"batchItemFailures": []}


@dataclass
class Waiting:
    """Implements `infrastructure.queue.Visibility`: remembers when each message comes back."""

    seconds: dict[str, int] = field(default_factory=dict)
    refuses: bool = False

    def hide(self, *, messages: Sequence[Hidden]) -> None:
        if self.refuses:
            raise TryAgainLaterError("SQS is throttled")
        self.seconds |= {
            hidden.receipt_handle.removeprefix("receipt-of-"): hidden.seconds for hidden in messages
        }


@dataclass
class Desk:
    """A consumer of the counters, and all that it talks to. Its jitter takes the whole of each bound."""

    store: Store = field(default_factory=Store)
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def ledger(self) -> InMemoryLedger:
        return InMemoryLedger(self.store)

    @property
    def consumer(self) -> Consumer:
        return Consumer(
            queue="counters",
            most_receives=8,
            ledger=self.ledger,
            visibility=lambda: self.waiting,
            now=lambda: FAILED_AT,
            jitter=max,
        )

    def each(self, messages: Json, handle: Callable[[Event], None]) -> Batch:
        return self.consumer.each_event(messages, handle)

    @property
    def failure(self) -> Failure:
        [failure] = self.store.failures.values()
        return failure


@pytest.fixture(autouse=True)
def log() -> Iterator[Log]:
    with caught_log() as log:
        yield log


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_message_of_a_batch_is_handled_in_turn(desk: Desk) -> None:
    handled: list[Event] = []

    answer = desk.each(batch([a_message("one"), a_message("two")]), handled.append)

    assert answer == NOTHING_FAILED
    assert [event.data["description"] for event in handled] == ["one", "two"]


def test_only_the_messages_that_fail_come_back(desk: Desk) -> None:
    answer = desk.each(batch([a_message("good"), a_message("bad"), a_message("good")]), failing_for_now)

    assert answer == failed("2")
    assert desk.waiting.seconds.keys() == {"2"}


def test_a_batch_as_aws_sends_it_is_read(desk: Desk) -> None:
    assert desk.each(payload("sqs"), lambda _: None) == NOTHING_FAILED


def test_a_batch_that_went_well_at_once_costs_no_call(desk: Desk) -> None:
    desk.each(batch([a_message("one"), a_message("two")]), lambda _: None)

    assert desk.store.calls.total() == 0


def test_what_fails_for_now_waits_up_to_a_bound_that_trebles_and_no_longer_than_15_minutes(
    desk: Desk,
) -> None:
    for receives in range(1, 8):
        desk.each(one("bad", message_id=str(receives), receives=receives), failing_for_now)

    assert list(desk.waiting.seconds.values()) == [5, 15, 45, 135, 405, 900, 900]


@pytest.mark.parametrize(("known", "waits"), [(0, 0), (150, 150), (901, 900)])
def test_what_says_itself_when_to_try_again_is_tried_then(desk: Desk, known: int, waits: int) -> None:
    def not_yet(_event: Event) -> None:
        raise TryAgainLaterError("not yet", seconds=known)

    desk.each(one("early", receives=7), not_yet)

    assert desk.waiting.seconds == {"1": waits}


def test_the_wait_is_drawn_from_all_of_the_time_up_to_the_bound() -> None:
    drawn: list[tuple[float, float]] = []

    def lowest(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    desk = Desk()
    consumer = Consumer(
        queue="counters",
        most_receives=8,
        ledger=desk.ledger,
        visibility=lambda: desk.waiting,
        now=lambda: FAILED_AT,
        jitter=lowest,
    )
    consumer.each_event(one("bad", receives=3), failing_for_now)

    assert (drawn, desk.waiting.seconds) == ([(1, 45)], {"1": 1})


def test_at_its_last_receive_the_cause_is_noted_and_the_message_dies_at_once(desk: Desk) -> None:
    answer = desk.each(one("bad", receives=8), failing_for_now)

    assert answer == failed("1")
    assert desk.waiting.seconds == {"1": 0}
    assert (desk.failure.state, desk.failure.kind, desk.failure.attempts) == (
        State.RETRYING,
        Kind.TRANSIENT,
        8,
    )
    assert (desk.failure.cause.error, desk.failure.cause.message) == (
        "StoreUnavailableError",
        "the table is throttled",
    )


def test_a_message_that_does_not_say_when_it_was_sent_is_dealt_with_like_the_others(desk: Desk) -> None:
    silent, other = (message(a_message("bad"), message_id=each) for each in ("1", "2"))
    del silent["attributes"]["SentTimestamp"]
    before = dt.datetime.now(dt.UTC)

    answer = desk.each(batch_of(silent, other), failing_for_good)

    assert answer == NOTHING_FAILED
    assert desk.failure.message_ids == ("1", "2")
    assert before <= desk.failure.first_at <= dt.datetime.now(dt.UTC)


def test_what_can_never_work_is_parked_and_acknowledged_at_once(desk: Desk) -> None:
    answer = desk.each(batch([a_message("good"), a_message("bad")]), failing_for_good)

    assert (answer, desk.waiting.seconds) == (NOTHING_FAILED, {})
    assert (desk.failure.state, desk.failure.kind) == (State.PARKED, Kind.PERMANENT)


def test_the_ledger_is_told_all_there_is_to_know(desk: Desk) -> None:
    body = a_message("bad")

    desk.each(batch([body]), failing_for_good)

    failure, event = desk.failure, catalog.read(body)
    assert (failure.queue, failure.event_id, failure.body) == ("counters", event.id, body)
    assert (failure.account_id, failure.event_type) == (event.account, "invoicely.work.logged.v1")
    assert (failure.correlation_id, failure.message_ids) == ("request-1", ("1",))
    assert failure.first_at == dt.datetime(2026, 10, 31, 8, 0, 0, 123000, dt.UTC)
    assert (failure.cause.error, failure.cause.code) == ("ConflictError", "conflict")


@pytest.mark.parametrize("body", ["?", "{}", "[1]", '{"id": 7}', '"\ud800"'])
def test_a_message_that_is_no_event_is_parked_alone_and_as_it_came(desk: Desk, body: str) -> None:
    handled: list[Event] = []

    answer = desk.each(batch([body, a_message("one")]), handled.append)

    assert (answer, len(handled)) == (NOTHING_FAILED, 1)
    assert (desk.failure.body, desk.failure.kind) == (body, Kind.PERMANENT)


def test_an_event_that_is_newer_than_the_code_waits_for_a_deployment(desk: Desk) -> None:
    newer = a_message("one").replace(".v1", ".v2")

    answer = desk.each(batch([newer]), lambda _: None)

    assert answer == NOTHING_FAILED
    assert (desk.failure.state, desk.failure.kind) == (State.RETRYING, Kind.FUTURE)


def test_what_nobody_anticipated_counts_as_passing_three_times_and_then_as_lasting(desk: Desk) -> None:
    answers = [desk.each(one("bad", receives=receives), failing_by_a_bug) for receives in (1, 2, 3, 4)]

    assert answers == [failed("1")] * 3 + [NOTHING_FAILED]
    assert (desk.failure.state, desk.failure.kind, desk.failure.attempts) == (State.PARKED, Kind.UNKNOWN, 4)


@pytest.mark.parametrize(("receives", "seconds"), [(1, 5), (8, 0)])
def test_what_the_ledger_does_not_have_is_not_acknowledged(desk: Desk, receives: int, seconds: int) -> None:
    desk.store.hook = down

    answer = desk.each(one("bad", receives=receives), failing_for_good)

    assert answer == failed("1")
    assert desk.waiting.seconds == {"1": seconds}
    assert desk.store.failures == {}


def test_a_ledger_that_is_down_is_asked_once_for_all_messages(desk: Desk) -> None:
    asked: list[Step] = []

    def count(step: Step) -> None:
        asked.append(step)
        down(step)

    desk.store.hook = count

    desk.each(batch([a_message("bad")] * 10), failing_for_good)

    assert len(asked) == 1
    assert len(desk.waiting.seconds) == 10


def test_messages_come_back_also_where_the_backoff_cannot_be_set(desk: Desk, log: Log) -> None:
    desk.waiting.refuses = True

    assert desk.each(one("bad"), failing_for_now) == failed("1")
    assert "backoff not set" in {line["message"] for line in log.lines}


def test_a_replay_that_succeeds_resolves_its_failure(desk: Desk) -> None:
    failure = record(a_report(), ledger=desk.ledger, now=FAILED_AT)

    answer = desk.each(one("good", replay_of=failure.id), lambda _: None)

    assert answer == NOTHING_FAILED
    assert desk.failure.state is State.RESOLVED
    assert desk.failure.history[-1].actor == "counters"


def test_a_message_that_succeeds_late_resolves_what_an_earlier_attempt_recorded(desk: Desk) -> None:
    desk.each(one("bad", receives=1), failing_for_good)

    desk.each(one("bad", receives=2), lambda _: None)

    assert desk.failure.state is State.RESOLVED


def test_messages_that_succeed_late_cost_one_call_for_all(desk: Desk) -> None:
    late = [message(a_message(str(each)), message_id=str(each), receives=2) for each in range(50)]

    desk.each({"Records": late}, lambda _: None)

    assert desk.store.calls == {"ledger.open_among": 1}


def test_a_success_that_cannot_be_told_to_the_ledger_comes_back(desk: Desk) -> None:
    failure = record(a_report(), ledger=desk.ledger, now=FAILED_AT)
    desk.store.hook = down

    answer = desk.each(one("good", replay_of=failure.id), lambda _: None)

    assert answer == failed("1")
    assert desk.failure.state is State.RETRYING


def test_a_success_is_never_given_up_whatever_the_ledger_raises(desk: Desk) -> None:
    failure = record(a_report(), ledger=desk.ledger, now=FAILED_AT)
    desk.store.hook = broken

    answers = [
        desk.each(one("good", receives=receives, replay_of=failure.id), lambda _: None)
        for receives in range(1, 8)
    ]

    assert answers == [failed("1")] * 7
    assert desk.failure.state is State.RETRYING


def test_a_success_that_the_ledger_cannot_take_in_holds_up_no_other(
    desk: Desk, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (record(a_report(number), ledger=desk.ledger, now=FAILED_AT) for number in (1, 2))
    update = InMemoryLedger.update

    def unreadable(self: InMemoryLedger, *, failure_id: FailureId, change: Change) -> Failure:
        if failure_id == bad.id:
            raise ValueError("ada@example.com")
        return update(self, failure_id=failure_id, change=change)

    monkeypatch.setattr(InMemoryLedger, "update", unreadable)
    answer = desk.each(
        batch_of(*(replayed(number, failure.id) for number, failure in enumerate((bad, good)))),
        lambda _: None,
    )

    assert answer == failed("0")
    assert [desk.ledger.get(failure_id=each.id).state for each in (bad, good)] == [
        State.RETRYING,
        State.RESOLVED,
    ]
    assert [told["error"] for line in log.lines for told in line["failed"]] == ["UnresolvedError"]
    assert "ada@example.com" not in log.text


def test_a_replay_that_fails_belongs_to_its_failure_whatever_its_body_was_edited_to(desk: Desk) -> None:
    record(a_report(), ledger=desk.ledger, now=FAILED_AT)

    desk.each(one("bad", replay_of=a_report().id), failing_for_good)

    assert (desk.failure.id, desk.failure.state) == (a_report().id, State.PARKED)


@pytest.mark.parametrize("nonsense", ["nonsense", "delivery:1", "counters:"])
def test_an_attribute_that_names_no_failure_of_the_queue_is_no_replay(desk: Desk, nonsense: str) -> None:
    desk.each(one("bad", replay_of=nonsense), failing_for_good)

    assert desk.failure.event_id == catalog.read(a_message("bad")).id


def test_each_event_is_handled_in_the_course_of_what_it_goes_back_to(desk: Desk) -> None:
    seen: list[str | None] = []
    bodies = [a_message("one", because="request-1"), a_message("two", because=None)]

    with correlation("another batch"):
        desk.each(batch(bodies), lambda _: seen.append(correlation_id()))

    assert seen == ["request-1", None]


def test_a_batch_is_one_line_in_the_log_with_what_it_was_for_and_what_failed(desk: Desk, log: Log) -> None:
    def handle(event: Event) -> None:
        if event.data["description"] == "bad":
            raise DeliveryUnknownError("ada@example.com owes 100 EUR")

    desk.each(batch([a_message("good", because="b"), a_message("bad", because="a"), "?"]), handle)

    [line] = log.lines
    assert (line["level"], line["message"], line["messages"]) == ("INFO", "batch done", 3)
    assert line["correlation_ids"] == ["a", "b"]
    assert [
        (told["message_id"], told["error"], told["code"], told["recorded"]) for told in line["failed"]
    ] == [
        ("2", "DeliveryUnknownError", "delivery-unknown", True),
        ("3", "UnreadableEventError", "unreadable-event", True),
    ]
    assert "ada@example.com" not in log.text


def test_of_messages_that_are_handled_as_they_came_only_those_come_back_that_fail(log: Log) -> None:
    handled: list[str] = []

    def handle(record: Json) -> None:
        if record["messageId"] == "two":
            raise TryAgainLaterError
        handled.append(record["messageId"])

    records = [message("{}", message_id=name) for name in ("one", "two", "three")]

    assert each_record({"Records": records}, handle) == {"batchItemFailures": [{"itemIdentifier": "two"}]}
    assert handled == ["one", "three"]
    assert [(line["messages"], line["failed_count"]) for line in log.lines] == [(3, 1)]


def failing_for_now(event: Event) -> None:
    if event.data["description"] == "bad":
        raise StoreUnavailableError("the table is throttled")


def failing_for_good(event: Event) -> None:
    if event.data["description"] == "bad":
        raise ConflictError("the work stands on an invoice")


def failing_by_a_bug(event: Event) -> None:
    if event.data["description"] == "bad":
        raise ZeroDivisionError


def down(step: Step) -> None:
    if step.moment is Moment.BEFORE:
        raise StoreUnavailableError("the table did not answer")


def broken(step: Step) -> None:
    if step == Step("ledger.open_among", Moment.BEFORE, commits=False):
        raise KeyError("a bug")


def replayed(number: int, failure: FailureId) -> Json:
    return message(a_message("good"), message_id=str(number), replay_of=failure)


def batch_of(*messages: Json) -> Json:
    return {"Records": list(messages)}


def failed(*message_ids: str) -> Batch:
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}


def one(
    description: str, *, message_id: str = "1", receives: int = 1, replay_of: FailureId | str | None = None
) -> Json:
    told = message(a_message(description), message_id=message_id, receives=receives, replay_of=replay_of)
    return {"Records": [told]}


def a_message(description: str, *, because: str | None = "request-1") -> str:
    item = item_of(a_work_entry(description=description), because=because)
    return catalog.write(event_of(stream_record(item)))
