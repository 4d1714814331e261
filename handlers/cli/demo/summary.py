"""What one sees in the end: per client the work, the invoices, and where the PDFs and mails lie."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from handlers.cli.demo.api import Json
from handlers.cli.demo.billing import Charged
from handlers.cli.demo.example import Example
from handlers.cli.demo.recovery import Recovery
from handlers.cli.output import amount, fits, hours, print_table

_COLUMNS = ("Client", ">Entries", ">Hours", "Invoice", ">Lines", ">Amount", "PDF and mail")


@dataclass(frozen=True, slots=True)
class Summary:
    """The month in figures; `seconds` is what each stage took."""

    example: Example
    clients: Sequence[Json]
    charged: Sequence[Charged]
    seconds: Mapping[str, float]
    recovery: Recovery | None = None

    def plain(self) -> dict[str, Any]:
        """All of it, for programs."""
        told = {"faults": self.recovery.plain()} if self.recovery else {}
        return told | {
            "clients": [self._client(client) for client in self.clients],
            "entries": len(self.example.rows),
            "invoices": len(self.charged),
            "counters_equal_recount": True,
            "seconds": {name: round(seconds, 3) for name, seconds in self.seconds.items()},
        }

    def show(self) -> None:
        """All of it, for people."""
        click.echo()
        self._show_invoices(list(self._rows()))
        click.echo(f"\nInvoice days follow the work of {self._month}; the date of issue is today's.\n")
        print_table(("Stage", ">Seconds"), self._stages())
        if self.recovery:
            self.recovery.show()

    def _show_invoices(self, rows: Sequence[Sequence[str]]) -> None:
        """One table or, where the screen is too narrow, the paths below it, to be copied whole."""
        if fits(_COLUMNS, rows):
            print_table(_COLUMNS, rows)
            return
        print_table(_COLUMNS[:-1], [row[:-1] for row in rows])
        click.echo(f"\n{_COLUMNS[-1]}")
        for row in rows:
            click.echo(row[-1])

    @property
    def _month(self) -> str:
        return f"{self.example.last_day:%B %Y}"

    def _client(self, client: Json) -> dict[str, Any]:
        entries, minutes = self.example.expected(client["name"])
        invoices = [_invoice(charged) for charged in self._invoices(client)]
        about = {"id": client["id"], "name": client["name"]}
        return about | {"entries": entries, "minutes": minutes, "invoices": invoices}

    def _invoices(self, client: Json) -> list[Charged]:
        return [charged for charged in self.charged if charged.invoice["client_id"] == client["id"]]

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for client in self.clients:
            entries, minutes = self.example.expected(client["name"])
            who = client["name"], str(entries), hours(minutes)
            for charged in self._invoices(client):
                invoice = charged.invoice
                total = amount(invoice["total"], invoice["currency"])
                what = invoice["number"], str(invoice["entries"]), total
                yield *who, *what, f"{charged.pdf}\n{charged.mail}"
                who = "", "", ""

    def _stages(self) -> Iterator[tuple[str, str]]:
        for name, seconds in self.seconds.items():
            yield name, f"{seconds:.1f}"
        yield "All", f"{sum(self.seconds.values()):.1f}"


def _invoice(charged: Charged) -> dict[str, Any]:
    names = ("id", "number", "period_start", "period_end", "issued_on", "entries", "net", "total", "currency")
    told = {name: charged.invoice[name] for name in names}
    return told | {"pdf": str(charged.pdf), "mail": str(charged.mail)}
