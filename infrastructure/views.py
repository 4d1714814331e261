"""What the HTTP API and the command line show of each thing.

Amounts are minor units of the `currency` beside them; prices, rates and quantities are decimals in text; an
instant is RFC 3339 in UTC; what there is nothing to say about is left out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal

from domain.access import Scope
from domain.accounts import Account, AccountDetails, values
from domain.archiving import Archive
from domain.billing import Preview
from domain.clients import Client, ClientDetails, ClientStatus
from domain.counters import Counter, Tally, summed
from domain.credit_notes import CreditNote
from domain.credit_notes import Progress as CreditNoteState
from domain.delivery import Attempt, Delivery, Progress
from domain.exporting import plain
from domain.fates import Fate, Returned
from domain.identifiers import (
    AccountId,
    ClientId,
    CreditNoteId,
    DocumentId,
    ImportId,
    InvoiceId,
    PaymentId,
    PrepaymentId,
    TokenId,
    WorkId,
)
from domain.imports import Counts, Failure, Format, Import
from domain.imports import State as ImportState
from domain.invoices import Invoice, State
from domain.issued import IssuedDocument
from domain.parties import BankDetails, Party
from domain.payments import Payment, PaymentState, payment_state
from domain.prepayments import Prepayment
from domain.proof import Finding, Proof, SeriesLook
from domain.reminders import Dropped, Reminder
from domain.requirements import Missing
from domain.tax import Tax
from domain.tokens import Token
from domain.totals import Applied, Subtotal, Totals
from domain.work import WorkDetails, WorkEntry


class _Checked:
    """What is shown of a thing was checked when the thing was made."""

    def __post_init__(self) -> None:
        """Check nothing."""


@dataclass(frozen=True, kw_only=True)
class _Account:
    id: AccountId


@dataclass(frozen=True, kw_only=True)
class _Client:
    id: ClientId
    status: ClientStatus


@dataclass(frozen=True, kw_only=True)
class _Work:
    id: WorkId
    client_id: ClientId


@dataclass(frozen=True, kw_only=True)
class AccountView(_Checked, AccountDetails, _Account):
    """An account: who sends the invoices; it is `complete` once it has all that an invoice shows of it."""

    complete: bool


@dataclass(frozen=True, kw_only=True)
class ReturnedMailView:
    """That a mail came back or was not wanted, and why; what came back `for_good` comes back again."""

    outcome: Literal["bounced", "complained"]
    recipient: str
    reason: str
    at: dt.datetime
    for_good: bool


@dataclass(frozen=True, kw_only=True)
class ClientView(_Checked, ClientDetails, _Client):
    """A client. The next invoice is due on `next_due_on`, at the instant `due_at` where one is to be made.

    What was paid in advance and is on no invoice yet is `prepaid`. All work before `billed_until` had its
    invoice. On the invoice day `skipped_on` none is made. `undeliverable` says why mail comes back from
    `email`, until that is changed.
    """

    next_due_on: dt.date
    prepaid: int
    skipped_on: dt.date | None = None
    billed_until: dt.date | None = None
    due_at: dt.datetime | None = None
    undeliverable: ReturnedMailView | None = None


@dataclass(frozen=True, kw_only=True)
class WorkView(_Checked, WorkDetails, _Work):
    """Work, and what is billed for it: `amount` is `quantity` × `unit_price`, 0 where it is not billable.

    `invoice_id` is the invoice that has it; from then on it cannot be changed. `import_id` is the import that
    took it, where one did.
    """

    unit_price: Decimal
    amount: int
    currency: str
    invoice_id: InvoiceId | None = None
    import_id: ImportId | None = None


@dataclass(frozen=True, kw_only=True)
class SumsView:
    """What an invoice comes to: `lines` less allowances and with charges is `net`, and with the tax `gross`.

    `payable` is `gross` less what is prepaid, and rounded by `rounding`. Each category and rate of tax has
    its subtotal; `adjustments` are the allowances and charges on the whole invoice. No amount but `gross`,
    `prepaid`, `rounding` and `payable` includes tax.
    """

    lines: int
    allowances: int
    charges: int
    net: int
    subtotals: tuple[Subtotal, ...]
    tax_amount: int
    gross: int
    adjustments: tuple[Applied, ...]
    prepaid: int
    rounding: int
    payable: int


@dataclass(frozen=True, kw_only=True)
class TokenView:
    """A personal API token without its secret, which nobody knows; it works until it ends or is revoked."""

    id: TokenId
    name: str
    scopes: tuple[Scope, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NewTokenView(TokenView):
    """A token that was just made, with the `secret` that is sent as `Authorization: Bearer`: keep it now.

    Where an Idempotency-Key brings this answer again, the secret is left out, for it is kept nowhere.
    """

    secret: str | None = None


@dataclass(frozen=True, kw_only=True)
class NotCarriedView:
    """What of an invoice an e-invoice cannot carry: where it stands in it, and why."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class MailView:
    """One mail, and what became of it; at `delivered_at` the recipient's server took it."""

    progress: Progress
    recipient: str | None = None
    message_id: str | None = None
    started_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    returned: ReturnedMailView | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryView(MailView):
    """How far an invoice is on its way to the client, and its documents.

    `sha256` are the hashes of those that are stored: of its `pdf` and, as the e-invoice, its `cii` and `ubl`.
    What an e-invoice cannot carry stands in `not_carried`; then there is the PDF alone. `earlier` are the
    mails before the one that counts.
    """

    sha256: Mapping[str, str] | None = None
    not_carried: Sequence[NotCarriedView] | None = None
    earlier: Sequence[MailView] | None = None


