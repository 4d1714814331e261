"""Bills thousands of entries at once on a local cloud of its own, to the mail, and takes the invoice back.

    python scripts/measure_entries.py [--entries 10000]

Prints how long each stage took and in how many runs of its function. A run stops 25 s before Lambda would cut
it off, as on AWS; but the seconds are those of this machine, and the local cloud throttles nothing. It takes
a quarter of an hour on two cores, nearly half of it for the import.
"""  # noqa: INP001 - a script, no package

import argparse
import csv
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

REPOSITORY = Path(__file__).parents[1]
EXAMPLES = REPOSITORY / "examples"
NEEDED = ("Client", "Project", "Description", "Billable", "Start date", "Start time", "Duration")
CLIENT = "Bäckerei Süßmilch GmbH"
PATIENCE = 1800


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=10_000)
    entries = parser.parse_args().entries
    with TemporaryDirectory() as folder:
        home, report = Path(folder) / "cloud", Path(folder) / "report.csv"
        write(report, entries)
        call("local", "up", home=home)
        try:
            measure(report, home)
        finally:
            call("local", "down", home=home)


def measure(report: Path, home: Path) -> None:
    call("account", "set", "--from", EXAMPLES / "account.toml", home=home)
    call("clients", "add", "--from", EXAMPLES / "clients" / "suessmilch.toml", home=home)
    taken = timed("imported", lambda: call("work", "import", report, home=home))
    told(f"{len(taken['added'])} entries")
    call("invoices", "run", "--as-of", "2026-11-01T12:00:00Z", home=home)
    timed("issued", lambda: until(home, lambda invoice: invoice["state"] == "issued"))
    runs("issue-invoices", home)
    timed("mailed", lambda: until(home, lambda invoice: invoice["delivery"]["progress"] == "sent"))
    runs("deliver-invoices", home)
    call("invoices", "credit", until(home, bool)["id"], "--whole", home=home)
    timed("taken back", lambda: until(home, lambda invoice: invoice.get("credited")))
    runs("issue-invoices", home)


def write(report: Path, entries: int) -> None:
    """A report of Toggl Track, with work of the thirty days before the invoice day."""
    with report.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(NEEDED)
        for number in range(entries):
            second, day = divmod(number, 30)
            start = dt.datetime(2026, 10, 1 + day) + dt.timedelta(seconds=second)  # noqa: DTZ001 - as a report has it
            said = f"Lieferung {number} gezählt, Mängel notiert"
            rows.writerow(
                (CLIENT, "Lager", said, "Yes", f"{start:%F}", f"{start:%T}", f"00:{1 + number % 59:02}:00")
            )


def until(home: Path, is_done: Callable[[Any], object]) -> Any:  # noqa: ANN401 - JSON
    """The one invoice, once it *is_done*."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        [listed] = call("invoices", "list", home=home)
        if is_done(invoice := call("invoices", "show", listed["id"], home=home)):
            return invoice
        time.sleep(2)
    sys.exit(f"nothing more happens after {PATIENCE} s")


def timed(what: str, stage: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the stage answers
    begun = time.monotonic()
    answer = stage()
    told(f"{what} after {time.monotonic() - begun:.0f} s")
    return answer


def runs(function: str, home: Path) -> None:
    """How many runs a function had so far."""
    log = _invoicely("local", "logs", function, "--since", "1h", home=home)
    told(f"  {log.count('START RequestId')} runs of {function} so far")


def call(*arguments: object, home: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(_invoicely(*arguments, "--json", home=home))


def _invoicely(*arguments: object, home: Path) -> str:
    command = [str(Path(sys.executable).with_name("invoicely")), *map(str, arguments), "--home", str(home)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own


def told(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
