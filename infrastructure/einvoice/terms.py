"""What EN 16931 calls things, for both languages: its codes, and the numbers as they have to add up.

BT-… and BG-… are the norm's names of a business term and of a group of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from domain import money
from domain.bank_accounts import bic, iban
from domain.documents import DocumentKind, DocumentLine, InvoiceDocument
from domain.einvoices import breakdown
from domain.grouping import ROUNDING
from domain.parties import Address, BankDetails
from domain.small_businesses import small_business_tax
from domain.tax import Tax, TaxCategory
from domain.totals import Applied, Subtotal, without_tax
from infrastructure.documents.language import Language, speak

NORM = "urn:cen.eu:en16931:2017"
EMAIL = "EM"  # the scheme of an electronic address
_TYPES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}  # UNTDID 1001
_ONE = "C62"
# UN/ECE Recommendation 20; other units are counted in ones, and named beside it.
_UNITS = {
    "hour": "HUR", "minute": "MIN", "day": "DAY", "week": "WEE", "month": "MON", "year": "ANN",
    "piece": "H87", "page": "ZP", "word": "D68", "kilometre": "KMT", "metre": "MTR", "kilogram": "KGM",
}  # fmt: skip
_KOSOVO = "1A"  # ISO 3166 has no code for it; the norm's list has this one
_SEPA_TRANSFER, _TRANSFER = "58", "30"  # UNTDID 4461
NO_MEANS = "1"  # likewise: how it is paid, if anything is, is not said
_FRANCHISE = "VATEX-FR-FRANCHISE"  # France wants it of its small businesses
# The norm's codes, and its words where neither the tax nor the language has any.
_EXEMPTIONS = {
    TaxCategory.REVERSE_CHARGE: ("VATEX-EU-AE", "Reverse charge"),
    TaxCategory.INTRA_COMMUNITY: ("VATEX-EU-IC", "Intra-community supply"),
    TaxCategory.EXPORT: ("VATEX-EU-G", "Export outside the EU"),
    TaxCategory.NOT_SUBJECT: ("VATEX-EU-O", "Not subject to VAT"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """BG-23: one category and rate."""

    category: str
    rate: str | None
    net: int
    tax_amount: int
    reason: str | None
    reason_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """BG-20, 21, 27 and 28: an allowance or charge, net; a percentage only where it gives the amount."""

    reason: str
    amount: int
    is_charge: bool
    percent: Decimal | None
    base: int | None
    tax: Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """BG-17: where to pay to."""

    means: str
    number: str
    is_iban: bool
    holder: str
    bic: str | None
    bank: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How a party is told from others: BT-29 or 46, the VAT number, and a tax number of another kind."""

    number: str | None
    vat_number: str | None
    tax_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """BG-6: whom the buyer asks."""

    name: str
    telephone: str | None
    email: str | None


