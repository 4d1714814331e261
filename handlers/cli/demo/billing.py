"""The invoice days: each one's tick, the invoice that follows, its PDF and its mail."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from domain.calendar import due_instant, first_due_date
from domain.identifiers import ClientId, invoice_id
from handlers.cli.demo.api import Json
from handlers.cli.demo.mails import mail_with
from handlers.cli.demo.player import Player
from handlers.cli.demo.screen import Stage
from handlers.cli.demo.waiting import until
from handlers.cli.output import amount
from infrastructure.local_cloud import functions


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice day of a client, and the instant of the tick that opens its invoice."""

    client: Json
    day: dt.date

    @property
    def at(self) -> dt.datetime:
        return due_instant(self.day, self.client["time_zone"])

    @property
    def clock(self) -> str:
        """The instant as the client's wall clock shows it."""
        zone = self.client["time_zone"]
        place = zone.partition("/")[2].replace("_", " ")
        return f"{self.at.astimezone(ZoneInfo(zone)):%d %b %Y %H:%M} in {place}"

    @property
    def path(self) -> str:
        """Where the HTTP API has the invoice."""
        return f"/invoices/{invoice_id(ClientId(self.client['id']), self.day)}"


@dataclass(frozen=True, slots=True)
class Charged:
    """An invoice that was mailed, as the HTTP API shows it, and where its PDF and its mail lie."""

    invoice: Json
    pdf: Path
    mail: Path


def bill(player: Player, clients: Sequence[Json], last_day: dt.date) -> list[tuple[Due, Json]]:
    """Let the schedule's tick come for each due date until all is invoiced; answers with the invoices."""
    coming = sorted((due for client in clients for due in dues(client, last_day)), key=lambda due: due.at)
    with player.screen.stage("Invoices") as stage:
        player.weather.over_the_mailer(stage)
        mailed: list[tuple[Due, Json]] = []
        for due in coming:
            stage.bar("mailed", len(mailed), len(coming))
            mailed.append((due, _tick(player, due, stage)))
        stage.result = f"{len(mailed)} invoices issued, rendered and mailed"
    return mailed


def prepare(folder: Path) -> None:
    """Make room for what `collect` puts there.

    Raises:
        OSError: nothing can be written there.
    """
    for name in ("invoices", "mail"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder / name):
            pass


def collect(player: Player, mailed: Sequence[tuple[Due, Json]], folder: Path) -> list[Charged]:
    """Put each invoice's PDF, from the HTTP API, and its mail, from the mailbox, into the folder."""
    with player.screen.stage("Documents") as stage:
        for earlier in (*folder.glob("invoices/*.pdf"), *folder.glob("mail/*.eml")):
            earlier.unlink()
        charged = [_collected(player, due, invoice, folder) for due, invoice in mailed]
        stage.result = f"{len(charged)} PDFs, and {len(charged)} mails with the very same PDFs"
    return charged


def dues(client: Json, last_day: dt.date) -> Iterator[Due]:
    """The client's invoice days, up to the first that comes after the last day of work."""
    day = dt.date.fromisoformat(client["next_due_on"])
    yield Due(client, day)
    while day <= last_day:
        day = first_due_date(day, client["invoice_day"])
        yield Due(client, day)


def _tick(player: Player, due: Due, stage: Stage) -> Json:
    def opened() -> Json:
        functions.invoke(player.cloud, "open-invoices", {"time": f"{due.at:%Y-%m-%dT%H:%M:%SZ}"})
        return player.api.get(due.path)

    invoice = until(opened, otherwise=lambda: "no tick came through", weather=player.weather)

    def mailed() -> Json | None:
        nonlocal invoice
        invoice = player.api.get(due.path)
        return invoice if invoice["delivery"]["progress"] == "sent" else None

    def otherwise() -> str:
        delivery = invoice["delivery"]["progress"]
        return f"the invoice of {due.client['name']} is {invoice['state']}, its mail {delivery}"

    found = until(mailed, otherwise=otherwise, weather=player.weather)
    number, total = found["number"], amount(found["total"], found["currency"])
    stage.step(f"{due.clock}: {number} to {due.client['name']}, {found['entries']} entries, {total}")
    return found


def _collected(player: Player, due: Due, invoice: Json, folder: Path) -> Charged:
    name, recipient = invoice["number"], due.client["email"]
    document = player.api.fetch(player.api.get(f"{due.path}/pdf")["url"])
    mail = until(
        lambda: mail_with(player.cloud.mailbox, recipient, document),
        otherwise=lambda: f"there is no mail to {recipient} with the PDF of {invoice['number']}",
        weather=player.weather,
    )
    charged = Charged(invoice, folder / f"invoices/{name}.pdf", folder / f"mail/{name}.eml")
    charged.pdf.write_bytes(document)
    charged.mail.write_bytes(mail)
    return charged
