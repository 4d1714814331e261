"""Every list of the HTTP API, and how things come into it, in any world, also while somebody reads it.

LISTINGS["/v1/clients"] ──prepare──put 10 … put 70──▶ seven things, in the order of their numbers
                                       └── put 25, take 40 ──▶ what others do between two pages
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.clients import Client
from domain.counters import Contribution, keep_counters
from domain.credit_notes import Correction, CreditNote
from domain.identifiers import (
    AccountId,
    TokenId,
    client_id,
    credit_note_id,
    credit_note_parts,
    import_id,
    invoice_id,
    payment_id,
    prepayment_id,
    work_id,
)
from domain.import_rows import Result, RowResult, Rows
from domain.imports import Format, ImportDetails, ask_for_import
from domain.own_failures import discard_own_failure
from domain.timekeeping import remove_work
from domain.tokens import revoke_token
from tests.builders import FAILED_AT, a_client, a_failure, a_token, a_work_entry, an_account, an_invoice
from tests.gateway import User
from tests.world import World

NUMBERS = range(10, 80, 10)
"""Of the things that are there from the start."""

DUE = dt.date(2026, 10, 31)
CLIENT, OTHER = client_id("listed0000000000"), client_id("other00000000000")
INVOICE, OTHER_INVOICE = invoice_id(CLIENT, DUE), invoice_id(OTHER, DUE)
IMPORT, OTHER_IMPORT = import_id("listed0000000000"), import_id("other00000000000")
NOTE, OTHER_NOTE = (credit_note_id(each, "1" * 16) for each in (INVOICE, OTHER_INVOICE))
_ROWS_A_PART = 3

Put = Callable[[World, AccountId, int], object]


def _nothing(_world: World, _account_id: AccountId) -> None:
    """Nothing has to be there first."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list at *path*: *put* and *take* a thing with a number, which *name* calls as the list does in *key*.

    Where things only *append*, no place between two others can be taken. *filters* are others than none, and
    *sibling* is the same list of another thing of the account.
    """

    path: str
    put: Put
    name: Callable[[int], str | int]
    key: str = "id"
    prepare: Callable[[World, AccountId], None] = _nothing
    take: Put | None = None
    appends: bool = False
    newest_first: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    sibling: str | None = None

    def fill(self, world: World, user: User) -> None:
        """Let the user have the first seven."""
        self.prepare(world, user.account_id)
        for number in NUMBERS:
            self.put(world, user.account_id, number)

    def page(self, user: User, **query: str | int) -> Any:
        """What the list answers, two things at a time."""
        return user.get(self.path, limit=2, **query)

    def cursor(self, user: User) -> str:
        """What leads to the second page."""
        found: str = self.page(user).body["next_cursor"]
        return found

    def pages(self, user: User) -> Iterator[list[int]]:
        """The numbers of what the user reads, page by page."""
        numbers = {self.name(number): number for number in range(100)}
        body = self.page(user).body
        yield [numbers[each[self.key]] for each in body["data"]]
        while body["has_more"]:
            body = self.page(user, cursor=body["next_cursor"]).body
            yield [numbers[each[self.key]] for each in body["data"]]

    def read_while_others_write(self, world: World, user: User) -> tuple[list[int], set[int]]:
        """The numbers that the user sees, and those of what was there all the time."""
        seen: list[int] = []
        stayed = {*NUMBERS}
        for count, numbers in enumerate(self.pages(user), start=1):
            seen += numbers
            if count <= 3:  # or else there would never be an end
                self._write(world, user.account_id, count)
            if count == 1 and self.take:
                for number in (numbers[-1], 40):
                    self.take(world, user.account_id, number)
                    stayed -= {number}
        return seen, stayed

    def _write(self, world: World, account_id: AccountId, count: int) -> None:
        places = [90] if self.appends else [0, 20, 40, 50, 70]
        for place in places:
            self.put(world, account_id, place + count)


def _client(number: int) -> str:
    return f"cli_{number:016}"


def _listed_client(world: World, account_id: AccountId) -> None:
    world.having(a_client(id=CLIENT, account_id=account_id))


def _put_client(world: World, account_id: AccountId, number: int) -> Client:
    client = a_client(id=_client(number), account_id=account_id)
    world.having(client)
    return client


def _put_work(world: World, account_id: AccountId, number: int) -> None:
    client = a_client(id=CLIENT, account_id=account_id)
    world.having(a_work_entry(f"{number:016}", client=client, date=_day(number), project="Engine"))


def _take_work(world: World, account_id: AccountId, number: int) -> None:
    remove_work(work_id(CLIENT, f"{number:016}"), account_id=account_id, work=world.work)


def _day(number: int) -> dt.date:
    return dt.date(2026, 10, 5 + number // 10)


def _put_invoice(world: World, account_id: AccountId, number: int) -> None:
    client = _put_client(world, account_id, number)
    world.opening.open(invoice=an_invoice(client), client=client, moved=client.after_invoice_day())


def _open_invoices(world: World, account_id: AccountId) -> None:
    for each in (CLIENT, OTHER):
        world.having(a_client(id=each, account_id=account_id))
    world.tick(DUE)


def _put_line(world: World, account_id: AccountId, number: int) -> None:
    client = a_client(id=CLIENT, account_id=account_id)
    entry = a_work_entry(f"{number:016}", client=client, date=_day(number))
    world.having(entry)
    invoice = world.invoices.get(account_id=account_id, invoice_id=INVOICE)
    world.collecting.claim(invoice=invoice, entries=[entry])


def _issued_invoices(world: World, account_id: AccountId) -> None:
    clients = [a_client(id=each, account_id=account_id) for each in (CLIENT, OTHER)]
    work = [a_work_entry(client=client) for client in clients]
    world.having(an_account(id=account_id), *clients, *work)
    world.tick(DUE)
    for client, invoice in zip(clients, (INVOICE, OTHER_INVOICE), strict=True):
        world.issue(invoice, client=client, day=DUE)


def _put_payment(world: World, account_id: AccountId, number: int) -> None:
    invoice = world.invoices.get(account_id=account_id, invoice_id=INVOICE)
    world.pay(invoice, day=DUE, body=f"{number:016}", amount=1)


def _put_credit_note(world: World, account_id: AccountId, number: int) -> None:
    """One that is only begun: what it takes back is nothing to the list."""
    invoice = world.invoices.get(account_id=account_id, invoice_id=INVOICE)
    wanted = credit_note_id(INVOICE, f"{number:016}")
    note = CreditNote.opened(wanted, invoice, Correction(), opened_at=FAILED_AT)
    world.crediting.begin(note=note, invoice=invoice, credited=invoice.being_credited(wanted))


def _opened_credit_notes(world: World, account_id: AccountId) -> None:
    _open_invoices(world, account_id)
    for each in (NOTE, OTHER_NOTE):
        of, _ = credit_note_parts(each)
        invoice = world.invoices.get(account_id=account_id, invoice_id=of)
        note = CreditNote.opened(each, invoice, Correction(), opened_at=FAILED_AT)
        world.crediting.begin(note=note, invoice=invoice, credited=invoice.being_credited(each))


def _put_line_taken_back(world: World, account_id: AccountId, number: int) -> None:
    _put_line(world, account_id, number)
    note = world.credit_notes.get(account_id=account_id, credit_note_id=NOTE)
    entry = world.work.get(account_id=account_id, work_id=work_id(CLIENT, f"{number:016}"))
    world.crediting.release(note=note, entries=[entry])


def _account(world: World, account_id: AccountId) -> None:
    world.having(an_account(id=account_id))


def _put_issued(world: World, account_id: AccountId, number: int) -> None:
    client = a_client(id=_client(number), account_id=account_id)
    world.having(client, a_work_entry(client=client))
    world.opening.open(invoice=an_invoice(client), client=client, moved=client.after_invoice_day())
    world.issue(invoice_id(client.id, DUE), client=client, day=DUE)


def _clients(world: World, account_id: AccountId) -> None:
    world.having(*(a_client(id=each, account_id=account_id) for each in (CLIENT, OTHER)))


def _put_prepayment(world: World, account_id: AccountId, number: int) -> None:
    client = a_client(id=CLIENT, account_id=account_id)
    world.prepay(client, 1, body=f"{number:016}", day=DUE)


def _put_count(world: World, account_id: AccountId, number: int) -> None:
    entry = a_work_entry(client=a_client(id=_client(number), account_id=account_id))
    keep_counters([Contribution.of_work(entry)], counters=world.counters)


def _put_import(world: World, account_id: AccountId, number: int) -> None:
    _ask_for_import(world, account_id, f"{number:016}")


def _ask_for_import(world: World, account_id: AccountId, body: str) -> None:
    ask_for_import(
        ImportDetails(filename="october.csv", size=1, format=Format.TOGGL),
        account_id=account_id,
        imports=world.imports,
        now=FAILED_AT,
        new_id=lambda: body,
    )


def _imports(world: World, account_id: AccountId) -> None:
    for each in (IMPORT, OTHER_IMPORT):
        _ask_for_import(world, account_id, each.removeprefix("imp_"))


def _put_row(world: World, account_id: AccountId, number: int) -> None:
    def change(rows: Rows) -> Rows:
        return replace(rows, rows=(*rows.rows, RowResult(line=number, result=Result.REFUSED)))

    parts = world.import_results.parts(account_id=account_id, import_id=IMPORT)
    there = sum(len(part.rows) for part in parts)
    world.import_results.update(
        account_id=account_id, import_id=IMPORT, number=there // _ROWS_A_PART + 1, change=change
    )


def _token(number: int, account_id: AccountId) -> TokenId:
    """Of no other account: tokens are found by their ids alone."""
    return TokenId(f"tok_{account_id[-14:]}{number:02}")


def _put_token(world: World, account_id: AccountId, number: int) -> None:
    token = replace(a_token(), id=_token(number, account_id), account_id=account_id, name=str(number))
    until = dt.datetime(2027, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number)
    world.tokens.add(token=replace(token, valid_until=until))


def _take_token(world: World, account_id: AccountId, number: int) -> None:
    revoke_token(_token(number, account_id), account_id=account_id, tokens=world.tokens, now=FAILED_AT)


def _event(number: int, account_id: AccountId) -> str:
    return f"{account_id[-16:]}{number:016}"


def _put_failure(world: World, account_id: AccountId, number: int) -> None:
    at = FAILED_AT + dt.timedelta(minutes=number)
    failure = a_failure(
        event_id=_event(number, account_id), account_id=account_id, event_type=str(number), last_at=at
    )
    world.ledger.update(failure_id=failure.id, change=lambda _: failure)


def _take_failure(world: World, account_id: AccountId, number: int) -> None:
    failure = a_failure(event_id=_event(number, account_id))
    discard_own_failure(
        failure.id,
        reason="It was a test",
        account_id=account_id,
        ledger=world.ledger,
        now=FAILED_AT,
        actor="account, signed in",
    )


LISTINGS = {
    "/v1/clients": Listing(path="/v1/clients", put=_put_client, name=_client),
    "/v1/work-entries": Listing(
        path="/v1/work-entries",
        prepare=_listed_client,
        put=_put_work,
        take=_take_work,
        name=lambda number: work_id(CLIENT, f"{number:016}"),
        filters={
            "client_id": CLIENT,
            "project": "Engine",
            "billed": "false",
            "since": "2026-10-01",
            "until": "2026-10-31",
        },
    ),
    "/v1/imports": Listing(
        path="/v1/imports", put=_put_import, name=lambda number: import_id(f"{number:016}"), newest_first=True
    ),
    "/v1/imports/{id}/rows": Listing(
        path=f"/v1/imports/{IMPORT}/rows",
        prepare=_imports,
        put=_put_row,
        name=lambda number: number,
        key="line",
        appends=True,
        filters={"result": "refused"},
        sibling=f"/v1/imports/{OTHER_IMPORT}/rows",
    ),
    "/v1/invoices": Listing(
        path="/v1/invoices",
        put=_put_invoice,
        name=_client,
        key="client_id",
        newest_first=True,
        filters={"client_id": CLIENT, "state": "open", "payment": "overdue"},
    ),
    "/v1/invoice-previews": Listing(
        path="/v1/invoice-previews",
        prepare=_account,
        put=_put_client,
        name=_client,
        key="client_id",
        filters={"as_of": "2026-10-31"},
    ),
    "/v1/clients/{id}/prepayments": Listing(
        path=f"/v1/clients/{CLIENT}/prepayments",
        prepare=_clients,
        put=_put_prepayment,
        name=lambda number: prepayment_id(CLIENT, f"{number:016}"),
        sibling=f"/v1/clients/{OTHER}/prepayments",
    ),
    "/v1/invoices/{id}/payments": Listing(
        path=f"/v1/invoices/{INVOICE}/payments",
        prepare=_issued_invoices,
        put=_put_payment,
        name=lambda number: payment_id(INVOICE, f"{number:016}"),
        sibling=f"/v1/invoices/{OTHER_INVOICE}/payments",
    ),
    "/v1/invoices/{id}/credit-notes": Listing(
        path=f"/v1/invoices/{INVOICE}/credit-notes",
        prepare=_issued_invoices,
        put=_put_credit_note,
        name=lambda number: credit_note_id(INVOICE, f"{number:016}"),
        sibling=f"/v1/invoices/{OTHER_INVOICE}/credit-notes",
    ),
    "/v1/invoices/{id}/lines": Listing(
        path=f"/v1/invoices/{INVOICE}/lines",
        prepare=_open_invoices,
        put=_put_line,
        name=lambda number: work_id(CLIENT, f"{number:016}"),
        sibling=f"/v1/invoices/{OTHER_INVOICE}/lines",
    ),
    "/v1/credit-notes/{id}/lines": Listing(
        path=f"/v1/credit-notes/{NOTE}/lines",
        prepare=_opened_credit_notes,
        put=_put_line_taken_back,
        name=lambda number: work_id(CLIENT, f"{number:016}"),
        sibling=f"/v1/credit-notes/{OTHER_NOTE}/lines",
    ),
    "/v1/audit/export": Listing(
        path="/v1/audit/export",
        prepare=_account,
        put=_put_issued,
        name=lambda number: f"inv_{number:016}20261031",
        key="invoice_id",
        appends=True,
        filters={"year": "2026"},
    ),
    "/v1/counters": Listing(path="/v1/counters", put=_put_count, name=_client, key="client_id"),
    "/v1/tokens": Listing(path="/v1/tokens", put=_put_token, take=_take_token, name=str, key="name"),
    "/v1/failures": Listing(
        path="/v1/failures",
        put=_put_failure,
        take=_take_failure,
        name=str,
        key="event_type",
        filters={
            "state": "retrying",
            "queue": "counters",
            "cause": "store-unavailable",
            "since": "2026-10-01T00:00:00Z",
            "until": "2026-11-30T00:00:00Z",
        },
    ),
}
"""By the path of its operation."""
