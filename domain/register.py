"""The register of numbers: each series is 1..n without hole or double, dates never descend, links hold.

invoices ──issued──▶ exactly one number each
numbers  ──▶ an invoice that is issued with this number and date
SEQUENCE ──▶ the last of them
printed  ──▶ once in all series of the account
link     ──▶ follows from the link before it and from what the document says now
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from domain import chain, numbers
from domain.accounts import Account
from domain.delivery import NotIssuedError, frozen_of
from domain.errors import NotFoundError
from domain.identifiers import AccountId, InvoiceId
from domain.invoices import Invoice, Invoices, State
from domain.invoicing import Numbering
from domain.paging import every
from domain.proof import Code, Finding, Proof, SeriesLook

BY_HAND = "no command mends it: compare the invoices' documents with a backup of the table"

Issued = Mapping[InvoiceId, Invoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A number of a series: the how manieth it is, how it is printed, what took it, and its link."""

    value: int
    number: str
    invoice_id: InvoiceId
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
    numbering: Numbering,
    register: Register,
    contents: bool = True,
) -> Proof:
    """What one look at the account's numbers proves; with *contents*, also that each invoice says the same.

    The invoices are read before the numbers, and the sequence before and after them: whatever is issued
    meanwhile has its number, and the last number lies between both.
    """
    listed = every(lambda cursor: invoices.list(account_id=account.id, cursor=cursor))
    issued = {invoice.id: invoice for invoice in listed if invoice.state is State.ISSUED}
    current = {numbers.series_of(account.number_pattern, _day(invoice)) for invoice in issued.values()}
    proof, taken, printed = Proof(), Counter[InvoiceId](), Counter[str]()
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
            *_invoices_of(account.id, given, issued, invoices),
            *(_contents(account.id, series, given, invoices) if contents else ()),
        )
        own = tuple(replace(finding, series=series) for finding in findings)
        proof += Proof(numbers=len(given), series=(_seen(series, given),), findings=own)
    findings = (*_printed_once(account.id, printed), *_each_once(account.id, issued, taken))
    return proof + Proof(findings=findings)


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
    account_id: AccountId, series: str, given: Sequence[Given], invoices: Invoices
) -> Iterator[Finding]:
    """What each invoice says now is what it said when it was issued."""
    for each in given:
        invoice = _read(account_id, each.invoice_id, invoices)
        if invoice and each.content_sha256 and not _says_the_same(invoice, each, series, invoices):
            told = (
                f"{each.number} ({each.invoice_id}) does not say any more what it said when issued; {BY_HAND}"
            )
            yield _finding(Code.CONTENT_DIFFERS, account_id, each.number, told)


def _says_the_same(invoice: Invoice, given: Given, series: str, invoices: Invoices) -> bool:
    try:
        document = frozen_of(invoice, invoices.lines(invoice=invoice))
    except NotIssuedError:
        return False
    place = chain.Place(account_id=invoice.account_id, series=series, position=given.value)
    return chain.sha256_of(chain.content(document, place)) == given.content_sha256


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


def _invoices_of(
    account_id: AccountId, given: Sequence[Given], issued: Issued, invoices: Invoices
) -> Iterator[Finding]:
    for each in given:
        invoice = issued.get(each.invoice_id) or _read(account_id, each.invoice_id, invoices)
        if invoice is None:
            told = f"{each.number} belongs to {each.invoice_id}, which does not exist; {BY_HAND}"
            yield _finding(Code.NUMBER_WITHOUT_INVOICE, account_id, each.number, told)
        elif _as_numbered(invoice) != (each.number, each.issued_on, each.content_sha256, each.chain_sha256):
            told = (
                f"{each.number} of {each.issued_on} belongs to {invoice.id}, which says "
                f"{invoice.number} of {invoice.issued_on}; {BY_HAND}"
            )
            yield _finding(Code.NUMBER_DIFFERS, account_id, each.number, told)


def _as_numbered(invoice: Invoice) -> tuple[object, ...]:
    return invoice.number, invoice.issued_on, invoice.content_sha256, invoice.chain_sha256


def _each_once(account_id: AccountId, issued: Issued, taken: Mapping[InvoiceId, int]) -> Iterator[Finding]:
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


def _read(account_id: AccountId, invoice_id: InvoiceId, invoices: Invoices) -> Invoice | None:
    """The list may be a moment behind."""
    try:
        return invoices.get(account_id=account_id, invoice_id=invoice_id)
    except NotFoundError:
        return None


def _day(invoice: Invoice) -> dt.date:
    return invoice.issued_on or invoice.due_on


def _finding(code: Code, account_id: AccountId, subject: str, told: str) -> Finding:
    return Finding(code=code, account_id=account_id, subject=subject, told=told)