class Said:
    """A document in the norm's words."""

    def __init__(self, document: InvoiceDocument) -> None:
        self.document = document
        self.language: Language = speak(document.language)
        categories = {subtotal.tax.category for subtotal in document.totals.subtotals}
        self._is_subject = TaxCategory.NOT_SUBJECT not in categories
        self.delivers_abroad = TaxCategory.INTRA_COMMUNITY in categories

    @property
    def type_code(self) -> str:
        return _TYPES[self.document.kind]

    @property
    def is_credit_note(self) -> bool:
        return self.document.kind is DocumentKind.CREDIT_NOTE

    @property
    def terms(self) -> str:
        """BT-20."""
        return f"{self.language.labels['due']}: {self.language.short_date(self.document.due_on)}"

    def amount(self, minor: int) -> str:
        return str(money.major(minor, currency=self.document.currency))

    def seller(self) -> Identity:
        """Its VAT number must not stand where nothing is subject to tax (BR-O-02), but some number has to."""
        party = self.document.seller
        vat_number = party.vat_number if self._is_subject else None
        number = None if vat_number else party.tax_id
        return Identity(number=number, vat_number=vat_number, tax_number=number)

    def buyer(self) -> Identity:
        party = self.document.buyer
        vat_number = party.vat_number if self._is_subject else None
        return Identity(number=None if vat_number else party.tax_id, vat_number=vat_number, tax_number=None)

    def contact(self) -> Contact:
        """BG-6: the seller by name and e-mail address, where no other contact was given."""
        seller, given = self.document.seller, self.document.seller.contact
        if given is None:
            return Contact(name=seller.name, telephone=None, email=seller.email)
        return Contact(
            name=given.name or seller.name, telephone=given.telephone, email=given.email or seller.email
        )

    def account(self) -> Account | None:
        """Nothing where nothing is to be paid, or where it is not the buyer who pays."""
        bank = self.document.bank
        if not bank or self.is_credit_note or self.document.totals.payable <= 0:
            return None
        return _account(bank, self.document.currency)

    def tax_totals(self) -> list[TaxTotal]:
        return [
            _tax_total(subtotals, self.language) for subtotals in breakdown(self.document.totals).values()
        ]

    def allowances(self) -> list[Allowance]:
        """Those of the whole invoice."""
        return [
            self._allowance(each, each.tax, each.amount, each.base)
            for each in self.document.totals.adjustments
            if each.tax
        ]

    def allowances_of(self, line: DocumentLine) -> list[Allowance]:
        return [self._allowance(each, line.tax, *self._net(each, line)) for each in line.adjustments]

    def net_price(self, line: DocumentLine) -> str:
        """BT-146; where prices include the tax, as short as it can be to give the line's net amount."""
        if not self.document.prices_include_tax:
            return decimal(line.unit_price)
        base = line.net - sum(
            each.amount if each.is_charge else -each.amount for each in self.allowances_of(line)
        )
        exact = money.major(base, currency=self.document.currency) / line.quantity
        prices = (money.round_half_up(exact, digits=digits) for digits in count())
        return next(
            decimal(price)
            for price in prices
            if money.amount(line.quantity, price, currency=self.document.currency) == base
        )

    def is_in_period(self, line: DocumentLine) -> bool:
        """Late work is not, and a line's period must not be outside of its invoice's (Peppol R110)."""
        last = line.until or line.date
        return self.document.period_start <= line.date and last <= self.document.period_end

    def note_of(self, line: DocumentLine) -> str | None:
        """BT-127: the days, where no period of the line can say them."""
        if self.is_in_period(line):
            return None
        return " – ".join(self.language.short_date(day) for day in (line.date, line.until) if day)

    def properties_of(self, line: DocumentLine) -> list[tuple[str, str]]:
        """BG-32."""
        properties = [("Project", line.project)] if line.project else []
        return properties if line.unit in _UNITS else [*properties, ("Unit", line.unit)]

    def _allowance(self, applied: Applied, tax: Tax, amount: int, base: int | None) -> Allowance:
        """A percentage that does not give the amount, as both were rounded, would only look like an error."""
        percent = applied.percent
        gives = percent is not None and base is not None and money.percentage(base, percent) == amount
        return Allowance(
            reason=self.language.labels["rounding"] if applied.reason == ROUNDING else applied.reason,
            amount=amount,
            is_charge=applied.is_charge,
            percent=percent if gives else None,
            base=base if gives else None,
            tax=tax,
        )

    def _net(self, applied: Applied, line: DocumentLine) -> tuple[int, int | None]:
        if not self.document.prices_include_tax:
            return applied.amount, applied.base
        base = None if applied.base is None else without_tax(applied.base, line.tax)
        return without_tax(applied.amount, line.tax), base


def unit_code(unit: str) -> str:
    return _UNITS.get(unit, _ONE)


def country(address: Address) -> str:
    return _KOSOVO if address.country == "XK" else address.country


def name_and_description(line: DocumentLine) -> tuple[str, str | None]:
    """BT-153 and 154: the first line of what was done, and where there are more, all of them."""
    text = line.description.strip()
    first, _, rest = text.partition("\n")
    return first, text if rest.strip() else None


def rate(tax: Tax) -> str | None:
    """What is not subject to tax has no rate, not even one of 0 (BR-O-05)."""
    return None if tax.category is TaxCategory.NOT_SUBJECT else decimal(tax.rate)


def decimal(value: Decimal) -> str:
    """As short as it can be, without an exponent."""
    return f"{value.normalize():f}"


def _tax_total(subtotals: Sequence[Subtotal], language: Language) -> TaxTotal:
    tax = subtotals[0].tax
    code, words = _EXEMPTIONS.get(tax.category, (None, None))
    told = (language.reason(each.tax) for each in subtotals)
    reasons = "; ".join(dict.fromkeys(reason for reason in told if reason))
    is_exempt = tax.category not in {TaxCategory.STANDARD, TaxCategory.ZERO_RATED}
    return TaxTotal(
        category=tax.category,
        rate=decimal(tax.rate),
        net=sum(each.net for each in subtotals),
        tax_amount=sum(each.tax_amount for each in subtotals),
        reason=(reasons or words) if is_exempt else None,
        reason_code=_FRANCHISE if tax == small_business_tax("FR") else code,
    )


def _account(bank: BankDetails, currency: str) -> Account:
    number, code = iban(bank.account_number), bic(bank.bank_code)
    named = ", ".join(filter(None, (None if code else bank.bank_code, bank.bank_name)))
    return Account(
        means=_SEPA_TRANSFER if number and currency == "EUR" else _TRANSFER,
        number=number or bank.account_number,
        is_iban=bool(number),
        holder=bank.holder,
        bic=code,
        bank=named or None,
    )
