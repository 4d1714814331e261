"""`invoicely failures replay` and `cancel`."""

import getpass
import re
from typing import Any

import pytest

from domain.failures import MOST_REPLAYS, State
from domain.replays import JobState
from domain.retries import Outcome
from infrastructure import wiring
from tests.builders import THROTTLED, a_failure, a_report
from tests.fakes import InMemorySources, Moment, Step, Store
from tests.ledgers import LATER, MISSING, POISON, get, put, reported, resolve, the_id
from tests.terminal import Ended, Terminal
from tests.turns import once
from tests.world import World


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long anybody waited, who did not have to."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


@pytest.fixture
def sources() -> InMemorySources:
    found = wiring.sources()
    assert isinstance(found, InMemorySources)
    return found


def the_job(ended: Ended) -> str:
    """The selection that was pinned, as the printed command names it."""
    [job] = set(re.findall(r"rpl_[0-9a-z]{16}", ended.out + ended.err))
    return str(job)


def all_that_is_stored(store: Store) -> Any:
    return dict(store.failures), dict(store.replays)


def test_at_first_shows_what_would_be_sent_and_sends_nothing(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    ended = invoicely("failures", "replay")

    assert ended.code == 0
    assert ended.lines[:4] == [
        "Would replay 3 failures:",
        f"       2  {MISSING.id}  NotFoundError at domain.clients:88 (not-found)",
        f"       1  {THROTTLED.id}  StoreUnavailableError at {THROTTLED.at} (store-unavailable)",
        "  counters 2, delivery 1 · parked 2, retrying 1",
    ]
    assert [line.split()[0] for line in ended.lines[7:10]] == [
        the_id(1),
        the_id(2),
        the_id(3, "delivery"),
    ]
    assert ended.lines[-1] == f"  invoicely failures replay --job {the_job(ended)} --apply"
    assert len(sources) == 0


def test_shows_the_first_five_and_how_long_it_takes(invoicely: Terminal, world: World) -> None:
    for number in range(300):
        reported(world, a_report(number))

    shown = invoicely("failures", "replay", "--rate", "0.5")
    plain = invoicely("failures", "replay", "--rate", "0.5", "--json").json

    assert "and 295 more" in shown.lines
    assert "About 10 minutes at 0.5 a second. To send exactly these:" in shown.lines
    assert (plain["count"], plain["minutes"]) == (300, 10.0)
    assert [each["id"] for each in plain["first"]] == [the_id(number) for number in range(5)]
    assert plain["command"] == f"invoicely failures replay --job {plain['job']} --apply"


def test_the_printed_command_sends_exactly_what_was_shown(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    shown = invoicely("failures", "replay", "--cause", "not-found")
    reported(failed, a_report(4, **POISON), LATER)
    resolve(failed, the_id(2))

    ended = invoicely(*shown.lines[-1].split()[1:])

    assert [failure.id for failure in sources.sent] == [the_id(1)]
    assert ended.code == 6
    assert ended.lines == [
        f"{the_job(shown)} is done. Of 2 failures: 1 sent, 1 skipped.",
        f"  {the_id(2)} skipped: it is resolved now, since 2026-11-01T10:00:00Z",
    ]


def test_sends_at_once_where_that_is_meant_and_says_who_did_it(
    invoicely: Terminal, failed: World, sources: InMemorySources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICELY_ACTOR", "ada")

    ended = invoicely("failures", "replay", the_id(1), the_id(3, "delivery"), "--apply")

    job = the_job(ended)
    assert (ended.code, ended.out) == (0, f"{job} is done. Of 2 failures: 2 sent.\n")
    assert f"--job {job} --apply" in ended.err
    assert {failure.id for failure in sources.sent} == {the_id(1), the_id(3, "delivery")}
    [action] = get(failed, the_id(1)).history
    assert (action.actor, action.action, action.note) == ("ada", "replayed", job)


def test_the_actor_is_who_is_logged_in_unless_a_flag_says_so(
    invoicely: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "root")

    invoicely("failures", "replay", the_id(1), "--apply")
    invoicely("failures", "replay", the_id(2), "--apply", "--actor", "Ada Lovelace")

    assert [get(failed, the_id(number)).history[0].actor for number in (1, 2)] == ["root", "Ada Lovelace"]


def test_an_actor_may_be_nobody_that_the_system_knows(
    invoicely: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise KeyError("uid 1234")

    monkeypatch.setattr(getpass, "getuser", fail)

    invoicely("failures", "replay", the_id(1), "--apply")

    assert get(failed, the_id(1)).history[0].actor == "unknown"


@pytest.mark.parametrize("actor", ["", " ", "a\nb", "x" * 101])
def test_an_actor_has_a_name_that_can_be_read(invoicely: Terminal, failed: World, actor: str) -> None:
    assert invoicely("failures", "replay", the_id(1), "--apply", "--actor", actor).code == 2


def test_takes_at_most_so_many_the_oldest_first(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    invoicely("failures", "replay", "--max", "2", "--apply")

    assert [failure.id for failure in sources.sent] == [the_id(1), the_id(2)]


def test_keeps_to_the_rate(invoicely: Terminal, failed: World, waits: list[float]) -> None:
    invoicely("failures", "replay", "--queue", "counters", "--rate", "0.25", "--apply")

    assert waits == [4, 4]


def test_answers_in_json(invoicely: Terminal, failed: World) -> None:
    ended = invoicely("failures", "replay", the_id(1), "--apply", "--json")

    told = ended.json
    assert (told["state"], told["counts"], told["waiting"], told["unreachable"]) == (
        *("done", {"sent": 1}, 0, []),
    )
    assert told["failures"] == [{"id": the_id(1), "fate": "sent"}]
    assert [action["action"] for action in told["history"]] == ["pinned", "started", "done"]


def test_tells_how_far_a_selection_is(invoicely: Terminal, failed: World) -> None:
    job = the_job(invoicely("failures", "replay", "--queue", "counters", "--actor", "ada"))

    waiting = invoicely("failures", "replay", "--job", job)
    invoicely("failures", "replay", "--job", job, "--apply")
    done = invoicely("failures", "replay", "--job", job)

    assert waiting.lines == [
        f"{job} is waiting. Of 2 failures: 2 not yet.",
        "  pinned 2026-10-28T09:10:00Z by ada: --queue counters",
    ]
    assert done.lines == [f"{job} is done. Of 2 failures: 2 sent."]


@pytest.mark.parametrize("state", [State.RESOLVED, State.DISCARDED])
def test_what_is_closed_is_refused_with_its_state(
    invoicely: Terminal, world: World, state: State, sources: InMemorySources
) -> None:
    closed = put(world, a_failure(state=state, next_at=None, closed_at=LATER))

    ended = invoicely("failures", "replay", closed.id, "--apply")

    assert (ended.code, ended.out) == (5, "")
    assert ended.errors == [f"error: {closed.id} is {state}, so it cannot be replayed"]
    assert len(sources) == 0
    assert get(world, closed.id) == closed


def test_where_the_queue_is_gone_the_failure_stays_as_it_was(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    sources.gone.add("counters")
    before = get(failed, the_id(1))

    ended = invoicely("failures", "replay", "--until", "2030-01-01T00:00:00Z", "--apply")

    assert ended.code == 1
    assert ended.lines[0] == f"{the_job(ended)} is waiting. Of 3 failures: 1 sent, 2 not yet."
    assert "error: counters cannot be reached; what came from there is left as it was" in ended.errors
    assert get(failed, the_id(1)) == before


def test_what_was_sent_too_often_is_told_and_the_others_are_sent(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    put(failed, a_failure(4, state=State.PARKED, replays=MOST_REPLAYS))

    ended = invoicely("failures", "replay", "--queue", "counters", "--apply")

    assert (ended.code, len(sources)) == (6, 2)
    assert f"{the_id(4)} refused: {the_id(4)} has been sent {MOST_REPLAYS} times" in ended.out


def test_what_is_not_taken_for_now_waits_for_another_run(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    sources.outcomes[the_id(1)] = Outcome.REFUSED

    ended = invoicely("failures", "replay", "--queue", "counters", "--apply")

    assert (ended.code, len(sources)) == (1, 1)
    assert "error: 1 were not taken for now; they are left as they were" in ended.errors
    assert ended.errors[-1] == (
        f"Once that is mended, invoicely failures replay --job {the_job(ended)} --apply goes on."
    )


def test_what_its_queue_can_never_take_is_told(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    sources.outcomes[the_id(1)] = Outcome.IMPOSSIBLE

    ended = invoicely("failures", "replay", the_id(1), "--apply")

    assert (ended.code, "edit it or discard it" in ended.out) == (6, True)


def test_what_is_settled_at_once_is_well(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    sources.outcomes[the_id(1)] = Outcome.SETTLED

    ended = invoicely("failures", "replay", the_id(1), "--apply")

    assert (ended.code, "1 settled" in ended.out) == (0, True)
    assert get(failed, the_id(1)).state is State.RESOLVED


def test_a_run_that_was_stopped_goes_on(
    invoicely: Terminal, failed: World, store: Store, sources: InMemorySources
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    once(store, Step("jobs.update_part", Moment.AFTER, commits=True), stop)
    stopped = invoicely("failures", "replay", "--until", "2030-01-01T00:00:00Z", "--apply", "--rate", "1")
    ended = invoicely("failures", "replay", "--job", the_job(stopped), "--apply")

    assert (stopped.code, stopped.errors[-1]) == (130, "stopped")
    assert (ended.code, ended.lines) == (0, [f"{the_job(stopped)} is done. Of 3 failures: 3 sent."])
    assert len(sources) == 3


def test_a_selection_is_cancelled_before_it_is_run(
    invoicely: Terminal, failed: World, sources: InMemorySources
) -> None:
    job = the_job(invoicely("failures", "replay"))

    cancelled = invoicely("failures", "cancel", job)
    ended = invoicely("failures", "replay", "--job", job, "--apply")

    assert (cancelled.code, cancelled.lines) == (0, [f"{job} is cancelled. Of 3 failures: 3 not sent."])
    assert (ended.code, ended.errors) == (5, [f"error: {job} is cancelled; select again"])
    assert len(sources) == 0


def test_a_selection_is_cancelled_while_it_is_run(
    invoicely: Terminal, failed: World, store: Store, sources: InMemorySources
) -> None:
    def cancel() -> None:
        [job_id] = store.replays
        wiring.replay_jobs().update(job_id=job_id, change=lambda job: job.cancelled(LATER, actor="bob"))

    once(store, Step("sources.send", Moment.AFTER, commits=True), cancel)
    ended = invoicely(
        "failures", "replay", "--until", "2030-01-01T00:00:00Z", "--apply", "--rate", "1", "--json"
    )

    assert (ended.code, ended.json["state"], ended.json["counts"]) == (6, JobState.CANCELLED, {"sent": 1})
    assert len(sources) == 1


def test_what_is_done_cannot_be_cancelled(invoicely: Terminal, failed: World) -> None:
    job = the_job(invoicely("failures", "replay", "--until", "2030-01-01T00:00:00Z", "--apply"))

    assert invoicely("failures", "cancel", job).code == 5


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["replay", "--job", "rpl_1"], 3),
        (["replay", "--job", "rpl_1", "--apply"], 3),
        (["cancel", "rpl_1"], 3),
        (["replay", "counters:1"], 3),
        (["replay", the_id(1), "--queue", "counters"], 2),
        (["replay", "--job", "rpl_1", "--queue", "counters"], 2),
        (["replay", "--job", "rpl_1", "--max", "3"], 2),
        (["replay", "--job", "rpl_1", the_id(1)], 2),
        (["replay", "--max", "0"], 2),
        (["replay", "--rate", "fast"], 2),
        (["replay", "--rate", "0"], 2),
        (["replay", "--rate", "NaN"], 2),
        (["replay", "--rate", "1001"], 2),
        (["replay", "--state", "resolved"], 3),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    invoicely: Terminal, failed: World, store: Store, arguments: list[str], code: int
) -> None:
    before = all_that_is_stored(store)

    ended = invoicely("failures", *arguments)

    assert (ended.code, ended.out, len(ended.errors)) == (code, "", 1)
    assert all_that_is_stored(store) == before


def test_the_printed_command_leads_to_the_same_environment(
    invoicely: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.discovery.variables", lambda _: {})

    ended = invoicely("failures", "replay", "--environment", "dev")

    assert ended.lines[-1].endswith("--apply --environment dev")


def test_a_variable_of_the_shell_is_not_repeated(
    invoicely: Terminal, failed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.discovery.variables", lambda _: {})
    monkeypatch.setenv("INVOICELY_ENVIRONMENT", "dev")

    assert invoicely("failures", "replay").lines[-1].endswith("--apply")


def test_everything_is_not_sent_before_it_was_shown(invoicely: Terminal, world: World) -> None:
    failure = reported(world, a_report(1))

    ended = invoicely("failures", "replay", "--apply")

    assert (ended.code, len(ended.errors)) == (2, 1)
    assert "say which by ids or filters, or look first" in ended.err
    assert world.ledger.get(failure_id=failure.id) == failure
