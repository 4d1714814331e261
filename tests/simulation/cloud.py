"""What AWS does between the functions, and to them: at every call of a port things may go wrong."""

import datetime as dt
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from domain.failures import State
from domain.invoices import Invoice
from domain.replays import ReplayJob
from handlers import open_invoices, remind_clients, retry_failures
from tests.fakes import InMemoryArchive, Moment, RecordingPostman, Step, Store
from tests.simulation import faults
from tests.simulation.chance import Chance, Fault
from tests.simulation.ledger import QuietLedger
from tests.simulation.queues import Queue, declared
from tests.simulation.scheduler import Crash, Scheduler, Worker, working
from tests.simulation.services import S3, Lambda, Ses, Sns, Sqs
from tests.simulation.stream import Stream
from tests.simulation.watch import Watch
from tests.world import World, in_memory

if TYPE_CHECKING:
    from domain.delivery import Delivery
    from domain.reminders import Reminder

BEGIN = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)

_LONGEST_CALL = 0.5  # most take a hundredth of it
_MINUTE, _HOUR = 60.0, 3_600.0
_REQUEST_TIMEOUT = 30.0
_TICK_TIMEOUT = 300.0
_TICK_ATTEMPTS = 3
_MOST_LOST = 8
_FAILED = {"errorType": "TickIncompleteError", "errorMessage": "says the simulation"}
_LONGEST_STALL = 400.0


