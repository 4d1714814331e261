"""Every key of the table is made here, from typed ids, so that no other module can reach another account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zlib import crc32

from domain.failures import FailureId, State, failure_id, failure_parts
from domain.identifiers import (
    CreditNoteId,
    InvoiceId,
    client_of_prepayment,
    client_of_work,
    credit_note_parts,
    invoice_parts,
    payment_parts,
    place_of_invoice,
    reminder_parts,
)

if TYPE_CHECKING:  # types cost no function its cold start
    from domain.accounts import Account
    from domain.clients import Client
    from domain.credit_notes import CreditNote
    from domain.failures import Failure
    from domain.identifiers import (
        AccountId,
        ClientId,
        DocumentId,
        ImportId,
        JobId,
        PaymentId,
        PrepaymentId,
        ReminderId,
        TokenId,
        WorkId,
    )
    from domain.invoices import Invoice
    from domain.numbers import Sequence
    from domain.replays import ReplayJob
    from domain.requests import RequestId
    from domain.tokens import Token
    from domain.work import WorkEntry

Key = dict[str, str]

DUE_SHARDS = 16
FAILURE_SHARDS = 16
ACCOUNT_SHARDS = 16
UNBILLED = "UNBILLED#"
NUMBERS = "NUMBER#"
OPEN_FAILURES, CLOSED_FAILURES = "OPEN#", "CLOSED#"
REPLAYS = "REPLAYS"
PREPAYMENTS = "PREPAYMENT#"
REMINDER_SHARDS = 4
REVIEWS = "REVIEWS"
HELD = "HELD"
IMPORTS = "IMPORT#"
CREDIT_NOTES = "#CREDIT#"


def account(account_id: AccountId) -> Key:
    return {"PK": partition(account_id), "SK": "PROFILE"}


def client(account_id: AccountId, client_id: ClientId) -> Key:
    return {"PK": partition(account_id), "SK": f"CLIENT#{client_id}"}


def counter(account_id: AccountId, client_id: ClientId) -> Key:
    return {"PK": partition(account_id), "SK": f"COUNTER#{client_id}"}


def work(account_id: AccountId, work_id: WorkId) -> Key:
    return {
        "PK": client_partition(account_id, client_of_work(work_id)),
        "SK": f"WORK#{work_id}",
    }


def invoice(account_id: AccountId, invoice_id: InvoiceId) -> Key:
    client_id, _ = invoice_parts(invoice_id)
    return {"PK": client_partition(account_id, client_id), "SK": f"INVOICE#{place_of_invoice(invoice_id)}"}


def delivery(account_id: AccountId, document: DocumentId) -> Key:
    of = document_(account_id, document)
    return {"PK": of["PK"], "SK": f"{of['SK']}#DELIVERY"}


def payment(account_id: AccountId, payment_id: PaymentId) -> Key:
    invoice_id, body = payment_parts(payment_id)
    of = invoice(account_id, invoice_id)
    return {"PK": of["PK"], "SK": f"{payments_of(of['SK'])}{body}"}


def payments_of(sort_key: str) -> str:
    """What the key of every payment begins with, for an invoice with this *sort_key*."""
    return f"{sort_key}#PAYMENT#"


def prepayment(account_id: AccountId, prepayment_id: PrepaymentId) -> Key:
    client_id = client_of_prepayment(prepayment_id)
    return {
        "PK": client_partition(account_id, client_id),
        "SK": f"{PREPAYMENTS}{prepayment_id}",
    }


def reminder(account_id: AccountId, reminder_id: ReminderId) -> Key:
    invoice_id, step = reminder_parts(reminder_id)
    of = invoice(account_id, invoice_id)
    return {"PK": of["PK"], "SK": f"{reminders_of(of['SK'])}{step:02}"}


def reminders_of(sort_key: str) -> str:
    """What the key of every reminder begins with, for an invoice with this *sort_key*."""
    return f"{sort_key}#REMINDER#"


def document_(account_id: AccountId, document: DocumentId) -> Key:
    """An invoice or a credit note, whichever the id says."""
    if document.startswith("crn_"):
        return credit_note(account_id, CreditNoteId(document))
    return invoice(account_id, InvoiceId(document))


def credit_note(account_id: AccountId, credit_note_id: CreditNoteId) -> Key:
    invoice_id, body = credit_note_parts(credit_note_id)
    below = credit_notes_of(account_id, invoice_id)
    return {"PK": below["PK"], "SK": f"{below['SK']}{body}"}


def credit_notes_of(account_id: AccountId, invoice_id: InvoiceId) -> Key:
    """The partition of an invoice's credit notes, and what their sort keys begin with."""
    of = invoice(account_id, invoice_id)
    return {"PK": of["PK"], "SK": f"{of['SK']}{CREDIT_NOTES}"}


