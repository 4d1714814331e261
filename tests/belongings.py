"""One of everything that an account can have, in any world; each text in it bears the account's mark.

    ADAS = Belongings("adas") ──put(world, account)──▶ ADAS.ids["/v1/clients"] is there now, and so on

Whatever the HTTP API names in a path is found here by the path of its kind.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from domain.archiving import Document, Documents
from domain.chain import sha256_of
from domain.counters import Contribution, keep_counters
from domain.failures import Cause, FailureId
from domain.identifiers import (
    AccountId,
    ClientId,
    CreditNoteId,
    ImportId,
    InvoiceId,
    JobId,
    PaymentId,
    PrepaymentId,
    TokenId,
    WorkId,
    client_id,
    credit_note_id,
    import_id,
    invoice_id,
    invoice_parts,
    payment_id,
    prepayment_id,
    work_id,
)
from domain.import_rows import Result, RowResult
from domain.imports import Format, ImportDetails, ask_for_import
from domain.own_replays import ask_for_replay
from handlers.api.openapi import document
from infrastructure import wiring
from tests import data_stack
from tests.builders import BERLIN, FAILED_AT, a_client, a_failure, a_token, a_work_entry, an_account
from tests.fakes import InMemoryUploads
from tests.world import World

NAMED = re.compile(r"{\w+}")
INVOICED_ON = dt.date(2026, 9, 30)
MUCH = 1_000_000
"""More than any example says that a client paid, in minor units."""
SHEET = b"User,Client,Project,Description,Billable,Start date,Start time,Duration\n"
EXAMPLE_CLIENT = "cli_06f3k9q2m4x7v1ta"
"""The client that the examples of the document name."""


@dataclass(frozen=True)
class Belongings:
    """What an account has; *whose* is a word of lower-case letters that stands in all texts and most ids."""

    whose: str

    @property
    def body(self) -> str:
        """The sixteen characters of the ids."""
        return self.whose.ljust(16, "0")

    @property
    def client(self) -> ClientId:
        return client_id(self.body)

    @property
    def work(self) -> WorkId:
        """What no invoice has yet."""
        return work_id(self.client, self.body)

    @property
    def invoice(self) -> InvoiceId:
        return invoice_id(self.client, INVOICED_ON)

    @property
    def undelivered(self) -> InvoiceId:
        """What can be made void."""
        return invoice_id(self._client("1"), INVOICED_ON)

    @property
    def in_review(self) -> InvoiceId:
        """What a person may still decide about."""
        return invoice_id(self._client("2"), INVOICED_ON)

    @property
    def overpaid(self) -> InvoiceId:
        """What money can go back of; its client has paid something in advance, too."""
        return invoice_id(self._client("3"), INVOICED_ON)

    @property
    def credit_note(self) -> CreditNoteId:
        """What took back a line of the invoice."""
        return credit_note_id(self.invoice, self.body)

    @property
    def payment(self) -> PaymentId:
        return payment_id(self.invoice, self.body)

    @property
    def prepayment(self) -> PrepaymentId:
        return prepayment_id(self.client, self.body)

    @property
    def token(self) -> TokenId:
        return TokenId(f"tok_{self.body}")

    @property
    def upload(self) -> ImportId:
        return import_id(self.body)

    @property
    def cause(self) -> Cause:
        return Cause(error=f"{self.whose.title()}Error", at="somewhere:1", code=self.whose)

    @property
    def failure(self) -> FailureId:
        return a_failure(event_id=self._event).id

    @property
    def job(self) -> JobId:
        return JobId(f"rpl_{self.body}")

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """Of each kind the one that there is, by the path of its kind."""
        return {
            "/v1/clients": self.client,
            "/v1/work-entries": self.work,
            "/v1/invoices": self.invoice,
            "/v1/credit-notes": self.credit_note,
            "/v1/payments": self.payment,
            "/v1/prepayments": self.prepayment,
            "/v1/tokens": self.token,
            "/v1/imports": self.upload,
            "/v1/failures": self.failure,
            "/v1/failures/replays": self.job,
        }

    @cached_property
    def others(self) -> Mapping[str, str]:
        """What is named instead by an operation that only such a thing can be asked for, by its path."""
        return {
            "/v1/invoices/{id}/review": self.in_review,
            "/v1/invoices/{id}/void": self.undelivered,
            "/v1/invoices/{id}/refunds": self.overpaid,
            "/v1/clients/{id}/refunds": self._client("3"),
        }

    @cached_property
    def named(self) -> Mapping[str, str]:
        """What stands for a thing of the account in a body or behind the `?`, by the name of the field."""
        return {
            "client_id": self.client,
            "cause": self.cause.id,
            "invoice_id": self.ids["/v1/invoices"],
            "work_id": self.ids["/v1/work-entries"],
        }

    def path(self, path: str) -> str:
        """The path of an operation, with the id that it names, percent-encoded where it has to be.

        Raises:
            LookupError: it names a kind of thing that nobody has here.
        """
        if "{" not in path:
            return path
        kind = kind_of(path)
        if kind not in self.ids:
            raise LookupError(
                f"{path} names a thing of a new kind: let Belongings have one, and {kind} in ids"
            )
        return NAMED.sub(quote(self.others.get(path, self.ids[kind]), safe=":"), path)

    def example(self, route: str) -> dict[str, Any]:
        """The body that the document shows for an operation, for the account's own client."""
        method, path = route.split()
        told: dict[str, Any] = document()["paths"].get(path, {}).get(method.lower(), {})
        contents = told.get("requestBody", {"content": {}})["content"]
        example: dict[str, Any] = next((content["example"] for content in contents.values()), {})
        return {name: self.client if value == EXAMPLE_CLIENT else value for name, value in example.items()}

    def put(self, world: World, account_id: AccountId) -> None:
        """Let the account have it all."""
        self.put_work(world, account_id)
        self.put_import(world, account_id)
        self.put_failure(world, account_id)
        world.tokens.add(token=replace(a_token(), id=self.token, account_id=account_id, name=self.whose))

    def put_work(self, world: World, account_id: AccountId) -> None:
        """The account, a client, an invoice with its document, and work that is still to be billed."""
        said: Any = {"name": self.whose, "email": f"{self.whose}@invoicely.example"}
        said |= {"address": replace(BERLIN, street=self.whose)}
        client = a_client(
            id=self.client,
            account_id=account_id,
            billing_starts_on=dt.date(2026, 9, 1),
            invoice_day=30,
            **said,
        )
        about: Any = {"description": self.whose, "project": self.whose}
        billed, credited = (
            a_work_entry(body, client=client, date=dt.date(2026, 9, 5), **about)
            for body in ("billed0000000000", "credited00000000")
        )
        unbilled = a_work_entry(self.body, client=client, **about)
        world.having(an_account(id=account_id, **said), client, billed, credited, unbilled)
        keep_counters([Contribution.of_work(billed), Contribution.of_work(unbilled)], counters=world.counters)
        world.tick(INVOICED_ON)
        issued = world.issue(self.invoice, client=client, day=INVOICED_ON)
        world.pay(issued, day=INVOICED_ON, body=self.body, amount=1, reference=self.whose)
        pdf, cii = (stored(f"{self.whose}.{ending}") for ending in ("pdf", "xml"))
        world.prepay(client, 1, body=self.body, day=INVOICED_ON)
        world.deliveries.update(
            account_id=account_id,
            invoice_id=self.invoice,
            change=lambda mail: mail.documented(Documents(pdf=pdf, cii=cii)),
        )
        note = world.credit(issued, credited.id, body=self.body, reason=self.whose)
        world.finish(note.id, account_id=account_id, day=INVOICED_ON)
        world.deliveries.update(
            account_id=account_id,
            invoice_id=note.id,
            change=lambda mail: mail.documented(Documents(pdf=pdf, cii=cii)),
        )
        for invoice, days in ((self.undelivered, 0), (self.in_review, 3), (self.overpaid, 0)):
            other = replace(client, id=invoice_parts(invoice)[0], review_days=days)
            world.having(other, a_work_entry(client=other, date=dt.date(2026, 9, 5), **about))
            world.tick(INVOICED_ON)
            made = world.issue(invoice, client=other, day=INVOICED_ON)
            if invoice == self.overpaid:
                world.pay(made, day=INVOICED_ON, body=self.body, amount=MUCH)
                world.prepay(other, MUCH, body=self.body, day=INVOICED_ON)

    def put_import(self, world: World, account_id: AccountId) -> None:
        """An import whose file is there, and one of whose rows was refused."""
        ask_for_import(
            ImportDetails(filename=f"{self.whose}.csv", size=len(SHEET), format=Format.TOGGL),
            account_id=account_id,
            imports=world.imports,
            now=FAILED_AT,
            new_id=lambda: self.body,
        )
        row = RowResult(line=2, result=Result.REFUSED, code="no-client", reason=self.whose)
        world.import_results.update(
            account_id=account_id,
            import_id=self.upload,
            number=1,
            change=lambda rows: replace(rows, rows=(row,)),
        )
        upload(world, account_id, self.upload, SHEET)

    def put_failure(self, world: World, account_id: AccountId) -> None:
        """A failure, and a replay of it that waits."""
        failure = a_failure(
            event_id=self._event, account_id=account_id, cause=self.cause, body=f'"{self.whose}"'
        )
        stored = world.ledger.update(failure_id=failure.id, change=lambda _: failure)
        ask_for_replay(
            [stored],
            asked="all",
            account_id=account_id,
            jobs=world.replay_jobs,
            now=FAILED_AT,
            actor="account, signed in",
            new_id=lambda: self.body,
        )

    def _client(self, filled: str) -> ClientId:
        return client_id(self.whose.ljust(16, filled))

    @property
    def _event(self) -> str:
        return self.whose.encode().hex().ljust(32, "0")


def kind_of(path: str) -> str:
    """The path of the kind of thing that a path names, such as `/v1/clients`."""
    return path.partition("/{")[0]


def upload(world: World, account_id: AccountId, import_id: ImportId, content: bytes) -> None:
    """What a PUT to the signed address does."""
    if isinstance(world.uploads, InMemoryUploads):
        world.uploads.put(account_id, import_id, content)
    else:
        key = f"imports/{account_id}/{import_id}/work.csv"
        data_stack.client("s3").put_object(Bucket=data_stack.UPLOADS, Key=key, Body=content)


def stored(key: str) -> Document:
    """A document that is there."""
    wiring.archive().put(key=key, content=b"%PDF")
    return Document(key=key, sha256=sha256_of(b"%PDF"))
