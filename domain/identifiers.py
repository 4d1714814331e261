"""Ids: opaque to users, typed for us, and made so that a key can be built from them without a look-up.

cli_<16>             a client of an account
wrk_<16><16>         a work entry: its client, then itself
inv_<16><8>          an invoice: its client, then the day that closed its period (YYYYMMDD)
inv_<16><8><2>       another one of that day: likewise, then the how manieth it is, from 02
pay_<16><8…><16>     a payment: the invoice that it is for, then itself
rem_<16><8…><2>      a reminder: the invoice that it asks for, and the how manieth it is
crn_<16><8…><16>     a credit note: its client, the day that closed its invoice's period, then itself
pre_<16><16>         a prepayment: its client, then itself
imp_<16>             an import of work, of an account
rpl_<16>             a replay job, of no account
tok_<16>             a personal API token
rpl_<16>             a replay job
"""

import datetime as dt
import re
from hashlib import sha256
from typing import NewType, TypeAlias

from domain.errors import NotFoundError

AccountId = NewType("AccountId", str)
ClientId = NewType("ClientId", str)
WorkId = NewType("WorkId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
ReminderId = NewType("ReminderId", str)
CreditNoteId = NewType("CreditNoteId", str)
DocumentId: TypeAlias = InvoiceId | CreditNoteId
PrepaymentId = NewType("PrepaymentId", str)
ImportId = NewType("ImportId", str)
JobId = NewType("JobId", str)
TokenId = NewType("TokenId", str)

_BODY = r"[0-9a-z]{16}"
_DAY = r"[0-9]{8}(?:(?!00|01)[0-9]{2})?"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def client_id(body: str) -> ClientId:
    """The id of a client whose unique 16 characters are *body*."""
    return ClientId(f"cli_{body}")


def work_id(client: ClientId, body: str) -> WorkId:
    """The id of a work entry for *client* whose unique 16 characters are *body*."""
    return WorkId(f"wrk_{_body(client)}{body}")


def invoice_id(client: ClientId, due_on: dt.date, nth: int | None = None) -> InvoiceId:
    """The invoice of *client* whose period is closed by *due_on*: its first or, from 2 on, its *nth*."""
    return InvoiceId(f"inv_{_body(client)}{due_on:%Y%m%d}{f'{nth:02}' if nth else ''}")


def known_credit_note(credit_note: str) -> CreditNoteId:
    """*credit_note* as an id, where it has the form of one."""
    credit_note_parts(CreditNoteId(credit_note))
    return CreditNoteId(credit_note)


def client_of_work(work: WorkId) -> ClientId:
    """Whose work it is."""
    return client_id(_parts(rf"wrk_({_BODY}){_BODY}", work, "work entry")[0])


def invoice_parts(invoice: InvoiceId) -> tuple[ClientId, dt.date]:
    """Whose invoice it is, and the day that closed its period."""
    client, day = _parts(rf"inv_({_BODY})({_DAY})", invoice, "invoice")
    try:
        return client_id(client), dt.date.fromisoformat(day[:8])
    except ValueError as error:
        raise NotFoundError(f"there is no invoice {invoice}") from error


def place_of_invoice(invoice: InvoiceId) -> str:
    """The day that closed its period, YYYY-MM-DD; of another one of that day also the how manieth, -02."""
    _, day = invoice_parts(invoice)
    return f"{day}-{nth}" if (nth := invoice[28:]) else f"{day}"


def payment_id(invoice: InvoiceId, body: str) -> PaymentId:
    """The id of a payment for *invoice* whose unique 16 characters are *body*."""
    return PaymentId(f"pay_{invoice.removeprefix('inv_')}{body}")


def payment_parts(payment: PaymentId) -> tuple[InvoiceId, str]:
    """Which invoice it is for, and its unique 16 characters."""
    invoice, body = _parts(rf"pay_({_BODY}{_DAY})({_BODY})", payment, "payment")
    invoice_parts(InvoiceId(f"inv_{invoice}"))
    return InvoiceId(f"inv_{invoice}"), body


def reminder_id(invoice: InvoiceId, step: int) -> ReminderId:
    """The one reminder of *invoice* that comes as number *step*, from 1."""
    return ReminderId(f"rem_{invoice.removeprefix('inv_')}{step:02}")


def reminder_parts(reminder: ReminderId) -> tuple[InvoiceId, int]:
    """Which invoice it asks for, and the how manieth it is."""
    invoice, step = _parts(rf"rem_({_BODY}{_DAY})([0-9]{{2}})", reminder, "reminder")
    invoice_parts(InvoiceId(f"inv_{invoice}"))
    return InvoiceId(f"inv_{invoice}"), int(step)


def credit_note_id(invoice: InvoiceId, body: str) -> CreditNoteId:
    """The id of a credit note to *invoice* whose unique 16 characters are *body*."""
    return CreditNoteId(f"crn_{invoice.removeprefix('inv_')}{body}")


def credit_note_parts(credit_note: CreditNoteId) -> tuple[InvoiceId, str]:
    """The invoice that it corrects, and the 16 characters that are its own."""
    invoice, body = _parts(rf"crn_({_BODY}{_DAY})({_BODY})", credit_note, "credit note")
    return InvoiceId(f"inv_{invoice}"), body


def the_document(text: str) -> DocumentId:
    """The id of an invoice, or that of a credit note."""
    return CreditNoteId(text) if text.startswith("crn_") else InvoiceId(text)


def invoice_of(document: DocumentId) -> InvoiceId:
    """The invoice, or the one that a credit note corrects."""
    if document.startswith("crn_"):
        return credit_note_parts(CreditNoteId(document))[0]
    return InvoiceId(document)


def prepayment_id(client: ClientId, body: str) -> PrepaymentId:
    """The id of a prepayment of *client* whose unique 16 characters are *body*."""
    return PrepaymentId(f"pre_{_body(client)}{body}")


def client_of_prepayment(prepayment: PrepaymentId) -> ClientId:
    """Who paid it."""
    return client_id(_parts(rf"pre_({_BODY}){_BODY}", prepayment, "prepayment")[0])


def known_client(client: str) -> ClientId:
    """*client* as an id, where it has the form of one."""
    _parts(f"cli_({_BODY})", client, "client")
    return ClientId(client)


def known_token(token: str) -> TokenId:
    """*token* as an id, where it has the form of one."""
    _parts(f"tok_({_BODY})", token, "token")
    return TokenId(token)


def import_id(body: str) -> ImportId:
    """The id of an import whose unique 16 characters are *body*."""
    return ImportId(f"imp_{body}")


def known_import(import_: str) -> ImportId:
    """*import_* as an id, where it has the form of one."""
    _parts(f"imp_({_BODY})", import_, "import")
    return ImportId(import_)


def known_job(job: str) -> JobId:
    """*job* as an id, where it has the form of one."""
    _parts(f"rpl_({_BODY})", job, "replay")
    return JobId(job)


def digest(*parts: str) -> str:
    """Sixteen characters that stand for *parts*: equal parts, equal characters (80 bits of SHA-256)."""
    number = int.from_bytes(sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()[:10])
    return encode(number, length=16)


def encode(number: int, *, length: int) -> str:
    """*number* in Crockford's base 32, lower case, *length* characters."""
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def _body(client: ClientId) -> str:
    return client.removeprefix("cli_")


def _parts(pattern: str, value: str, thing: str) -> tuple[str, ...]:
    if not (found := re.fullmatch(pattern, value)):
        raise NotFoundError(f"there is no {thing} {value}")
    return found.groups()
