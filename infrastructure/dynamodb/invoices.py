"""Invoices in the single table, and each step on an invoice's way as one conditional transaction.

open     INVOICE put if absent       · CLIENT moved on, if still as read · WORK of retainers put if absent
claim    each WORK marked, if as read · INVOICE totals added, if open
seal     INVOICE sealed, if open and as read
decide   INVOICE sealed, skipped or held, if in review and as read; held and skipped ones likewise
put back each WORK freed, if as read  · INVOICE totals lessened, if skipped · HELD deleted
hold     INVOICE held, if sealed and as read · HELD put · ACCOUNT and CLIENT as read
issue    INVOICE numbered, if sealed or held, as read · SEQUENCE moved on, if as read · NUMBER put if absent
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Many
from dataclasses import replace
from itertools import islice

from domain.accounts import Account
from domain.clients import Client
from domain.errors import NotFoundError
from domain.identifiers import AccountId, ClientId, InvoiceId, WorkId
from domain.invoices import Invoice, Invoices, State
from domain.invoicing import Collecting, Numbering, Parties
from domain.numbers import Sequence, Taken
from domain.opening import MOST_PUT, Opening
from domain.paging import Page
from domain.reviews import Ending
from domain.work import WorkEntry
from infrastructure import codec
from infrastructure.dynamodb import accounts, clients, keys, numbers, work
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.errors import LostConditionError
from infrastructure.dynamodb.steps import NAMES, lost, paced, stamped
from infrastructure.dynamodb.table import Action, Table

LINES = "PK = :client AND begins_with(billing, :lines)"


class DynamoDBInvoices:
    """Implements `Invoices`, `Opening`, `Collecting`, `Reviews`, `Parties` and `Numbering` of the domain."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._invoices = entities(table)
        self._accounts = accounts.entities(table)
        self._clients = clients.entities(table)
        self._work = work.entities(table)

    def get(self, *, account_id: AccountId, invoice_id: InvoiceId) -> Invoice:
        return self._invoices.get(
            keys.invoice(account_id, invoice_id),
            missing=f"there is no invoice {invoice_id}",
        )

    def lines(self, *, invoice: Invoice) -> Many[WorkEntry]:
        found = self._table.query_all(LINES, lines_of(invoice), index="Billing", consistent=True)
        return [self._work.read(item) for item in found]

    def some_lines(self, *, invoice: Invoice, limit: int = 100, cursor: str | None = None) -> Page[WorkEntry]:
        found = self._table.query(
            LINES, lines_of(invoice), index="Billing", limit=limit, cursor=cursor, consistent=True
        )
        return Page(tuple(self._work.read(item) for item in found.items), found.cursor)

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Invoice]:
        values = {":invoices": keys.invoices_by_date(account_id)}
        found = self._table.query(
            "GSI1PK = :invoices",
            values,
            index="GSI1",
            limit=limit,
            cursor=cursor,
            newest_first=True,
        )
        return Page(tuple(self._invoices.read(item) for item in found.items), found.cursor)

    def among(self, *, account_id: AccountId, work_ids: Many[WorkId]) -> Mapping[WorkId, WorkEntry]:
        return work.DynamoDBWork(self._table).among(account_id=account_id, work_ids=work_ids)

    def open(self, *, invoice: Invoice, client: Client, moved: Client, work: Many[WorkEntry] = ()) -> None:
        move = self._clients.changed(client, moved)
        put = [self._work.added(entry) for entry in work]
        with lost(f"{client.id} has been moved on by another tick"):
            while len(put) > MOST_PUT:
                self._table.write(*put[:MOST_PUT])
                put = put[MOST_PUT:]
            try:
                self._table.write(self._invoices.added(invoice), move, *put)
            except LostConditionError:
                # Either the invoice is there already, and only the client stayed behind; or the client moved,
                # or the work is there, and neither is as it was read for this write either.
                self._table.write(move, *put)

    def hold(self, *, client: Client, held: Client) -> None:
        with lost(f"{client.id} has been changed meanwhile"):
            self._table.write(self._clients.changed(client, held))

    def unbilled(self, *, invoice: Invoice, limit: int | None) -> Many[WorkEntry]:
        values = {
            ":client": _partition(invoice),
            ":from": f"{keys.UNBILLED}{invoice.work_since}",
            ":before": f"{keys.UNBILLED}{invoice.period_end}",
        }
        condition = "PK = :client AND billing BETWEEN :from AND :before"
        # A query also ends after a megabyte; whether there is more decides on the seal, so it is read on.
        found = self._table.query_all(condition, values, index="Billing", consistent=True, limit=limit)
        return [self._work.read(item) for item in islice(found, limit)]

    @paced
    def claim(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        with lost(f"{invoice.id} or its work has been changed meanwhile"):
            self._table.write(
                self._added_to(invoice, entries, State.OPEN),
                *(self._claimed(entry, invoice) for entry in entries),
            )

    @paced
    def put_back(self, *, invoice: Invoice, entries: Many[WorkEntry]) -> None:
        with lost(f"{invoice.id} or its work has been changed meanwhile"):
            self._table.write(
                self._added_to(invoice, entries, State.SKIPPED, times=-1),
                self._table.delete(keys.held(invoice.account_id, invoice.id)),
                *(self._work.changed(entry, entry.released()) for entry in entries),
            )

    def ending(self, *, until: dt.datetime) -> Iterator[Ending]:
        values = {":reviews": keys.REVIEWS, ":until": keys.due_until(until)}
        condition = "GSI2PK = :reviews AND GSI2SK <= :until"
        # All of them first: what is decided about one moves it within this very index.
        for item in tuple(self._table.query_all(condition, values, index="GSI2")):
            yield Ending(
                account_id=item["account_id"],
                invoice_id=item["id"],
                ends_at=dt.datetime.fromisoformat(item["GSI2SK"].partition("#")[0]),
            )

    def decide(self, *, invoice: Invoice, decided: Invoice) -> None:
        with lost(f"{invoice.id} has been changed meanwhile"):
            self._table.write(self._moved(invoice, decided, _decided_from(invoice)))

    def seal(self, *, invoice: Invoice, sealed: Invoice) -> None:
        with lost(f"{invoice.id} has been changed meanwhile"):
            self._table.write(self._moved(invoice, sealed, State.OPEN))

    def of(self, *, account_id: AccountId, client_id: ClientId) -> tuple[Account, Client]:
        wanted = (keys.account(account_id), keys.client(account_id, client_id))
        found = {item["type"]: item for item in self._table.get_many(wanted)}
        if "ACCOUNT" not in found:
            raise NotFoundError(f"there is no account {account_id}")
        if "CLIENT" not in found:
            raise NotFoundError(f"there is no client {client_id}")
        return self._accounts.read(found["ACCOUNT"]), self._clients.read(found["CLIENT"])

    def sequence(self, *, account_id: AccountId, series: str) -> Sequence:
        item = self._table.get(keys.sequence(account_id, series))
        return codec.decode(Sequence, item) if item else Sequence(account_id=account_id, series=series)

    def issue(self, *, invoice: Invoice, issued: Invoice, taken: Taken, buyer: Client) -> None:
        with lost(f"{invoice.id} or the series {taken.after.series} has been changed meanwhile"):
            self._table.write(
                self._moved(invoice, issued, _numbered_from(invoice)),
                *numbers.given(self._table, taken, document={"invoice_id": issued.id}),
                *self._no_longer_held(invoice),
                *self._spent(issued, buyer),
            )

    def hold_back(self, *, invoice: Invoice, held: Invoice, seller: Account, buyer: Client) -> None:
        day = dt.datetime.combine(invoice.due_on, dt.time(), dt.UTC)
        with lost(f"{invoice.id}, its seller or its buyer has been changed meanwhile"):
            self._table.write(
                self._moved(invoice, held, _numbered_from(invoice)),
                self._table.put(held_item(invoice.account_id, invoice.id, look_at=day)),
                self._as_read(keys.account(seller.id), seller.version),
                self._as_read(keys.client(buyer.account_id, buyer.id), buyer.version),
            )

    def held(self, *, account_id: AccountId, client_id: ClientId | None = None) -> Many[InvoiceId]:
        values = {":held": keys.held_partition(account_id), ":of": keys.held_of(client_id)}
        condition = "PK = :held AND begins_with(SK, :of)"
        found = self._table.query_all(condition, values, consistent=True)
        return [InvoiceId(item["SK"]) for item in found]

    def _as_read(self, key: keys.Key, version: int) -> Action:
        return self._table.check(
            key, condition="#version = :read", values={":read": version}, names={"#version": "version"}
        )

    def _no_longer_held(self, invoice: Invoice) -> tuple[Action, ...]:
        if invoice.state is not State.HELD:
            return ()
        return (self._table.delete(keys.held(invoice.account_id, invoice.id)),)

    def _spent(self, issued: Invoice, buyer: Client) -> Iterator[Action]:
        if issued.totals and issued.totals.prepaid:
            yield self._clients.changed(buyer, buyer.with_prepaid(-issued.totals.prepaid))

    def _claimed(self, entry: WorkEntry, invoice: Invoice) -> Action:
        claimed = entry.claimed(invoice.due_on, invoice.nth)
        expression = "SET invoiced_on = :on, billing = :billing, #version = :next, updated_at = :at"
        values = {
            ":on": invoice.due_on.isoformat(),
            ":billing": keys.indexes_of_work(claimed)["billing"],
            ":next": entry.version + 1,
            ":read": entry.version,
        }
        condition = "attribute_not_exists(invoiced_on) AND #version = :read"
        if invoice.nth:
            expression, values = f"{expression}, invoiced_nth = :nth", values | {":nth": invoice.nth}
        return stamped(self._table, keys.work(entry.account_id, entry.id), expression, condition, values)

    def _added_to(
        self, invoice: Invoice, entries: Many[WorkEntry], state: State, *, times: int = 1
    ) -> Action:
        expression = "ADD entries :entries, net :net, #version :one SET updated_at = :at"
        values = {
            ":entries": times * len(entries),
            ":net": times * sum(entry.amount for entry in entries),
            ":one": 1,
            ":state": state,
        }
        return stamped(
            self._table,
            keys.invoice(invoice.account_id, invoice.id),
            expression,
            "#state = :state",
            values,
        )

    def _moved(self, before: Invoice, after: Invoice, state: State) -> Action:
        item = self._invoices.item(replace(after, version=before.version + 1))
        values = {":read": before.version, ":state": state}
        return self._table.put(
            item,
            condition="#version = :read AND #state = :state",
            values=values,
            names=NAMES,
        )


def _numbered_from(invoice: Invoice) -> State:
    return State.HELD if invoice.state is State.HELD else State.SEALED


def _decided_from(invoice: Invoice) -> State:
    return invoice.state if invoice.state in {State.HELD, State.SKIPPED} else State.IN_REVIEW


def entities(table: Table) -> Entities[Invoice]:
    """How invoices are stored."""
    return Entities(
        table,
        "INVOICE",
        Invoice,
        key=lambda invoice: keys.invoice(invoice.account_id, invoice.id),
        indexes=keys.indexes_of_invoice,
    )


def held_item(account_id: AccountId, invoice_id: InvoiceId, *, look_at: dt.datetime) -> dict[str, str]:
    """The pointer by which a held invoice is found: by its account, and by when to look at it again."""
    found_by = keys.held(account_id, invoice_id) | keys.indexes_of_held(account_id, invoice_id, look_at)
    return found_by | {"type": "HELD", "account_id": account_id}


def lines_of(invoice: Invoice) -> dict[str, str]:
    """The values of `LINES`."""
    return {":client": _partition(invoice), ":lines": keys.billing_of(invoice.id)}


def _partition(invoice: Invoice) -> str:
    return keys.client_partition(invoice.account_id, invoice.client_id)


_: type[Invoices] = DynamoDBInvoices  # the promises, checked by mypy
__: type[Opening] = DynamoDBInvoices
___: type[Collecting] = DynamoDBInvoices
____: type[Numbering] = DynamoDBInvoices
_____: type[Parties] = DynamoDBInvoices
