"""Starts the processes of a cloud: ministack, the mailbox for what it mails, the proxy if it is wanted."""

import os
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from infrastructure.local_cloud import mailbox as post_office
from infrastructure.local_cloud import microburst, ministack, state
from infrastructure.local_cloud.errors import StartError
from infrastructure.local_cloud.home import Home
from infrastructure.local_cloud.leash import Leash
from infrastructure.local_cloud.processes import Process, start, stop
from infrastructure.local_cloud.state import State

PATIENCE = 15.0
"""Seconds that ministack may take to answer; it takes half a second."""

ATTEMPTS = 3
"""How often a port is chosen: between choosing and taking it, it can be lost to another process."""


def launch(
    home: Home, leash: Leash, *, mailbox: Path, port: int | None, breakable: bool, on_failure: ExitStack
) -> State:
    """Start the processes and wait until ministack answers; *on_failure* learns how to stop them.

    Raises:
        StartError: ministack or the proxy did not come up.
    """
    token = f"invoicely-{secrets.token_hex(8)}"
    with post_office.listen() as listener:
        smtp_port = listener.getsockname()[1]
        letters = _start_mailbox(home, leash, token, listener, mailbox)
        on_failure.callback(stop, [letters])
    start_it = partial(
        _launch_ministack, home, leash, letters, port, smtp_port=smtp_port, on_failure=on_failure
    )
    if not breakable:
        return start_it(proxy=None)
    with post_office.listen() as door:
        proxy = microburst.address(door)
        current = start_it(proxy=proxy)
        breaker = _start_microburst(home, leash, token, door, upstream=current.access.endpoint)
        on_failure.callback(stop, [breaker])
    if not microburst.answers(proxy):
        raise StartError(f"microburst did not start: {_last_words(home.log('microburst'))}")
    current = replace(current, processes=(*current.processes, breaker), proxy=proxy)
    state.write(home, current)
    return current


def _launch_ministack(
    home: Home,
    leash: Leash,
    letters: Process,
    port: int | None,
    *,
    smtp_port: int,
    proxy: str | None,
    on_failure: ExitStack,
) -> State:
    for chosen in [_require_free(port)] if port else _free_ports():
        environment = ministack.environment(
            port=chosen, smtp_port=smtp_port, token=letters.token, home=home, proxy=proxy
        )
        cloud = _start_ministack(home, leash, letters.token, environment)
        on_failure.callback(stop, [cloud])
        current = State(token=letters.token, port=chosen, processes=(cloud, letters))
        state.write(home, current)
        if _comes_up(cloud, chosen):
            return current
        stop([cloud])
    raise StartError(f"ministack did not start: {_last_words(home.log('ministack'))}")


def _start_mailbox(home: Home, leash: Leash, token: str, listener: socket.socket, folder: Path) -> Process:
    folder.mkdir(parents=True, exist_ok=True)
    return start(
        post_office.__name__,
        f"--leash={leash.reader}",
        f"--socket={listener.fileno()}",
        f"--folder={folder.resolve()}",
        token=token,
        environment={"LC_ALL": "C.UTF-8"},
        log=home.log("mailbox"),
        inherit=[leash.reader, listener.fileno()],
    )


def _start_microburst(
    home: Home, leash: Leash, token: str, listener: socket.socket, *, upstream: str
) -> Process:
    return start(
        microburst.__name__,
        f"--leash={leash.reader}",
        f"--socket={listener.fileno()}",
        f"--upstream={upstream}",
        token=token,
        environment=microburst.environment(),
        log=home.log("microburst"),
        inherit=[leash.reader, listener.fileno()],
    )


def _start_ministack(home: Home, leash: Leash, token: str, environment: Mapping[str, str]) -> Process:
    return start(
        ministack.__name__,
        f"--leash={leash.reader}",
        f"--home={home.path}",
        token=token,
        environment=environment,
        log=home.log("ministack"),
        inherit=[leash.reader],
    )


def _comes_up(cloud: Process, port: int) -> bool:
    """Wait for ministack; false when it ended, as it does when the port is taken."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and cloud.alive:
        if ministack.is_healthy(port, cloud.token):
            return True
        time.sleep(0.02)
    return False


def _require_free(port: int) -> int:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StartError(f"Port {port} is not to be had: {reason}. Name another, or none") from error
    return port


def _free_ports() -> Iterator[int]:
    for _ in range(ATTEMPTS):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        yield port


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return " / ".join(lines[-3:]) or "it said nothing"