@dataclass(frozen=True, kw_only=True)
class ListedInvoiceView:
    """An invoice without what is printed on it; number, tax and total are known once it is issued.

    One that is `in_review` goes out at `review_ends_at` or, without that, once a person sends it.

    From then on `payment` says how it stands, `paid` what came, and `outstanding` what is left: below zero
    where too much came. Its credit notes come to `credited` and have `released` so many of its entries;
    `crediting` is the one that is being made.
    """

    id: InvoiceId
    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    state: State
    review_ends_at: dt.datetime | None = None
    entries: int
    net: int
    tax_amount: int | None = None
    total: int | None = None
    number: str | None = None
    issued_on: dt.date | None = None
    payment_due_on: dt.date | None = None
    payment: PaymentState | None = None
    paid: int | None = None
    outstanding: int | None = None
    credited: int | None = None
    released: int | None = None
    crediting: CreditNoteId | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """Money that came for an invoice; where it `takes_back` another payment, as much with a minus."""

    id: PaymentId
    invoice_id: InvoiceId
    client_id: ClientId
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PaymentId | None = None


_PAYMENT = tuple(each.name for each in fields(PaymentView) if each.name != "recorded_at")


@dataclass(frozen=True, kw_only=True)
class RecordedPaymentView(PaymentView):
    """A payment, and how its invoice stands with it."""

    invoice: ListedInvoiceView


@dataclass(frozen=True, kw_only=True)
class PrepaymentView:
    """Money that a client paid in advance; where it `takes_back` another one, as much with a minus."""

    id: PrepaymentId
    client_id: ClientId
    amount: int
    currency: str
    paid_on: dt.date
    recorded_at: dt.datetime
    reference: str | None = None
    takes_back: PrepaymentId | None = None


_PREPAYMENT = tuple(each.name for each in fields(PrepaymentView) if each.name != "recorded_at")


@dataclass(frozen=True, kw_only=True)
class RecordedPrepaymentView(PrepaymentView):
    """A prepayment, and what of all of them is `left` for the next invoice."""

    left: int


