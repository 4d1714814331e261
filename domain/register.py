"""The register of numbers: each series is 1..n without hole or double, dates never descend, links hold.

invoices, credit notes ──issued──▶ exactly one number each; what is void keeps its own
numbers  ──▶ what is issued with this number and date
SEQUENCE ──▶ the last of them
printed  ──▶ once in all series of the account
link     ──▶ follows from the link before it and from what the document says now
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, TypeAlias

from domain import chain, numbers
from domain.accounts import Account
from domain.credit_documents import frozen_document
from domain.credit_notes import CreditNote, CreditNotes, Progress
from domain.errors import NotFoundError
from domain.identifiers import AccountId, CreditNoteId, DocumentId, InvoiceId
from domain.invoices import Invoice, Invoices, State
from domain.invoicing import Numbering
from domain.paging import every
from domain.printing import NotIssuedError
from domain.proof import Code, Finding, Proof, SeriesLook

BY_HAND = "no command mends it: compare the invoices' documents with a backup of the table"

Numbered: TypeAlias = Invoice | CreditNote
Issued = Mapping[DocumentId, Numbered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A number of a series: the how manieth it is, how it is printed, what took it, and its link.

    `invoice_id` is that of an invoice, or of a credit note in its series.
    """

    value: int
    number: str
    invoice_id: DocumentId
    issued_on: dt.date
    content_sha256: str | None = None
    chain_sha256: str | None = None

    @property
    def link(self) -> chain.Link:
        """Its place in the chain."""
        return chain.Link(
            position=self.value, content_sha256=self.content_sha256, chain_sha256=self.chain_sha256
        )


class Register(Protocol):
    """The numbers that each account has given."""

    def series(self, *, account_id: AccountId) -> Sequence[str]:
        """The series that have given a number; one that began this moment may be missing."""
        ...

    def given(self, *, account_id: AccountId, series: str) -> Sequence[Given]:
        """All numbers of a series in their order, as of now."""
        ...


def registered(
    account: Account,
    *,
    invoices: Invoices,
    credit_notes: CreditNotes,
    numbering: Numbering,
    register: Register,
    contents: bool = True,
) -> Proof:
    """What one look at the account's numbers proves; with *contents*, also that each document says the same.

    What is issued is read before the numbers, and the sequence before and after them: whatever is issued
    meanwhile has its number, and the last number lies between both.
    """
    issued = _issued(account.id, invoices, credit_notes)
    current = {numbers.series_of(_pattern(account, each), _day(each)) for each in issued.values()}
    proof, taken, printed = Proof(), Counter[DocumentId](), Counter[str]()
    for series in sorted(current.union(register.series(account_id=account.id))):
        before = numbering.sequence(account_id=account.id, series=series)
        given = register.given(account_id=account.id, series=series)
        after = numbering.sequence(account_id=account.id, series=series)
        taken.update(each.invoice_id for each in given)
        printed.update(each.number for each in given)
        findings = (
            *_holes(account.id, series, given, before.last),
            *_ends(account.id, given, after),
            *_in_order(account.id, given),
            *_linked(account.id, series, given),
            *_documents_of(account.id, given, issued, invoices, credit_notes),
            *(_contents(account.id, series, given, invoices, credit_notes) if contents else ()),
        )
        own = tuple(replace(finding, series=series) for finding in findings)
        proof += Proof(numbers=len(given), series=(_seen(series, given),), findings=own)
    findings = (*_printed_once(account.id, printed), *_each_once(account.id, issued, taken))
    return proof + Proof(findings=findings)


def _issued(account_id: AccountId, invoices: Invoices, credit_notes: CreditNotes) -> Issued:
    """All that has to have a number."""
    listed = every(lambda cursor: invoices.list(account_id=account_id, cursor=cursor))
    noted = every(lambda cursor: credit_notes.list(account_id=account_id, cursor=cursor))
    found: list[Numbered] = [invoice for invoice in listed if invoice.state in {State.ISSUED, State.VOID}]
    found += [note for note in noted if note.state is Progress.ISSUED]
    return {each.id: each for each in found}


def _seen(series: str, given: Sequence[Given]) -> SeriesLook:
    if not given:
        return SeriesLook(name=series, numbers=0)
    return SeriesLook(
        name=series,
        numbers=len(given),
        first=given[0].number,
        first_issued_on=given[0].issued_on,
        last=given[-1].number,
        last_issued_on=given[-1].issued_on,
        chain_sha256=given[-1].chain_sha256,
    )


def _holes(account_id: AccountId, series: str, given: Sequence[Given], last: int) -> Iterator[Finding]:
    """Numbers that are missing before the last one, which the sequence had named already."""
    end = max([last, *(each.value for each in given)]) + 1
    for before, after in pairwise([0, *(each.value for each in given), end]):
        if after - before > 1:
            missing = f"{before + 1}" if after - before == 2 else f"{before + 1} to {after - 1}"  # noqa: PLR2004 - one is missing
            told = f"the series {series} has no number {missing}; {BY_HAND}"
            yield _finding(Code.NUMBER_MISSING, account_id, f"{series} {missing}", told)


def _ends(account_id: AccountId, given: Sequence[Given], after: numbers.Sequence) -> Iterator[Finding]:
    """The sequence knows the last number and its date; a later one is given only after it was moved on."""
    last = given[-1] if given else None
    if last is None:
        return
    ends = (last.issued_on, last.chain_sha256)
    known = (after.last_issued_on, after.chain_sha256)
    if last.value > after.last or (last.value == after.last and ends != known):
        told = (
            f"the series {after.series} ends with {last.value} on {last.issued_on}, its sequence says "
            f"{after.last} on {after.last_issued_on}{_other_chain(last, after)}; {BY_HAND}"
        )
        yield _finding(Code.SEQUENCE_DIFFERS, account_id, after.series, told)