def line(of: WorkEntry) -> Key:
    """What stays on the invoice that claimed the entry, once the entry is released."""
    billing = indexes_of_work(of)["billing"]
    claimed_by = billing.removesuffix(f"{of.date}#{of.id}")
    return {"PK": client_partition(of.account_id, of.client_id), "SK": f"{claimed_by}LINE#{of.id}"}


def held(account_id: AccountId, invoice_id: InvoiceId) -> Key:
    return {"PK": held_partition(account_id), "SK": invoice_id}


def indexes_of_held(account_id: AccountId, invoice_id: InvoiceId, look_at: dt.datetime) -> Key:
    return {"GSI2PK": HELD, "GSI2SK": f"{_instant(look_at)}#{account_id}#{invoice_id}"}


def sequence(account_id: AccountId, series: str) -> Key:
    return {"PK": f"{partition(account_id)}#SERIES#{series}", "SK": "SEQUENCE"}


def number(account_id: AccountId, series: str, value: int) -> Key:
    return {
        "PK": f"{partition(account_id)}#SERIES#{series}",
        "SK": f"{NUMBERS}{value:010}",
    }


def contribution(account_id: AccountId, entity_id: str) -> Key:
    """Spread by the id's last characters, so that one busy client is not one hot partition."""
    return {"PK": f"{partition(account_id)}#COUNTED#{entity_id[-2:]}", "SK": entity_id}


def import_(account_id: AccountId, import_id: ImportId) -> Key:
    return {"PK": partition(account_id), "SK": f"{IMPORTS}{import_id}"}


def import_rows(account_id: AccountId, import_id: ImportId, number: int) -> Key:
    return {"PK": import_partition(account_id, import_id), "SK": f"ROWS#{number:04}"}


def failure(failure_id: FailureId) -> Key:
    """Spread over shards, so that a queue that fails altogether is not one hot partition."""
    queue, event_id = failure_parts(failure_id)
    shard = crc32(event_id.encode()) % FAILURE_SHARDS
    return {"PK": f"FAILURE#{queue}#{shard:02}", "SK": event_id}


def failure_of(partition_key: str, sort_key: str) -> FailureId:
    """The id that such a key was made of."""
    return failure_id(partition_key.split("#")[1], sort_key)


def pace(queue: str) -> Key:
    return {"PK": f"FAILURE#{queue}", "SK": "PACE"}


def replay(job_id: JobId) -> Key:
    return {"PK": f"REPLAY#{job_id}", "SK": "JOB"}


def replay_part(job_id: JobId, number: int) -> Key:
    return {"PK": f"REPLAY#{job_id}", "SK": f"PART#{number:04}"}


def token(token_id: TokenId) -> Key:
    """Of no account's partition: who presents it names no account."""
    return {"PK": f"TOKEN#{token_id}", "SK": "TOKEN"}


def request(account_id: AccountId, request_id: RequestId) -> Key:
    return {"PK": f"{partition(account_id)}#REQUEST", "SK": request_id}


def rate(account_id: AccountId, minute: dt.datetime) -> Key:
    return {"PK": f"{partition(account_id)}#RATE", "SK": _instant(minute)}


def partition(account_id: AccountId) -> str:
    return f"ACCOUNT#{account_id}"


def held_partition(account_id: AccountId) -> str:
    return f"{partition(account_id)}#HELD"


def held_of(client_id: ClientId | None) -> str:
    """What the sort keys of the client's held invoices begin with; those of all clients without one."""
    return f"inv_{client_id.removeprefix('cli_')}" if client_id else "inv_"


def client_partition(account_id: AccountId, client_id: ClientId) -> str:
    return f"{partition(account_id)}#CLIENT#{client_id}"


def import_partition(account_id: AccountId, import_id: ImportId) -> str:
    return f"{partition(account_id)}#IMPORT#{import_id}"


def work_by_date(account_id: AccountId) -> str:
    return f"{partition(account_id)}#WORK"


def invoices_by_date(account_id: AccountId) -> str:
    return f"{partition(account_id)}#INVOICES"


def credit_notes_by_date(account_id: AccountId) -> str:
    return f"{partition(account_id)}#CREDITS"


def accounts_shard(shard: int) -> str:
    return f"ACCOUNTS#{shard:02}"


def series_of_account(account_id: AccountId) -> str:
    return f"{partition(account_id)}#SERIES"


def due_shard(shard: int) -> str:
    return f"DUE#{shard:02}"