@dataclass(frozen=True, kw_only=True)
class ReminderView:
    """A reminder, `days` after the day of payment: how far its mail is, or why it was `dropped`."""

    step: int
    days: int
    recorded_at: dt.datetime
    progress: Progress
    recipient: str | None = None
    dropped: Dropped | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceView(ListedInvoiceView):
    """A whole invoice: what it says, how far it is on its way, and the work that it charges.

    While it is held, `missing` says what the law wants to see on it, and where to mend that; then it goes out
    by itself. `tax` is that of the lines which say no other; where `prices_include_tax`, their amounts and
    `net` do too. Where `has_more_lines`, the list of its lines has all of them. The next reminder is due at
    `remind_at`.
    """

    payment_terms_days: int | None = None
    language: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    bank: BankDetails | None = None
    tax: Tax | None = None
    prices_include_tax: bool
    totals: SumsView | None = None
    missing: Sequence[Missing]
    delivery: DeliveryView
    remind_at: dt.datetime | None = None
    reminders: Sequence[ReminderView] | None = None
    lines: Sequence[WorkView]
    has_more_lines: bool


@dataclass(frozen=True, kw_only=True)
class ListedCreditNoteView:
    """A credit note: what it takes back of an invoice, in positive amounts.

    Its number comes once it is issued. `chosen` are the entries that were asked for; without any, it takes
    back all that were left. `credited` is how much less the client owes.
    """

    id: CreditNoteId
    invoice_id: InvoiceId
    client_id: ClientId
    currency: str
    state: CreditNoteState
    opened_at: dt.datetime
    chosen: Sequence[WorkId]
    reason: str | None = None
    entries: int
    net: int
    tax_amount: int | None = None
    total: int | None = None
    credited: int | None = None
    number: str | None = None
    issued_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class CreditNoteView(ListedCreditNoteView):
    """A whole credit note: its sums, how far it is on its way, and the lines that it takes back.

    Where `has_more_lines`, its PDF has all of them.
    """

    totals: SumsView | None = None
    delivery: DeliveryView
    lines: Sequence[WorkView]
    has_more_lines: bool


@dataclass(frozen=True, kw_only=True)
class PreviewView:
    """What an invoice would be, without a number; entries and amounts are of all its work, shown or not."""

    client_id: ClientId
    due_on: dt.date
    period_start: dt.date
    period_end: dt.date
    currency: str
    entries: int
    net: int
    tax_amount: int
    total: int
    tax: Tax | None = None
    prices_include_tax: bool
    totals: SumsView | None = None
    lines: Sequence[WorkView]
    has_more_lines: bool


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """Where a document can be fetched from, until `expires_at`, by anybody who has the address."""

    url: str
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class ImportView:
    """An import: how far it is, and how many of its rows met which fate once it has ended.

    `failure` says why the file could not be taken.
    """

    id: ImportId
    filename: str
    size: int
    format: Format
    state: ImportState
    counts: Counts
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class UploadView:
    """Where anybody who has the address sends the file to, with these headers, until `expires_at`."""

    method: Literal["PUT"]
    url: str
    headers: Mapping[str, str]
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class AskedImportView(ImportView):
    """An import that waits for its file."""

    upload: UploadView


@dataclass(frozen=True, kw_only=True)
class CounterView:
    """What is counted for a client: over all, and by month (YYYY-MM)."""

    client_id: ClientId
    currency: str
    total: Tally
    months: Mapping[str, Tally]


@dataclass(frozen=True, kw_only=True)
class TotalView(Tally):
    """What is counted in one currency, over all clients."""

    currency: str


@dataclass(frozen=True, kw_only=True)
class CountersView:
    """The counters of each client, and their sum for each currency."""

    data: Sequence[CounterView]
    has_more: bool
    totals: Sequence[TotalView]


@dataclass(frozen=True, kw_only=True)
class TotalsView:
    """What is counted over all clients, for each currency."""

    totals: Sequence[TotalView]


@dataclass(frozen=True, kw_only=True)
class SeriesView(SeriesLook):
    """A series of invoice numbers, and what is wrong with it."""

    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class NumbersView:
    """Whether all numbers are right; `findings` are those that concern no single series."""

    clean: bool
    series: Sequence[SeriesView]
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class IssuedFileView:
    """A file of an invoice: its name, the SHA-256 that is recorded, and where it can be fetched."""

    name: str
    sha256: str
    url: str


