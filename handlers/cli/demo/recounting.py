"""Holds the counters against a script that shares no code with them."""

import os
import subprocess
import sys

from handlers.cli.demo.player import Player
from handlers.cli.demo.waiting import until
from infrastructure.local_cloud.names import REPOSITORY

SCRIPT = REPOSITORY / "scripts/recount.py"


def recount(player: Player) -> None:
    """Wait until the counters equal what the script counts in the table."""
    said = ""

    def equal() -> bool | None:
        nonlocal said
        ended = subprocess.run(  # noqa: S603 - a script of ours
            [sys.executable, str(SCRIPT), "--table", player.cloud.table, "--account", player.account_id],
            env=os.environ | player.cloud.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        said = ended.stdout + ended.stderr
        return ended.returncode == 0 or None

    with player.screen.stage("Recount") as stage:
        until(
            equal,
            otherwise=lambda: f"the counters differ from a recount of the table: {said}",
            weather=player.weather,
        )
        stage.result = f"the counters equal what {SCRIPT.relative_to(REPOSITORY)} counts in the table"
