"""Whoever looks into what failed: an operator weeks later, an owner over HTTP, and who gives nonsense up."""

from contextlib import suppress
from functools import partial

from botocore.exceptions import ClientError

from domain.clients import Client
from domain.errors import InvoicelyError
from domain.failures import MOST_REPLAYS, Failure
from domain.failures import State as FailureState
from domain.identifiers import AccountId, JobId
from domain.own_failures import select_failures
from domain.own_replays import ask_for_replay
from domain.replaying import Runner
from domain.replays import WELL, JobState, pin_replay
from domain.triage import Filters, find_failures
from infrastructure import wiring
from tests.simulation.chance import Fault
from tests.simulation.cloud import Cloud
from tests.simulation.scheduler import Crash, Worker

_HOUR = 3_600.0
_OPERATOR = "the operator"


class Operators:
    """Whoever replays what waits for a person."""

    def __init__(self, cloud: Cloud) -> None:
        self.replayed: set[JobId] = set()
        self._cloud = cloud
        self._chance = cloud.chance

    def replay(self) -> None:
        """What a person does weeks later: whatever waits for one is shown, pinned, and sent again."""
        if any(each.state is FailureState.PARKED for each in self._cloud.store.failures.values()):
            self._cloud.request(self._pin, name="operator")

    def _pin(self, worker: Worker) -> None:
        cloud, jobs = self._cloud, self._cloud.world.replay_jobs
        with suppress(InvoicelyError, Crash):
            parked = find_failures(Filters(states=(FailureState.PARKED,)), ledger=cloud.world.ledger)
            shown = [failure for failure in parked if failure.replays < MOST_REPLAYS]
            job = pin_replay(
                shown, asked="parked", jobs=jobs, now=cloud.now(), actor=_OPERATOR, new_id=cloud.new_id
            )
            for _ in range(2 if self._chance.happens(0.3) else 1):
                self._carry_out(job.id, self._chance.between(0, 1))
        cloud.watch.ended("operator", None, worker)

    def ask(self) -> None:
        """What an owner does over HTTP: whatever waits for a person is sent again, by the timer."""
        account_id = self._chance.one_of(self._cloud.store.all(Client)).account_id
        own = [each for each in self._cloud.store.failures.values() if each.account_id == account_id]
        if any(each.state is FailureState.PARKED for each in own):
            self._cloud.request(partial(self._ask, account_id), name="operator")

    def _ask(self, account_id: AccountId, worker: Worker) -> None:
        cloud = self._cloud
        filters = Filters(account_id=account_id, states=(FailureState.PARKED,))
        with suppress(InvoicelyError, Crash):
            found = select_failures(filters, account_id=account_id, ledger=cloud.world.ledger)
            ask_for_replay(
                found.failures,
                asked="parked",
                account_id=account_id,
                jobs=cloud.world.replay_jobs,
                now=cloud.now(),
                actor="account, signed in",
                new_id=cloud.new_id,
            )
            self._chance.seen["an owner replayed what failed"] += 1
        cloud.watch.ended("operator", None, worker)
        cloud.arrange_retries()

    def _carry_out(self, job_id: JobId, seconds: float) -> None:
        """Run a job in a while; whoever sees it die, or stop, runs it again."""
        run = partial(self._run, job_id)
        self._cloud.scheduler.after(seconds, lambda: self._cloud.request(run, name="operator"))

    def _run(self, job_id: JobId, worker: Worker) -> None:
        cloud = self._cloud
        runner = Runner(
            jobs=cloud.world.replay_jobs,
            ledger=cloud.world.ledger,
            sources=wiring.sources(),
            now=cloud.now,
            pause=partial(cloud.scheduler.pause, worker),
            actor=_OPERATOR,
            progress=lambda _: None,
        )
        with suppress(InvoicelyError, ClientError, Crash):
            replayed = runner.run(job_id)
            if replayed.job.state is JobState.DONE and job_id not in self.replayed:
                self.replayed.add(job_id)
                self._chance.struck[Fault.WEEKS_LATER] += sum(replayed.counts[fate] for fate in WELL)
        if cloud.store.replays[job_id].state is not JobState.DONE:
            self._chance.seen["a replay was resumed"] += 1
            self._carry_out(job_id, self._chance.between(0, 10 * _HOUR))
        cloud.watch.ended("operator", None, worker)

    def _discard(self, failure: Failure, worker: Worker) -> None:
        """Give up what no code will ever read."""

        def change(known: Failure | None) -> Failure:
            assert known is not None
            return known.discarded(self._cloud.now(), actor=_OPERATOR, reason="nonsense")

        with suppress(InvoicelyError, Crash):
            self._cloud.world.ledger.update(failure_id=failure.id, change=change)
        self._cloud.watch.ended("operator", None, worker)

    def give_up(self, queue: str, body: str) -> None:
        """Discard an event that is newer than the code, once the ledger has it: no deployment comes here."""
        failures = [each for each in self._cloud.store.failures.values() if each.queue == queue]
        known = [failure for failure in failures if failure.body == body]
        left = [failure for failure in known if failure.is_open]
        for failure in left:
            self._cloud.request(partial(self._discard, failure), name="operator")
        queues = self._cloud.queues.values()
        is_on_its_way = any(each.body == body for held in queues for each in held.messages.values())
        if left or is_on_its_way or not known:
            self._cloud.scheduler.after(_HOUR, partial(self.give_up, queue, body))