@dataclass(frozen=True, kw_only=True)
class IssuedView:
    """What was issued under a number: `content` is its canonical JSON, to the byte, and hashed in UTF-8.

    `chain_sha256` is the SHA-256 of `before_sha256` and `content_sha256`, written one behind the other. A
    content of more than four megabytes is left out; an export has it.
    """

    series: str
    position: int
    number: str
    issued_on: dt.date
    invoice_id: DocumentId
    before_sha256: str
    content_sha256: str | None = None
    chain_sha256: str | None = None
    content: str | None = None
    files: Sequence[IssuedFileView]


@dataclass(frozen=True, kw_only=True)
class FailedProofView:
    """What could not be looked at, and why."""

    id: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """What an audit has proven, and what is wrong."""

    proven: Mapping[str, int]
    findings: Sequence[Finding]
    failed: Sequence[FailedProofView]


def of_account(account: Account) -> AccountView:
    return AccountView(id=account.id, complete=account.is_complete, **values(account, AccountDetails))


def of_token(token: Token) -> TokenView:
    return TokenView(**_token(token))


def of_new_token(token: Token, secret: str) -> NewTokenView:
    return NewTokenView(**_token(token), secret=secret)


def _token(token: Token) -> dict[str, Any]:
    told = {name: getattr(token, name) for name in ("id", "name", "scopes", "created_at", "revoked_at")}
    return told | {"expires_at": token.valid_until}


def of_client(client: Client) -> ClientView:
    return ClientView(
        **values(client, ClientDetails),
        id=client.id,
        status=client.status,
        next_due_on=client.next_due_on,
        prepaid=client.prepaid,
        skipped_on=client.skipped_on,
        billed_until=client.billed_until,
        due_at=client.due_at,
        undeliverable=_of_returned(client.undeliverable),
    )


def of_work(entry: WorkEntry) -> WorkView:
    billed = {"quantity": _plain(entry.billed_quantity), "unit": entry.billed_unit}
    return WorkView(
        **(values(entry, WorkDetails) | billed),
        id=entry.id,
        client_id=entry.client_id,
        unit_price=_plain(entry.unit_price),
        amount=entry.amount,
        currency=entry.currency,
        invoice_id=entry.invoice_id,
        import_id=entry.import_id,
    )


def of_invoice(
    invoice: Invoice,
    delivery: Delivery,
    lines: Sequence[WorkEntry],
    *,
    now: dt.datetime,
    reminders: Sequence[Reminder] = (),
    more: bool = False,
) -> InvoiceView:
    """The invoice as of *now* with these of its lines, of which there may be *more*."""
    listed = of_listed_invoice(invoice, now=now)
    return InvoiceView(
        **values(listed, ListedInvoiceView),
        payment_terms_days=invoice.payment_terms_days,
        language=invoice.language,
        seller=invoice.seller,
        buyer=invoice.buyer,
        bank=invoice.bank,
        tax=invoice.tax,
        prices_include_tax=invoice.prices_include_tax,
        totals=_sums(invoice.totals),
        missing=invoice.missing,
        delivery=of_delivery(delivery),
        remind_at=invoice.remind_at,
        reminders=tuple(map(_reminder, reminders)) or None,
        lines=tuple(of_work(line) for line in lines),
        has_more_lines=more,
    )


def _reminder(reminder: Reminder) -> ReminderView:
    return ReminderView(
        step=reminder.step,
        days=reminder.days,
        recorded_at=reminder.recorded_at,
        progress=reminder.mail.progress,
        recipient=reminder.mail.recipient,
        dropped=reminder.dropped,
    )


