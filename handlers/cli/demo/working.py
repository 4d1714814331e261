"""A month of work: the clients, what was done for them, and the counters that follow."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from handlers.cli.demo.api import Json
from handlers.cli.demo.example import TIMESHEET, Example
from handlers.cli.demo.player import Player
from handlers.cli.demo.screen import Stage
from handlers.cli.demo.waiting import DemoError, until
from handlers.cli.importing import take

Counted = Mapping[str, tuple[int, int]]  # entries and minutes, by the id of a client

_LOOK = 0.3
"""Seconds between two looks at the counters while the import goes on."""


def add_clients(player: Player, clients: Sequence[Json]) -> list[Json]:
    """Add the clients through the HTTP API."""
    with player.screen.stage("Clients") as stage:
        added = [player.api.post("/clients", client) for client in clients]
        for client in added:
            day = f"invoice day {client['invoice_day']}"
            stage.step(f"{client['name']}: {client['currency']}, {client['time_zone']}, {day}")
        stage.result = f"{len(added)} clients added"
    return added


def import_work(player: Player, example: Example) -> None:
    """Import the timesheet as `invoicely work import` does; the counters can be seen to follow."""
    os.environ.update(player.cloud.environment())  # so that the adapters mean this cloud
    rows = example.rows
    with player.screen.stage("Import") as stage:
        player.weather.over_the_store(stage)
        progress = _watching(player, stage, len(rows))
        imported = take(rows, player.account_id, TIMESHEET, example.size, progress)
        if (taken := imported.counts.taken) < len(rows):
            raise DemoError(f"{len(rows) - taken} of {len(rows)} rows were not imported")
        stage.result = f"{taken} entries imported"


def await_counters(player: Player, clients: Sequence[Json], example: Example) -> None:
    """Wait until the counters say what was imported."""
    expected = {client["id"]: example.expected(client["name"]) for client in clients}

    with player.screen.stage("Counters") as stage:

        def equal() -> bool | None:
            now = _counted(player)
            for client in clients:
                entries, _ = now.get(client["id"], (0, 0))
                stage.bar(client["name"], entries, expected[client["id"]][0])
            return now == expected or None

        until(
            equal,
            otherwise=lambda: f"the counters say {_counted(player)} instead of {expected}",
            weather=player.weather,
        )
        stage.result = "entries and hours of every client are as imported"


def _watching(player: Player, stage: Stage, total: int) -> Callable[[int], None]:
    """Show how much is imported and, now and then, how much of it is counted."""
    looked = time.monotonic()

    def progress(done: int) -> None:
        nonlocal looked
        stage.bar("imported", done, total)
        if time.monotonic() - looked > _LOOK:
            with suppress(*player.weather.forgiven):
                stage.bar("counted", sum(entries for entries, _ in _counted(player).values()), total)
            looked = time.monotonic()

    return progress


def _counted(player: Player) -> Counted:
    counters = player.api.get("/counters")["data"]
    return {each["client_id"]: (each["total"]["entries"], each["total"]["minutes"]) for each in counters}
