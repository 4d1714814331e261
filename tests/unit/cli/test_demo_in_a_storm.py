"""What the demo does when things are broken on purpose; that they are is seen in tests/faults."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from domain.failures import Cause, Failure, State
from handlers.cli.demo import operating, waiting
from handlers.cli.demo.api import UnavailableError
from handlers.cli.demo.operating import Attendant, failures
from handlers.cli.demo.recovery import Recovery, mailed_invoices
from handlers.cli.demo.waiting import DemoError, until
from handlers.cli.demo.weather import MAILER, STORE, Fair, Storm
from infrastructure import wiring
from infrastructure.local_cloud import control, faults
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.faults import Fault, Fired
from tests.builders import a_failure
from tests.clouds import A_LOCAL_CLOUD
from tests.ledgers import put
from tests.terminal import Terminal
from tests.world import World

if TYPE_CHECKING:
    from handlers.cli.demo.screen import Stage
    from tests.fakes import InMemorySources

NOW = dt.datetime(2026, 10, 28, 9, 10, tzinfo=dt.UTC)


class Proxy:
    """Numbers the faults it is told, and says that each happened twice."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def inject(self, cloud: LocalCloud, *told: Fault) -> Sequence[int]:
        self.rules += told
        return range(len(self.rules) - len(told), len(self.rules))

    def fired(self, cloud: LocalCloud) -> Sequence[Fired]:
        return [
            Fired(rule=rule, at=NOW, service=fault.service, operation="", effect="")
            for rule, fault in enumerate(self.rules)
            for _ in range(2)
        ]


class Telling:
    """A stage that remembers what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def step(self, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def storm(monkeypatch: pytest.MonkeyPatch) -> Storm:
    proxy = Proxy()
    monkeypatch.setattr(faults, "inject", proxy.inject)
    monkeypatch.setattr(faults, "fired", proxy.fired)
    return Storm(A_LOCAL_CLOUD)


def died(number: int, **changes: Any) -> Failure:
    """A failure of a minute ago."""
    return replace(a_failure(number), last_at=NOW - dt.timedelta(minutes=1), **changes)


def test_a_storm_tells_what_breaks_and_counts_what_did(storm: Storm) -> None:
    stage = Telling()

    storm.over_the_store(cast("Stage", stage))
    storm.over_the_mailer(cast("Stage", stage))

    names = [name for name, _ in (*STORE, *MAILER)]
    assert storm.happened == dict.fromkeys(names, 2)
    assert stage.told == [f"⚡ {name}: {fault.times} calls fail" for name, fault in (*STORE, *MAILER)]


def test_a_storm_takes_its_time(storm: Storm) -> None:
    assert storm.patience > Fair().patience == waiting.PATIENCE


def test_every_storm_passes() -> None:
    assert all(fault.times for _, fault in (*STORE, *MAILER))


def test_whoever_waits_in_a_storm_forgives_what_asks_to_be_called_again(storm: Storm) -> None:
    looks = iter(range(9))

    def look() -> str:
        if next(looks) == 0:
            raise UnavailableError("503")
        return "there"

    assert until(look, otherwise=lambda: "", weather=Quiet(storm.forgiven)) == "there"


def test_in_fair_weather_nothing_is_forgiven() -> None:
    def look() -> None:
        raise UnavailableError("503")

    with pytest.raises(UnavailableError):
        until(look, otherwise=lambda: "", weather=Fair())


def test_a_wait_in_a_storm_ends_too(monkeypatch: pytest.MonkeyPatch, storm: Storm) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.01)

    def look() -> None:
        raise UnavailableError("503")

    with pytest.raises(DemoError, match="the mail is pending"):
        until(look, otherwise=lambda: "the mail is pending", weather=Quiet(storm.forgiven))


class Quiet:
    """Weather in which nobody has anything to do."""

    def __init__(self, forgiven: tuple[type[Exception], ...]) -> None:
        self.forgiven = forgiven

    @property
    def patience(self) -> float:
        return waiting.PATIENCE

    def attend(self) -> None:
        """Nothing."""


def test_what_died_is_replayed_once(world: World) -> None:
    put(world, died(1))
    put(world, died(2, state=State.PARKED, next_at=None))
    attendant = Attendant()

    first = attendant.attend()
    attendant = replace(attendant, _next=0)
    again = attendant.attend()

    assert (first, again) == (2, 0)
    assert len(cast("InMemorySources", wiring.sources())) == 2


def test_what_failed_again_is_replayed_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put(world, died(1))
    attendant = Attendant()
    attendant.attend()
    [failure] = failures(State.RETRYING)
    put(world, replace(failure, last_at=NOW + dt.timedelta(seconds=9), version=failure.version + 1))

    assert replace(attendant, _next=0).attend() == 1


def test_the_ledger_is_looked_into_now_and_then(world: World) -> None:
    attendant = Attendant()
    attendant.attend()
    put(world, died(1))

    assert attendant.attend() == 0


def test_an_empty_ledger_has_no_failures(world: World) -> None:
    assert operating.failures(*State) == ()


@pytest.fixture
def recovery() -> Recovery:
    cause = Cause(error="MailRefusedError", at="infrastructure.ses:50")
    resolved = a_failure(1, state=State.RESOLVED, next_at=None, replays=2, cause=cause)
    broken = {"the store was down": 30, "the mailer refused mails": 3}
    return Recovery(broken=broken, came_again=1, died=[resolved], mails=4, seconds=7.6)


def test_a_recovery_is_told_to_people(recovery: Recovery, capsys: pytest.CaptureFixture[str]) -> None:
    recovery.show()

    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    assert ["All", "33"] in lines
    assert ["MailRefusedError", "counters", "1", "2", "1"] in lines
    assert "\n1 time a message failed and came again by itself.\n" in shown
    assert (
        "\n1 message died, went into the failure ledger, and came right by 2 replays from there.\n" in shown
    )
    assert "\nAll was right 8 s after the last of 33 faults.\n" in shown


def test_a_recovery_of_what_never_died_says_nothing_of_the_ledger(
    recovery: Recovery, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(recovery, died=[]).show()

    assert "ledger" not in capsys.readouterr().out


def test_a_recovery_is_told_to_programs(recovery: Recovery) -> None:
    assert recovery.plain() == {
        "calls_broken": {"the store was down": 30, "the mailer refused mails": 3},
        "messages_that_came_again": 1,
        "failures": [
            {"queue": "counters", "error": "MailRefusedError", "failures": 1, "replays": 2, "resolved": 1}
        ],
        "replays": 2,
        "failures_open": 0,
        "mails": 4,
        "mails_twice": 0,
        "seconds_after_the_last_fault": 7.6,
    }


def test_mails_without_an_invoice_are_not_counted(tmp_path: Path) -> None:
    for name, invoice in (("1.eml", "inv_1"), ("2.eml", None), ("3.eml", "inv_1")):
        mail = EmailMessage()
        if invoice:
            mail["X-Invoicely-Invoice"] = invoice
        (tmp_path / name).write_bytes(mail.as_bytes())

    assert list(mailed_invoices(tmp_path)) == ["inv_1", "inv_1"]


def test_a_cloud_that_is_broken_cannot_be_kept(invoicely: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "up", None)

    ended = invoicely("demo", "--keep", "--faults")

    assert ended.code == 2
    assert "cannot be kept" in ended.err