def of_delivery(delivery: Delivery) -> DeliveryView:
    not_carried = [
        NotCarriedView(pointer=each.pointer, code=each.code, message=each.message)
        for each in delivery.not_carried
    ]
    stored = {"pdf": delivery.document, "cii": delivery.cii, "ubl": delivery.ubl}
    return DeliveryView(
        **_of_mail(delivery.current),
        sha256={name: document.sha256 for name, document in stored.items() if document} or None,
        not_carried=not_carried or None,
        earlier=tuple(MailView(**_of_mail(attempt)) for attempt in delivery.earlier) or None,
    )


def _of_mail(attempt: Attempt) -> dict[str, Any]:
    return {
        "progress": attempt.progress,
        "recipient": attempt.recipient,
        "message_id": attempt.message_id,
        "started_at": attempt.started_at and _second(attempt.started_at),
        "delivered_at": attempt.delivered_at and _second(attempt.delivered_at),
        "returned": _of_returned(attempt.returned),
    }


def _of_returned(returned: Returned | None) -> ReturnedMailView | None:
    if returned is None:
        return None
    return ReturnedMailView(
        outcome="complained" if returned.fate is Fate.COMPLAINED else "bounced",
        recipient=returned.recipient,
        reason=returned.reason,
        at=_second(returned.at),
        for_good=returned.for_good,
    )


def of_preview(preview: Preview, *, most_lines: int | None = None) -> PreviewView:
    invoice, shown = preview.invoice, preview.lines[:most_lines]
    return PreviewView(
        client_id=invoice.client_id,
        due_on=invoice.due_on,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        currency=invoice.currency,
        entries=invoice.entries,
        net=invoice.net,
        tax_amount=invoice.tax_amount,
        total=invoice.total,
        tax=invoice.tax,
        prices_include_tax=invoice.prices_include_tax,
        totals=_sums(invoice.totals),
        lines=tuple(of_work(line) for line in shown),
        has_more_lines=len(shown) < len(preview.lines),
    )


def of_listed_invoice(invoice: Invoice, *, now: dt.datetime) -> ListedInvoiceView:
    """The invoice, and how it stands as of *now*."""
    is_issued = invoice.issued_on is not None
    return ListedInvoiceView(
        id=invoice.id,
        client_id=invoice.client_id,
        due_on=invoice.due_on,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        currency=invoice.currency,
        state=invoice.state,
        review_ends_at=invoice.review_ends_at,
        entries=invoice.entries,
        net=invoice.net,
        tax_amount=invoice.tax_amount if is_issued else None,
        total=invoice.total if is_issued else None,
        number=invoice.number,
        issued_on=invoice.issued_on,
        payment_due_on=invoice.payment_due_on,
        payment=payment_state(invoice, now),
        paid=invoice.paid if is_issued else None,
        outstanding=invoice.outstanding if is_issued else None,
        credited=invoice.credited if is_issued else None,
        released=invoice.released if is_issued else None,
        crediting=invoice.crediting,
    )


def of_listed_credit_note(note: CreditNote) -> ListedCreditNoteView:
    is_known = note.totals is not None
    return ListedCreditNoteView(
        id=note.id,
        invoice_id=note.invoice_id,
        client_id=note.client_id,
        currency=note.currency,
        state=note.state,
        opened_at=_second(note.opened_at),
        chosen=note.chosen,
        reason=note.reason,
        entries=note.entries,
        net=note.net,
        tax_amount=note.tax_amount if is_known else None,
        total=note.total if is_known else None,
        credited=note.credited if is_known else None,
        number=note.number,
        issued_on=note.issued_on,
    )


def of_credit_note(
    note: CreditNote, delivery: Delivery, lines: Sequence[WorkEntry], *, most_lines: int | None = None
) -> CreditNoteView:
    shown = lines[:most_lines]
    return CreditNoteView(
        **values(of_listed_credit_note(note), ListedCreditNoteView),
        totals=_sums(note.totals),
        delivery=of_delivery(delivery),
        lines=tuple(map(of_work, shown)),
        has_more_lines=len(shown) < len(lines),
    )


def of_payment(payment: Payment) -> PaymentView:
    return PaymentView(
        **{name: getattr(payment, name) for name in _PAYMENT}, recorded_at=_second(payment.recorded_at)
    )


