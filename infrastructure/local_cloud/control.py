"""Starts, shows, updates and stops local clouds; the package's docstring gives the overview."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from infrastructure.local_cloud import launch, ministack, state, users
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.deploy import deploy, replace_code
from infrastructure.local_cloud.errors import LocalCloudError, NotRunningError
from infrastructure.local_cloud.home import Home
from infrastructure.local_cloud.leash import Leash
from infrastructure.local_cloud.names import DEFAULT_HOME
from infrastructure.local_cloud.processes import Process, stop
from infrastructure.local_cloud.progress import Progress, Silence
from infrastructure.local_cloud.state import State

_held: dict[Path, Leash] = {}
"""The leashes of the clouds that end with this process."""


class Condition(StrEnum):
    """How a cloud is."""

    DOWN = "down"
    BROKEN = "broken"
    UP = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What there is in a cloud's folder; `cloud` is given when it is up, `problem` when it is broken."""

    condition: Condition
    processes: tuple[Process, ...] = ()
    cloud: LocalCloud | None = None
    problem: str | None = None


def up(
    path: Path = DEFAULT_HOME,
    *,
    progress: Progress | None = None,
    mailbox: Path | None = None,
    port: int | None = None,
    tie_to_parent: bool = False,
    breakable: bool = False,
    parameters: Mapping[str, str] | None = None,
) -> LocalCloud:
    """Start a local cloud in the folder, or bring the one that runs there up to date.

    Mails go to *mailbox*, else into the folder. ministack listens on *port*, else on a free one. With
    *tie_to_parent* the cloud ends with this process, however that ends; else it runs until `down`. In a
    *breakable* one a proxy can break what the functions call, and there is no IAM. *parameters* of the
    application's stack win over those in samconfig.toml.

    Raises:
        LocalCloudError: it did not start or could not be deployed; nothing is left running then.
    """
    home, progress = Home(path.resolve()), progress or Silence()
    with home.locked():
        if (running := _running(home, progress)) is None:
            return _start(
                home,
                progress,
                mailbox or home.mailbox,
                port,
                tie_to_parent=tie_to_parent,
                breakable=breakable,
                parameters=parameters or {},
            )
        if tie_to_parent or breakable:
            raise LocalCloudError(
                f"In {home.path} a local cloud runs already; it can neither be tied nor be made breakable"
            )
        return _bring_up_to_date(home, running, progress, parameters or {})


def keep(path: Path = DEFAULT_HOME) -> None:
    """Let a cloud that was tied to this process live on after it."""
    home = Home(path.resolve())
    known = state.read(home)
    assert known is not None  # noqa: S101 - it is up
    _held.pop(home.path).let_go(len(known.processes))


def down(path: Path = DEFAULT_HOME) -> bool:
    """Stop the cloud and remove its temporary files; mails stay. Tells whether there was one."""
    home = Home(path.resolve())
    if not home.path.is_dir():
        return False
    with home.locked():
        known = state.read(home)
        if known is not None:
            stop(known.processes)
        if leash := _held.pop(home.path, None):
            leash.cut()
        home.clear()
        return known is not None


def status(path: Path = DEFAULT_HOME) -> Status:
    """Look how the cloud is, without changing anything."""
    known = state.read(Home(path.resolve()))
    if known is None:
        return Status(condition=Condition.DOWN)
    if problem := _problem(known):
        return Status(condition=Condition.BROKEN, processes=known.processes, problem=problem)
    return Status(condition=Condition.UP, processes=known.processes, cloud=known.cloud)


def connect(path: Path = DEFAULT_HOME) -> LocalCloud:
    """Give the cloud that runs in the folder.

    Raises:
        NotRunningError: there is none, or it is broken.
    """
    found = status(path)
    if found.cloud is None:
        because = f": {found.problem}" if found.problem else ""
        raise NotRunningError(
            f"The local cloud is {found.condition}{because}; start it with invoicely local up"
        )
    return found.cloud


def update(path: Path = DEFAULT_HOME) -> float:
    """Let all functions run the code as it is now, and tell how many seconds it took.

    What changed in a template needs `up`.
    """
    started = time.monotonic()
    cloud = connect(path)
    with Home(path.resolve()).locked():
        replace_code(cloud)
    return time.monotonic() - started


def _running(home: Home, progress: Progress) -> State | None:
    """Find the cloud that runs; what is left of one that does not is removed."""
    known = state.read(home)
    if known is not None and (problem := _problem(known)):
        progress.step(f"Removing what is left of an earlier cloud: {problem}")
        stop(known.processes)
        return None
    return known


def _problem(known: State) -> str | None:
    if dead := [process.name for process in known.processes if not process.alive]:
        return f"{' and '.join(dead)} died"
    if known.cloud is None:
        return "it was never deployed"
    return None if ministack.is_healthy(known.port, known.token) else "ministack does not answer"


def _start(
    home: Home,
    progress: Progress,
    mailbox: Path,
    port: int | None,
    *,
    tie_to_parent: bool,
    breakable: bool,
    parameters: Mapping[str, str],
) -> LocalCloud:
    ministack.check_version()
    progress.step("Starting ministack")
    home.prepare()
    leash = Leash()
    with ExitStack() as on_failure:
        on_failure.callback(home.clear)
        on_failure.callback(leash.cut)
        started = launch.launch(
            home, leash, mailbox=mailbox, port=port, breakable=breakable, on_failure=on_failure
        )
        cloud = deploy(started, mailbox=mailbox, progress=progress, parameters=parameters)
        users.ensure(cloud)
        state.write(home, replace(started, cloud=cloud))
        if tie_to_parent:
            leash.hold()
            _held[home.path] = leash
        else:
            leash.let_go(len(started.processes))
        on_failure.pop_all()
    return cloud


def _bring_up_to_date(
    home: Home, running: State, progress: Progress, parameters: Mapping[str, str]
) -> LocalCloud:
    assert running.cloud is not None  # noqa: S101 - a cloud without one is not running
    progress.step(f"Already running at {running.access.endpoint}: bringing it up to date")
    cloud = deploy(running, mailbox=running.cloud.mailbox, progress=progress, parameters=parameters)
    replace_code(cloud)  # CloudFormation sees no change when code was updated and then changed back
    state.write(home, replace(running, cloud=cloud))
    return cloud