class Cloud:
    """One store with all fakes over it, and the queues, the stream and the functions around it."""

    def __init__(self, chance: Chance, *, trace: Callable[[str], None] | None = None) -> None:
        self.chance = chance
        self.scheduler = Scheduler()
        self.store = Store()
        self.world: World = replace(in_memory(self.store), ledger=QuietLedger(self.store))
        self.archive = InMemoryArchive(self.store)
        self.postman = RecordingPostman(self.store)
        self.sns, self.sqs, self.lambdas, self.s3 = Sns(self), Sqs(self), Lambda(self), S3(self)
        self.ses = Ses(self)
        self.stream = Stream(self.store, self)
        self.queues = {told.name: Queue(told, self) for told in declared()}
        self.watch = Watch(self)
        self.outages: dict[str, tuple[float, float]] = {}
        self.calls: Counter[str] = Counter()
        self.allowed: defaultdict[str, float] = defaultdict(float)
        self.while_collecting: Callable[[], None] = lambda: None
        self.when_seen: Callable[[Invoice | Delivery | Reminder], None] = lambda _: None
        self.steps = 0
        self._ids = 0
        self._runs = 0
        self._trace = trace
        self._retries_at = math.inf
        self._reminds_at = math.inf
        self._failed_retries = 0
        self.store.now = self.now
        self.store.hook = self.hook

    def now(self) -> dt.datetime:
        return self.instant(self.scheduler.now)

    def instant(self, seconds: float) -> dt.datetime:
        return BEGIN + dt.timedelta(seconds=seconds)

    def seconds(self, instant: dt.datetime) -> float:
        return (instant - BEGIN).total_seconds()

    def new_id(self) -> str:
        self._ids += 1
        return f"{self._ids:016}"

    def note(self, told: str) -> None:
        """Tell what happens, where somebody follows it."""
        if self._trace:
            name = worker.name if (worker := working()) else "-"
            self._trace(f"{self.now():%m-%d %H:%M:%S.%f} {name:<20} {told}")

    def invoke(
        self,
        function: str,
        handler: Callable[[Any, Any], Any],
        event: Any,
        *,
        timeout: float,
        then: Callable[[Any], None],
        queue: str = "",
    ) -> None:
        """Start a function; *then* hears its answer, or None where it failed as a whole."""

        def run(worker: Worker) -> None:
            answer: Any = None
            try:
                answer = handler(event, None) or {}
                if self._trace:
                    self.note(f"answers {answer}")
            except (Exception, Crash) as error:  # noqa: BLE001 - as Lambda's runtime
                self.note(f"fails with {type(error).__name__}: {error}")
            self.watch.ended(function, event, worker)
            self.scheduler.after(0, lambda: then(answer))

        self._start(function, run, timeout, queue)

    def request(self, work: Callable[[Worker], None], *, name: str = "request") -> None:
        """Let somebody do something, as a request does; its calls are counted like those of a function."""
        self._start(name, work, _REQUEST_TIMEOUT)

    def tick(self, event: dict[str, Any], attempt: int = 1) -> None:
        """Open invoices; Lambda invokes the function twice again when it fails, then the event is dead."""

        def ended(answer: object) -> None:
            if answer is None and attempt < _TICK_ATTEMPTS:
                self.scheduler.after(attempt * _MINUTE, lambda: self.tick(event, attempt + 1))
            elif answer is None:
                told = {"condition": "RetriesExhausted", "approximateInvokeCount": attempt}
                dead = {"requestPayload": event, "requestContext": told, "responsePayload": _FAILED}
                self.queues["tick-dlq"].send(json.dumps(dead))
                self.chance.seen["a tick died"] += 1

        self.invoke("open_invoices", open_invoices.handler, event, timeout=_TICK_TIMEOUT, then=ended)

    def arrange_retries(self) -> None:
        """See to it that the timer ticks when something is due for it; its other ticks would do nothing.

        While it is in vain, ever more of its ticks are lost: an outage of hours would take all our time.
        """
        if due := self._next_retry():
            minute = ceil(self.seconds(due) / _MINUTE)
            earliest = floor(self.scheduler.now / _MINUTE) + 2**self._failed_retries
            instant = max(minute, earliest) * _MINUTE
            if instant < self._retries_at:
                self._retries_at = instant
                self.scheduler.at(instant + self.chance.between(0, 1), partial(self._retry, instant))

    def _next_retry(self) -> dt.datetime | None:
        waiting = [each.next_at for each in self.store.failures.values() if each.state is State.RETRYING]
        waiting += [_next_turn(job) for job in self.store.replays.values() if job.is_for_the_timer]
        return min((at for at in waiting if at), default=None)

    def _retry(self, instant: float) -> None:
        def ended(answer: object) -> None:
            due = self._next_retry()
            is_done = answer is not None and (due is None or due > self.now())
            self._failed_retries = 0 if is_done else min(_MOST_LOST, self._failed_retries + 1)
            self.arrange_retries()

        self._retries_at = math.inf
        event = {"time": self.instant(instant).isoformat().replace("+00:00", "Z")}
        for _ in range(2 if self.chance.strikes(Fault.DOUBLE_TICK, times=5) else 1):
            self.invoke("retry_failures", retry_failures.handler, event, timeout=_TICK_TIMEOUT, then=ended)

    def arrange_reminders(self) -> None:
        """As with retries: of the hourly ticks those come that find something due."""
        waiting = [each.remind_at for each in self.store.all(Invoice) if each.reminder_days]
        if due := min((at for at in waiting if at), default=None):
            hour = max(ceil(self.seconds(due) / _HOUR), floor(self.scheduler.now / _HOUR) + 1)
            if hour < self._reminds_at:
                self._reminds_at = hour
                self.scheduler.at(hour * _HOUR + self.chance.between(0, 1), partial(self._remind, hour))

    def _remind(self, hour: int) -> None:
        self._reminds_at = math.inf
        if self.chance.strikes(Fault.LOST_TICK, times=5):
            self.arrange_reminders()
            return
        event = {"time": self.instant(hour * _HOUR).isoformat().replace("+00:00", "Z")}
        for _ in range(2 if self.chance.strikes(Fault.DOUBLE_TICK, times=10) else 1):
            self.invoke(
                "remind_clients",
                remind_clients.handler,
                event,
                timeout=_TICK_TIMEOUT,
                then=lambda _: self.arrange_reminders(),
            )

    def hook(self, step: Step) -> None:
        """Stand around every call of every port."""
        if (worker := working()) is None:
            return
        if step.moment is Moment.BEFORE:
            self._before(worker, step)
        else:
            self._after(worker, step)

    def end(self) -> None:
        """Let go of all, which knows the cloud in turn: so nothing is left to the garbage collector."""
        vars(self).clear()

    def excuse(self) -> None:
        """One more call of this worker is owed to a fault."""
        if worker := working():
            worker.faults += 1

    def _start(self, name: str, work: Callable[[Worker], None], timeout: float, queue: str = "") -> None:
        self._runs += 1
        worker = Worker(f"{name}-{self._runs}", self.scheduler.now + timeout, queue)
        self.scheduler.start(worker, work)

    def _before(self, worker: Worker, step: Step) -> None:
        if worker.within:
            self.chance.seen[f"a race was lost at {worker.within}"] += 1
            worker.races += 1
        worker.calls += 1
        worker.fate = worker.within = None
        self.steps += 1
        self.scheduler.pause(worker, _LONGEST_CALL * self.chance.random.random() ** 4)
        if self.outages and self._is_out(step.call):
            self._strike(worker, Fault.OUTAGE, step, faults.refused(step.call))
        if fault := self.chance.of_call(commits=step.commits):
            self._meet(worker, fault, step)
        if step.call == "postman.send":
            self._mail(worker, step)
        if step.commits:
            worker.within = step.call
        elif step.call == "collecting.unbilled":
            self.while_collecting()
        if self._trace:
            self.note(step.call)

    def _meet(self, worker: Worker, fault: Fault, step: Step) -> None:
        match fault:
            case Fault.CRASH_BEFORE:
                self._strike(worker, Fault.CRASH_BEFORE, step, Crash())
            case Fault.SLOW:
                self._strike(worker, Fault.SLOW, step)
                self.scheduler.pause(worker, self.chance.between(0, _LONGEST_STALL))
            case Fault.CONFLICT:
                self._strike(worker, Fault.CONFLICT, step, faults.conflict(step.call))
            case Fault.THROTTLE:
                told = Fault.MAIL_REFUSED if step.call == "postman.send" else fault
                self._strike(worker, told, step, faults.refused(step.call))
            case Fault.NO_ANSWER:
                self._strike(worker, Fault.NO_ANSWER, step, faults.unanswered(step.call))
            case _:
                worker.fate = fault

    def _mail(self, worker: Worker, step: Step) -> None:
        if self.chance.draws(Fault.MAIL_REFUSED, times=15):
            self._strike(worker, Fault.MAIL_REFUSED, step, faults.refused(step.call))
        if self.chance.draws(Fault.MAIL_UNCERTAIN, times=15):
            worker.fate = Fault.MAIL_UNCERTAIN

    def _after(self, worker: Worker, step: Step) -> None:
        worker.within = None
        self.watch.called(step, worker)
        if step.call == "postman.send":
            self.ses.tell(self.postman.mails[-1], f"message-{len(self.postman)}")
        if fault := worker.fate:
            error = Crash() if fault is Fault.CRASH_AFTER else faults.unanswered(step.call)
            self._strike(worker, fault, step, error)

    def _strike(self, worker: Worker, fault: Fault, step: Step, error: BaseException | None = None) -> None:
        worker.faults += 1
        worker.fate = None
        self.chance.struck[fault] += 1
        self.note(f"{step.call}: {fault}")
        if error:
            raise error

    def _is_out(self, call: str) -> bool:
        since, until = self.outages.get(faults.service_of(call), (0.0, 0.0))
        return since <= self.scheduler.now < until


def _next_turn(job: ReplayJob) -> dt.datetime:
    """When the timer carries it on: once in a minute, and what came to no end then, once in an hour."""
    return job.turn_at + dt.timedelta(hours=1) if job.turn_at else job.pinned_at