def of_prepayment(prepayment: Prepayment) -> PrepaymentView:
    return PrepaymentView(
        **{name: getattr(prepayment, name) for name in _PREPAYMENT},
        recorded_at=_second(prepayment.recorded_at),
    )


def of_recorded_prepayment(prepayment: Prepayment, client: Client) -> RecordedPrepaymentView:
    """What was recorded, and what the client has left with it."""
    return RecordedPrepaymentView(**values(of_prepayment(prepayment), PrepaymentView), left=client.prepaid)


def of_recorded_payment(payment: Payment, invoice: Invoice, *, now: dt.datetime) -> RecordedPaymentView:
    """What was recorded, and how the invoice stands with it."""
    told = of_listed_invoice(invoice, now=now)
    return RecordedPaymentView(**values(of_payment(payment), PaymentView), invoice=told)


def of_import(import_: Import) -> ImportView:
    return ImportView(
        id=import_.id,
        filename=import_.filename,
        size=import_.size,
        format=import_.format,
        state=import_.state,
        counts=import_.counts,
        created_at=_second(import_.created_at),
        started_at=import_.started_at and _second(import_.started_at),
        ended_at=import_.ended_at and _second(import_.ended_at),
        failure=import_.failure,
    )


def of_asked_import(import_: Import, upload: UploadView) -> AskedImportView:
    return AskedImportView(**values(of_import(import_), ImportView), upload=upload)


def of_counters(counters: Sequence[Counter]) -> CountersView:
    return CountersView(
        data=tuple(of_counter(counter) for counter in counters),
        has_more=False,
        totals=of_totals(counters).totals,
    )


def of_totals(counters: Sequence[Counter]) -> TotalsView:
    return TotalsView(totals=tuple(_total(currency, tally) for currency, tally in summed(counters).items()))


def of_counter(counter: Counter) -> CounterView:
    return CounterView(
        client_id=counter.client_id,
        currency=counter.currency,
        total=counter.total,
        months=dict(sorted(counter.months.items())),
    )


def of_proof(proof: Proof) -> ProofView:
    return ProofView(
        proven=proof.counts,
        findings=proof.findings,
        failed=tuple(
            FailedProofView(id=entity, error=f"{type(error).__name__}: {error}")
            for entity, error in proof.failed
        ),
    )


def of_numbers(proof: Proof) -> NumbersView:
    by_series: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in proof.findings:
        by_series[finding.series].append(finding)
    return NumbersView(
        clean=not proof.findings,
        series=tuple(
            SeriesView(**values(look, SeriesLook), findings=by_series[look.name]) for look in proof.series
        ),
        findings=by_series[None],
    )


def of_issued(document: IssuedDocument, archive: Archive) -> IssuedView:
    given = document.given
    names = {end: f"{plain(given.number)}{end}" for end in document.files}
    files = [
        IssuedFileView(
            name=names[end], sha256=file.sha256, url=archive.url(key=file.key, filename=names[end])
        )
        for end, file in document.files.items()
    ]
    return IssuedView(
        series=document.series,
        position=given.value,
        number=given.number,
        issued_on=given.issued_on,
        invoice_id=given.invoice_id,
        before_sha256=document.before_sha256,
        content_sha256=given.content_sha256,
        chain_sha256=given.chain_sha256,
        content=document.content,
        files=files,
    )


def instant(value: dt.datetime) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _second(value: dt.datetime) -> dt.datetime:
    """The instant, to the second."""
    return value.replace(microsecond=0)


def _total(currency: str, tally: Tally) -> TotalView:
    return TotalView(currency=currency, **values(tally, Tally))


def _sums(totals: Totals | None) -> SumsView | None:
    if totals is None:
        return None
    return SumsView(**values(totals, SumsView))


def _plain(value: Decimal) -> Decimal:
    """The number without an exponent, and without zeros that say nothing."""
    return Decimal(f"{value.normalize():f}")
