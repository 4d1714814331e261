"""`invoicely demo`: plays the month on a local cloud of its own, and stops what it started."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import click

from handlers.cli.demo import example as examples
from handlers.cli.demo.billing import bill, collect, prepare
from handlers.cli.demo.player import Player, sign_up
from handlers.cli.demo.recounting import recount
from handlers.cli.demo.recovery import look_back
from handlers.cli.demo.screen import Screen
from handlers.cli.demo.summary import Summary
from handlers.cli.demo.weather import PARAMETERS, Fair, Storm, Weather
from handlers.cli.demo.working import add_clients, await_counters, import_work
from handlers.cli.output import Output
from handlers.cli.reaching import described, instructions
from handlers.cli.session import answering, choosing_home
from infrastructure.local_cloud import control, logs
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.control import Condition
from infrastructure.local_cloud.names import DEFAULT_HOME, REPOSITORY


@click.command("demo", epilog="Example: invoicely demo --keep")
@click.option("--keep", is_flag=True, help="Leave the local cloud up, and tell how to reach it.")
@click.option("--faults", is_flag=True, help="Break the store and the mailer meanwhile.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default="out",
    show_default=True,
    help="Where PDFs and mails go.",
)
@choosing_home
@answering
def command(out: Output, *, keep: bool, faults: bool, folder: Path, home: Path | None) -> None:
    """Play a month on a local cloud, from the first entry to the mailed invoice.

    A self-employed person signs up, adds three clients and imports the work of October 2026; the invoice days
    come, and each client gets an invoice by mail. All of it stays on this machine, and what was started is
    stopped in the end, unless it is kept.

    With --faults the store fails while work is imported, and the mailer while invoices go out. In the end
    everything is as without; what failed, and how it was made good, is told.
    """
    if keep and faults:
        raise click.UsageError("--faults breaks a cloud of its own, which cannot be kept")
    _check(folder)
    _mind_signals()
    screen = Screen()
    with _kept(home or DEFAULT_HOME, screen) if keep else _own(screen, breakable=faults) as cloud:
        player, summary = _play(cloud, screen, folder, Storm(cloud) if faults else Fair())
    if out.as_json:
        kept = described(cloud) | {"email": player.email, "account_id": player.account_id} if keep else None
        out.record(summary.plain() | {"kept": kept})
        return
    summary.show()
    if keep:
        out.say(f"Account   export INVOICELY_ACCOUNT={player.account_id}")
        for line in instructions(cloud, home=home, email=player.email):
            out.say(line)


def _check(folder: Path) -> None:
    try:
        prepare(folder)
    except OSError as error:
        raise click.BadParameter(
            f"nothing can be written to {folder}: {error.strerror}", param_hint="--out"
        ) from error


def _mind_signals() -> None:
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes its background jobs ignore it
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, _leave)


def _play(cloud: LocalCloud, screen: Screen, folder: Path, weather: Weather) -> tuple[Player, Summary]:
    try:
        example = examples.load(REPOSITORY / "examples")
        player = sign_up(cloud, screen, example.account, weather)
        clients = add_clients(player, example.clients)
        import_work(player, example)
        await_counters(player, clients, example)
        charged = collect(player, bill(player, clients, example.last_day), folder)
        recount(player)
        recovery = look_back(player, weather) if isinstance(weather, Storm) else None
    except Exception:
        _save_logs(cloud, folder)
        raise
    return player, Summary(example, clients, charged, screen.seconds, recovery)


@contextmanager
def _own(screen: Screen, *, breakable: bool) -> Iterator[LocalCloud]:
    """A cloud that is gone afterwards, with all its files; it ends with this process in any case."""
    with TemporaryDirectory(prefix="invoicely-demo-", ignore_cleanup_errors=True) as home:
        try:
            yield _up(Path(home), screen, tie_to_parent=True, breakable=breakable)
        finally:
            control.down(Path(home))


@contextmanager
def _kept(home: Path, screen: Screen) -> Iterator[LocalCloud]:
    """The cloud that runs at *home* or, where none does, a new one, which stays if all goes well."""
    if control.status(home).condition is Condition.UP:
        yield _up(home, screen, tie_to_parent=False)
        return
    try:
        yield _up(home, screen, tie_to_parent=True)
    except BaseException:
        control.down(home)
        raise
    control.keep(home)


def _up(home: Path, screen: Screen, *, tie_to_parent: bool, breakable: bool = False) -> LocalCloud:
    with screen.stage("Local cloud") as stage:
        cloud = control.up(
            home,
            progress=stage,
            tie_to_parent=tie_to_parent,
            breakable=breakable,
            parameters=PARAMETERS if breakable else None,
        )
        stage.result = f"both stacks deployed at {cloud.access.endpoint}"
    return cloud


def _save_logs(cloud: LocalCloud, folder: Path) -> None:
    """Keep what explains a failure; that there is nothing to keep must not hide the failure itself."""
    with suppress(Exception):
        lines = [f"{line.time} {line.function} {line.message}\n" for line in logs.read(cloud)]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "functions.log"
        path.write_text("".join(lines), encoding="utf-8")
        click.echo(f"What the functions logged is in {path}", err=True)


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does: by an exception, so that everything is stopped on the way out."""
    signal.signal(number, signal.SIG_IGN)  # shell and kernel both tell of a terminal that closes
    sys.exit(128 + number)
