"""Opening: at each tick, an invoice for every period that has come to its end.

due client ──▶ open invoice, its retainers' months as work, and the client moved on: all of it or nothing
    └── can never work, or nobody knows why it fails ──▶ failure ledger; it holds up no tick, and stays due
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from domain.clients import Client, Clients, DueClient, DueClients
from domain.failures import Cause, Failure, FailureId, Kind, Ledger, Report, State
from domain.identifiers import AccountId, ClientId, InvoiceId, digest
from domain.invoices import Invoice, InvoiceMovedError
from domain.recording import kind_of, record
from domain.retaining import retained
from domain.work import KnownWork, WorkEntry

MOST_PERIODS = 12
MOST_ROUNDS = 6
MOST_PUT = 90

TICK = "tick"
"""What the ledger calls the source of what fails at a tick."""

_HOPELESS = {Kind.PERMANENT, Kind.UNKNOWN}


class Opening(KnownWork, Protocol):
    """Opens invoices; it knows which work there is already."""

    def open(
        self, *, invoice: Invoice, client: Client, moved: Client, work: Sequence[WorkEntry] = ()
    ) -> None:
        """Put the invoice, unless it is there already, and *work*, and move the client on: all or nothing.

        Of more than `MOST_PUT` entries the first ones are put before.

        Raises:
            InvoiceMovedError: the client is not *client* any more, or some of the work is there already.
        """
        ...

    def hold(self, *, client: Client, held: Client) -> None:
        """Store the client as held; raises like `open`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What one tick opened, whose reviews it ended, which clients it left for a person, and its failures.

    Held invoices that it `let_go` go on: what they lack is another thing than before, or nothing.
    """

    invoices: tuple[InvoiceId, ...] = ()
    approved: tuple[InvoiceId, ...] = ()
    let_go: tuple[InvoiceId, ...] = ()
    held: tuple[ClientId, ...] = ()
    failed: tuple[tuple[DueClient, Exception], ...] = ()

    def __add__(self, other: "Opened") -> "Opened":
        return Opened(
            invoices=self.invoices + other.invoices,
            approved=self.approved + other.approved,
            let_go=self.let_go + other.let_go,
            held=self.held + other.held,
            failed=self.failed + other.failed,
        )


def open_invoices(
    until: dt.datetime,
    *,
    due_clients: DueClients,
    clients: Clients,
    opening: Opening,
    account_id: AccountId | None = None,
    client_id: ClientId | None = None,
) -> Opened:
    """Open the invoice of every period that is due by *until*, the oldest first.

    *until* is the tick's own instant, so a late tick does what it would have done in time. A client that is
    more than `MOST_PERIODS` periods behind is held for a person. With *account_id*, only this account's; with
    *client_id*, only this client's; with both, that client is read itself where it is not among those found.
    What it fails on is told and still due: another tick tries again.
    """
    wanted: Iterable[DueClient] = (
        found
        for found in due_clients.due(until=until)
        if account_id in {None, found.account_id} and client_id in {None, found.client_id}
    )
    if account_id and client_id:
        wanted = [*wanted] or _read(clients, account_id, client_id)
    opened = Opened()
    for found in wanted:
        try:
            opened += _open_all(found, until, clients, opening)
        except Exception as error:  # noqa: BLE001 - told; one client must not hold up the others
            opened += Opened(failed=((found, error),))
    return opened


def _read(clients: Clients, account_id: AccountId, client_id: ClientId) -> Sequence[DueClient]:
    """The client as it is now, where it is due at all: what finds due clients may be a moment behind."""
    due_at = clients.get(account_id=account_id, client_id=client_id).due_at
    return [DueClient(account_id=account_id, client_id=client_id, due_at=due_at)] if due_at else []


def record_hopeless(
    opened: Opened,
    until: dt.datetime,
    *,
    replay: int,
    correlation_id: str,
    ledger: Ledger,
    now: dt.datetime,
    cause_of: Callable[[Exception, str], Cause],
) -> tuple[Opened, tuple[FailureId, ...]]:
    """Put the clients that no repetition will serve into the ledger, once for each of their due periods.

    What nobody anticipated is a bug on that client, so it goes there as well, and not to the tick.
    They stay due, so each tick meets them again: that adds nothing while their failure is open, and opens it
    again once it is closed. A *replay* that fails is told as such.
    Answers with what was opened without them, and with their failures.
    """
    hopeless = [(of, error) for of, error in opened.failed if kind_of(error) in _HOPELESS]
    recorded: list[FailureId] = []
    for of, error in hopeless:
        report = _report(of, until, replay, correlation_id, now)
        report = replace(report, kind=kind_of(error), cause=cause_of(error, report.body))
        recorded.append(record(report, ledger=ledger, now=now).id)
    left = tuple(each for each in opened.failed if each not in hopeless)
    return replace(opened, failed=left), tuple(recorded)


def hopeless_event(client_id: ClientId, due_at: dt.datetime) -> str:
    """What a due period of a client that no repetition will serve goes by in the ledger."""
    return digest(client_id, due_at.isoformat())


def is_to_serve(tick: Failure, due_at: dt.datetime) -> bool:
    """Whether a tick that failed is going to be repeated by itself, and serves whoever was due by then.

    A tick of one client serves no other, and a tick that is parked serves nobody until a person says so.
    """
    if tick.state is not State.RETRYING:
        return False
    try:
        match json.loads(tick.body):
            case {"client": _}:
                return False
            case {"time": str(time)}:
                return due_at <= dt.datetime.fromisoformat(time)
    except (TypeError, ValueError, RecursionError):
        pass
    return False


def _report(of: DueClient, until: dt.datetime, replay: int, correlation_id: str, now: dt.datetime) -> Report:
    event_id = hopeless_event(of.client_id, of.due_at)
    time = until.isoformat().replace("+00:00", "Z")
    return Report(
        queue=TICK,
        event_id=event_id,
        body=json.dumps({"account": of.account_id, "client": of.client_id, "time": time}),
        message_id=f"{event_id}-{replay}-{now.isoformat()}" if replay else event_id,
        attempts=1,
        first_at=now,
        account_id=of.account_id,
        correlation_id=correlation_id,
    )


def _open_all(found: DueClient, until: dt.datetime, clients: Clients, opening: Opening) -> Opened:
    opened = Opened()
    for _ in range(MOST_PERIODS + MOST_ROUNDS):
        client = clients.get(account_id=found.account_id, client_id=found.client_id)
        if client.due_at is None or client.due_at > until:
            return opened
        if len(opened.invoices) == MOST_PERIODS:
            opening.hold(client=client, held=client.held())
            return opened + Opened(held=(client.id,))
        opened += _open_one(client, opening)
    raise InvoiceMovedError(f"{found.client_id} was moved on by other ticks all the time")


def _open_one(client: Client, opening: Opening) -> Opened:
    invoice = Invoice.opened(client)
    work = retained(client, client.next_period(), known=opening)
    try:
        opening.open(invoice=invoice, client=client, moved=client.after_invoice_day(), work=work)
    except InvoiceMovedError:
        return Opened()
    return Opened(invoices=(invoice.id,))