def _other_chain(last: Given, after: numbers.Sequence) -> str:
    return ", with another end of its chain" if last.chain_sha256 != after.chain_sha256 else ""


def _linked(account_id: AccountId, series: str, given: Sequence[Given]) -> Iterator[Finding]:
    printed = {each.value: each.number for each in given}
    for position in chain.broken([each.link for each in given]):
        told = (
            f"{printed[position]} does not follow in the chain of {series} from what is before it; {BY_HAND}"
        )
        yield _finding(Code.CHAIN_BROKEN, account_id, printed[position], told)


def _contents(
    account_id: AccountId,
    series: str,
    given: Sequence[Given],
    invoices: Invoices,
    credit_notes: CreditNotes,
) -> Iterator[Finding]:
    """What each invoice and credit note says now is what it said when it was issued."""
    for each in given:
        place = chain.Place(account_id=account_id, series=series, position=each.value)
        if not each.content_sha256 or _read(account_id, each.invoice_id, invoices, credit_notes) is None:
            continue
        if _content(each.invoice_id, place, invoices, credit_notes) != each.content_sha256:
            told = (
                f"{each.number} ({each.invoice_id}) does not say any more what it said when issued; {BY_HAND}"
            )
            yield _finding(Code.CONTENT_DIFFERS, account_id, each.number, told)


def _content(
    document: DocumentId, place: chain.Place, invoices: Invoices, credit_notes: CreditNotes
) -> str | None:
    try:
        frozen = frozen_document(
            document, account_id=place.account_id, invoices=invoices, credit_notes=credit_notes
        )
    except (NotIssuedError, NotFoundError):
        return None
    return chain.sha256_of(chain.content(frozen, place))


def _in_order(account_id: AccountId, given: Sequence[Given]) -> Iterator[Finding]:
    for before, after in pairwise(given):
        if after.issued_on < before.issued_on:
            told = f"{after.number} is dated {after.issued_on}, before {before.number}; {BY_HAND}"
            yield _finding(Code.NUMBER_DATE_DESCENDS, account_id, after.number, told)


def _printed_once(account_id: AccountId, printed: Mapping[str, int]) -> Iterator[Finding]:
    """Two series may print alike: a number is the account's, not the series'."""
    for number, times in printed.items():
        if times > 1:
            told = f"{number} is printed on {times} invoices; {BY_HAND}"
            yield _finding(Code.NUMBER_TWICE, account_id, number, told)


def _documents_of(
    account_id: AccountId,
    given: Sequence[Given],
    issued: Issued,
    invoices: Invoices,
    credit_notes: CreditNotes,
) -> Iterator[Finding]:
    for each in given:
        numbered = issued.get(each.invoice_id) or _read(account_id, each.invoice_id, invoices, credit_notes)
        if numbered is None:
            told = f"{each.number} belongs to {each.invoice_id}, which does not exist; {BY_HAND}"
            yield _finding(Code.NUMBER_WITHOUT_INVOICE, account_id, each.number, told)
        elif _as_numbered(numbered) != (each.number, each.issued_on, each.content_sha256, each.chain_sha256):
            told = (
                f"{each.number} of {each.issued_on} belongs to {numbered.id}, which says "
                f"{numbered.number} of {numbered.issued_on}; {BY_HAND}"
            )
            yield _finding(Code.NUMBER_DIFFERS, account_id, each.number, told)


def _as_numbered(numbered: Numbered) -> tuple[object, ...]:
    return numbered.number, numbered.issued_on, numbered.content_sha256, numbered.chain_sha256


def _each_once(account_id: AccountId, issued: Issued, taken: Mapping[DocumentId, int]) -> Iterator[Finding]:
    for invoice_id, invoice in issued.items():
        match taken.get(invoice_id, 0):
            case 0:
                told = f"{invoice_id} is issued as {invoice.number}, which no series has given; {BY_HAND}"
                yield _finding(Code.INVOICE_WITHOUT_NUMBER, account_id, invoice_id, told)
            case 1:
                pass
            case several:
                told = f"{invoice_id} has taken {several} numbers; {BY_HAND}"
                yield _finding(Code.INVOICE_WITH_TWO_NUMBERS, account_id, invoice_id, told)


def _read(
    account_id: AccountId, document: DocumentId, invoices: Invoices, credit_notes: CreditNotes
) -> Numbered | None:
    """The list may be a moment behind."""
    try:
        if document.startswith("crn_"):
            return credit_notes.get(account_id=account_id, credit_note_id=CreditNoteId(document))
        return invoices.get(account_id=account_id, invoice_id=InvoiceId(document))
    except NotFoundError:
        return None


def _day(numbered: Numbered) -> dt.date:
    unnumbered = numbered.due_on if isinstance(numbered, Invoice) else numbered.opened_at.date()
    return numbered.issued_on or unnumbered


def _pattern(account: Account, numbered: Numbered) -> str:
    return account.number_pattern if isinstance(numbered, Invoice) else account.numbers_credit_notes


def _finding(code: Code, account_id: AccountId, subject: str, told: str) -> Finding:
    return Finding(code=code, account_id=account_id, subject=subject, told=told)