def reminders_shard(shard: int) -> str:
    return f"REMIND#{shard:02}"


def due_until(instant: dt.datetime) -> str:
    """Sorts behind every client or reminder that is due at *instant* or before."""
    return f"{_instant(instant)}#~"


def billing_of(invoice_id: InvoiceId) -> str:
    """What the `billing` of every line of that invoice begins with."""
    return f"INVOICE#{place_of_invoice(invoice_id)}#"


def indexes_of_account(of: Account) -> Key:
    shard = crc32(of.id.encode()) % ACCOUNT_SHARDS
    return {"GSI1PK": accounts_shard(shard), "GSI1SK": of.id}


def indexes_of_sequence(of: Sequence) -> Key:
    return {"GSI1PK": series_of_account(of.account_id), "GSI1SK": of.series}


def indexes_of_client(of: Client) -> Key:
    if (due_at := of.due_at) is None:
        return {}
    shard = crc32(of.id.encode()) % DUE_SHARDS
    return {
        "GSI1PK": due_shard(shard),
        "GSI1SK": f"{_instant(due_at)}#{of.account_id}#{of.id}",
    }


def indexes_of_work(entry: WorkEntry) -> Key:
    if entry.removed:
        return {}
    listed = {
        "GSI1PK": work_by_date(entry.account_id),
        "GSI1SK": f"{entry.date}#{entry.id}",
    }
    if entry.invoice_id:
        return listed | {"billing": f"{billing_of(entry.invoice_id)}{entry.date}#{entry.id}"}
    return listed | ({"billing": f"{UNBILLED}{entry.date}#{entry.id}"} if entry.is_unbilled else {})


def indexes_of_invoice(of: Invoice) -> Key:
    listed = {
        "GSI1PK": invoices_by_date(of.account_id),
        "GSI1SK": f"{of.issued_on or of.due_on}#{of.id}",
    }
    if of.review_ends_at:
        return listed | {
            "GSI2PK": REVIEWS,
            "GSI2SK": f"{_instant(of.review_ends_at)}#{of.account_id}#{of.id}",
        }
    if (remind_at := of.remind_at) is None:
        return listed
    shard = crc32(of.id.encode()) % REMINDER_SHARDS
    due = f"{_instant(remind_at)}#{of.account_id}#{of.id}"
    return listed | {"GSI2PK": reminders_shard(shard), "GSI2SK": due}


def indexes_of_credit_note(of: CreditNote) -> Key:
    return {
        "GSI1PK": credit_notes_by_date(of.account_id),
        "GSI1SK": f"{of.issued_on or of.opened_at.date()}#{of.id}",
    }


def failures_in(queue: str, state: State) -> str:
    """The partition of GSI1 that lists a queue's failures in that state; the closed ones share one."""
    name = {State.RETRYING: "RETRY", State.PARKED: "PARKED"}.get(state, "CLOSED")
    return f"{name}#{queue}"


def failures_of(account_id: AccountId) -> str:
    """The partition of GSI2 that lists an account's failures: first the closed ones, then the open ones."""
    return f"{partition(account_id)}#FAILURES"


def indexes_of_failure(of: Failure) -> Key:
    listed_by = of.next_at or of.closed_at or of.last_at
    listed = {
        "GSI1PK": failures_in(of.queue, of.state),
        "GSI1SK": f"{_instant(listed_by)}#{of.event_id}",
    }
    if of.account_id is None:
        return listed
    begin = OPEN_FAILURES if of.is_open else CLOSED_FAILURES
    return listed | {
        "GSI2PK": failures_of(of.account_id),
        "GSI2SK": f"{begin}{_instant(of.last_at)}#{of.id}",
    }


def indexes_of_replay(of: ReplayJob) -> Key:
    """Only a job that the timer is to carry on is listed, by when it last had its turn."""
    if not of.is_for_the_timer:
        return {}
    return {"GSI1PK": REPLAYS, "GSI1SK": f"{_instant(of.turn_at or of.pinned_at)}#{of.id}"}


def tokens_of_account(account_id: AccountId) -> str:
    return f"{partition(account_id)}#TOKENS"


def expiring_after(instant: dt.datetime) -> str:
    """Sorts before every token that still works after *instant*, and behind the others."""
    return f"{_instant(instant)}#~"


def indexes_of_token(of: Token) -> Key:
    """Only what can still be used is listed."""
    if of.revoked_at:
        return {}
    return {"GSI1PK": tokens_of_account(of.account_id), "GSI1SK": f"{_instant(of.valid_until)}#{of.id}"}


def _instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
