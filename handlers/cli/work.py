"""`invoicely work`: what was done."""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import click

from domain.calendar import due_date, local_date
from domain.identifiers import WorkId
from domain.paging import every
from domain.timekeeping import edit_work, log_work, remove_work
from domain.work import WorkDetails, WorkEntry
from domain.work_lists import WorkFilters, list_work
from handlers.cli.details import TAX, Field, Given, adjustments, details
from handlers.cli.finding import client_names, the_client
from handlers.cli.importing import import_, imports, undo
from handlers.cli.output import amount, hours, plain_number
from handlers.cli.session import Session, acting
from handlers.cli.values import DAY, DURATION, TEXT
from infrastructure import codec, wiring
from infrastructure.views.work import of_work

_FIELDS = [
    Field("--date", "/date", "The day: 2026-10-31.", {"type": DAY}),
    Field("--duration", "/minutes", "How long: 1:30, 90m, 1h30, 1.5h.", {"type": DURATION}),
    Field("--quantity", "/quantity", "How many, instead of how long; with --unit and --rate."),
    Field("--unit", "/unit", "What is counted: page, licence …"),
    Field("--rate", "/rate", "Price of an hour or unit, instead of the client's hourly rate."),
    Field("--project", "/project", "What it belongs to."),
    Field("--tag", "/tags", "May be given several times.", {"multiple": True}),
    *TAX,
    adjustments("this work"),
    Field("--billable/--not-billable", "/billable", "Whether the client pays for it.", {"default": None}),
]
_YES_OR_NO = click.Choice(["yes", "no"])
_DESCRIPTION = Field("--description", "/description", "What was done.")


@click.group(epilog="Example: invoicely work import toggl.csv")
def command() -> None:
    """Log, list, change and import work."""


for _verb in (import_, imports, undo):
    command.add_command(_verb)


@command.command(epilog='Example: invoicely work log "Sprint planning" --client Acme --duration 1:30')
@click.argument("description")
@click.option("--client", type=TEXT, required=True, help="For whom, by name or id.")
@details(_FIELDS, from_file=False)
@acting
def log(session: Session, *, description: str, client: str, given: Given) -> None:
    """Log work, as DESCRIPTION says.

    Where no date is given, it was done today; without a rate, the client's is taken.
    """
    found = the_client(client, session.account_id)
    today = local_date(wiring.now(), found.time_zone)
    with given.by_flag():
        entry = log_work(
            given.over({"date": today, "description": description}, WorkDetails),
            account_id=session.account_id,
            client_id=found.id,
            clients=wiring.clients(),
            work=wiring.work(),
            new_id=wiring.new_id,
        )
    _answer(session, entry)
    if entry.billable and entry.date < found.billing_starts_on:
        early = f"note: billing of {found.name} starts on {found.billing_starts_on}"
        session.out.say(f"{early}: this work is counted, but comes on no invoice")


@command.command("list", epilog="Example: invoicely work list --since 2026-10-01 --until 2026-10-31")
@click.option("--since", type=DAY, help="The first day.  [default: the first of the month of --until]")
@click.option(
    "--until", type=DAY, help="The last day.  [default: the last of the month of --since, or of this month]"
)
@click.option("--client", type=TEXT, help="Only for this client, by name or id.")
@click.option("--project", type=TEXT, help="Only of this project.")
@click.option("--billed", type=_YES_OR_NO, help="Only what stands on an invoice, or what one is to take.")
@acting
def list_(
    session: Session,
    *,
    since: dt.date | None,
    until: dt.date | None,
    client: str | None,
    project: str | None,
    billed: str | None,
) -> None:
    """List the work between two days, both included."""
    since = since or (until or wiring.now().date()).replace(day=1)
    until = until or due_date(since.year, since.month, "last")
    if since > until:
        raise click.UsageError(f"--since {since} comes after --until {until}")
    wanted = WorkFilters(
        since=since,
        until=until,
        client_id=None if client is None else the_client(client, session.account_id).id,
        project=project,
        billed=None if billed is None else billed == "yes",
    )
    pages = partial(list_work, wanted, account_id=session.account_id, work=wiring.work())
    entries = list(every(lambda cursor: pages(cursor=cursor)))
    session.out.table(
        [of_work(entry) for entry in entries],
        *("Date", "Client", "Description", ">Quantity", ">Amount", "Invoice", "Id"),
        rows=_rows(session, entries),
        empty=f"There is no work from {since} to {until}.",
    )


@command.command(epilog="Example: invoicely work edit wrk_… --duration 2:00 --clear project")
@click.argument("entry")
@details(
    [_DESCRIPTION, *_FIELDS], clearable=["project", "rate", "tags", "tax", "adjustments"], from_file=False
)
@acting
def edit(session: Session, *, entry: str, given: Given) -> None:
    """Change ENTRY, while no invoice has it.

    What is not given stays as it is.
    """

    def change(stored: WorkDetails) -> WorkDetails:
        return given.over(_measured(codec.encode(stored), given), WorkDetails)

    with given.by_flag():
        edited = edit_work(WorkId(entry), change, account_id=session.account_id, work=wiring.work())
    _answer(session, edited)


@command.command(epilog="Example: invoicely work remove wrk_…")
@click.argument("entries", nargs=-1, required=True)
@acting
def remove(session: Session, *, entries: tuple[str, ...]) -> None:
    """Take ENTRIES back, while no invoice has them."""
    for entry in entries:
        remove_work(WorkId(entry), account_id=session.account_id, work=wiring.work())
    session.out.record({"removed": entries}, *(f"Removed {entry}." for entry in entries))


def _measured(stored: dict[str, Any], given: Given) -> dict[str, Any]:
    """What is stored, without the duration where a quantity takes its place, or the other way round."""
    replaced = {"minutes"} if given.sets("quantity") else set()
    replaced |= {"quantity", "unit"} if given.sets("minutes") else set()
    return {name: value for name, value in stored.items() if name not in replaced}


def _rows(session: Session, entries: Iterable[WorkEntry]) -> Iterator[tuple[str, ...]]:
    names = client_names(session.account_id)
    for entry in entries:
        name, description = names(entry.client_id), entry.description.replace("\n", " ")
        told = _quantity(entry), _charged(entry), entry.invoice_id or "", entry.id
        yield str(entry.date), name, description, *told


def _quantity(entry: WorkEntry) -> str:
    if entry.minutes is not None:
        return f"{hours(entry.minutes)} h"
    return f"{plain_number(entry.billed_quantity)} {entry.billed_unit}"


def _charged(entry: WorkEntry) -> str:
    return amount(entry.amount, entry.currency) if entry.billable else "not billable"


def _answer(session: Session, entry: WorkEntry) -> None:
    session.out.record(
        of_work(entry),
        f"{entry.date}  {_quantity(entry)}  {_charged(entry)}  {entry.description}",
        f"  {entry.id}",
    )
