"""An e-invoice in OASIS UBL 2.1, as EN 16931 binds it: an Invoice, or a CreditNote."""

import datetime as dt

from domain.documents import DocumentLine, InvoiceDocument
from domain.parties import Party
from domain.tax import Tax
from infrastructure.einvoice import terms
from infrastructure.einvoice.markup import Markup, document, element
from infrastructure.einvoice.terms import Allowance, Contact, Identity, Said, TaxTotal

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"


def ubl(invoice: InvoiceDocument) -> bytes:
    """The invoice's UBL; `domain.einvoices.not_carried` has found nothing in it."""
    said = Said(invoice)
    kind = "CreditNote" if said.is_credit_note else "Invoice"
    namespaces = {
        "": f"{_OASIS}{kind}-2",
        "cac": f"{_OASIS}CommonAggregateComponents-2",
        "cbc": f"{_OASIS}CommonBasicComponents-2",
    }
    return document(
        kind,
        *_head(said, kind),
        *_parties(said),
        *_payment(said),
        *(_allowance(said, each, tax=each.tax) for each in said.allowances()),
        _taxes(said),
        _sums(said),
        *(_line(said, line, str(number), kind) for number, line in enumerate(invoice.lines, start=1)),
        namespaces=namespaces,
    )


def _head(said: Said, kind: str) -> tuple[Markup, ...]:
    invoice = said.document
    return (
        element("cbc:CustomizationID", terms.NORM),
        element("cbc:ID", invoice.number),
        element("cbc:IssueDate", invoice.issued_on.isoformat()),
        element("cbc:DueDate", None if said.is_credit_note else invoice.due_on.isoformat()),
        element(f"cbc:{kind}TypeCode", said.type_code),
        element("cbc:Note", invoice.reason),
        element("cbc:DocumentCurrencyCode", invoice.currency),
        element("cbc:BuyerReference", invoice.buyer_reference),
        _period(invoice.period_start, invoice.period_end),
        element("cac:OrderReference", element("cbc:ID", invoice.order_reference)),
        _preceding(invoice),
    )


def _parties(said: Said) -> tuple[Markup, ...]:
    invoice = said.document
    seller = _party(invoice.seller, said.seller(), contact=_contact(said.contact()))
    return (
        element("cac:AccountingSupplierParty", seller),
        element("cac:AccountingCustomerParty", _party(invoice.buyer, said.buyer())),
        _delivery(said),
    )


def _party(party: Party, identity: Identity, *, contact: Markup | None = None) -> Markup:
    return element(
        "cac:Party",
        element("cbc:EndpointID", party.email, schemeID=terms.EMAIL),
        element("cac:PartyIdentification", element("cbc:ID", identity.number)),
        _address("cac:PostalAddress", party),
        _registration(identity.vat_number, "VAT"),
        _registration(identity.tax_number, "TAX"),
        element("cac:PartyLegalEntity", element("cbc:RegistrationName", party.name)),
        contact,
    )


def _contact(contact: Contact) -> Markup:
    return element(
        "cac:Contact",
        element("cbc:Name", contact.name),
        element("cbc:Telephone", contact.telephone),
        element("cbc:ElectronicMail", contact.email),
    )


def _address(role: str, party: Party) -> Markup:
    address = party.address
    return element(
        role,
        element("cbc:StreetName", address.street),
        element("cbc:AdditionalStreetName", address.extra_line),
        element("cbc:CityName", address.city),
        element("cbc:PostalZone", address.postal_code),
        element("cac:Country", element("cbc:IdentificationCode", terms.country(address))),
    )


def _registration(number: str | None, scheme: str) -> Markup:
    if not number:
        return Markup()
    return element("cac:PartyTaxScheme", element("cbc:CompanyID", number), _scheme(scheme))


def _scheme(name: str = "VAT") -> Markup:
    return element("cac:TaxScheme", element("cbc:ID", name))


def _delivery(said: Said) -> Markup:
    """When the work was done; where to, only a supply to another member state has to say (BR-IC-12)."""
    buyer = said.document.buyer if said.delivers_abroad else None
    party = element("cac:PartyName", element("cbc:Name", buyer.name)) if buyer else None
    return element(
        "cac:Delivery",
        element("cbc:ActualDeliveryDate", said.document.period_end.isoformat()),
        element("cac:DeliveryLocation", _address("cac:Address", buyer)) if buyer else None,
        element("cac:DeliveryParty", party),
    )


def _payment(said: Said) -> tuple[Markup, ...]:
    """A credit note has no due date of its own; it stands with how it is paid."""
    invoice, account = said.document, said.account()
    if said.is_credit_note:
        due = element("cbc:PaymentDueDate", invoice.due_on.isoformat())
        means = element("cac:PaymentMeans", element("cbc:PaymentMeansCode", terms.NO_MEANS), due)
        return means, element("cac:PaymentTerms", element("cbc:Note", said.terms))
    if not account:
        return (element("cac:PaymentMeans", element("cbc:PaymentMeansCode", terms.NO_MEANS)),)
    return (
        element(
            "cac:PaymentMeans",
            element("cbc:PaymentMeansCode", account.means, name=account.bank),
            element("cbc:PaymentID", invoice.number),
            element(
                "cac:PayeeFinancialAccount",
                element("cbc:ID", account.number),
                element("cbc:Name", account.holder),
                element("cac:FinancialInstitutionBranch", element("cbc:ID", account.bic)),
            ),
        ),
    )


def _taxes(said: Said) -> Markup:
    return element(
        "cac:TaxTotal",
        _amount(said, "cbc:TaxAmount", said.document.totals.tax_amount),
        *(_tax_total(said, each) for each in said.tax_totals()),
    )


def _tax_total(said: Said, total: TaxTotal) -> Markup:
    return element(
        "cac:TaxSubtotal",
        _amount(said, "cbc:TaxableAmount", total.net),
        _amount(said, "cbc:TaxAmount", total.tax_amount),
        element(
            "cac:TaxCategory",
            element("cbc:ID", total.category),
            element("cbc:Percent", total.rate),
            element("cbc:TaxExemptionReasonCode", total.reason_code),
            element("cbc:TaxExemptionReason", total.reason),
            _scheme(),
        ),
    )


def _tax(role: str, tax: Tax) -> Markup:
    return element(role, element("cbc:ID", tax.category), element("cbc:Percent", terms.rate(tax)), _scheme())


def _allowance(said: Said, allowance: Allowance, *, tax: Tax | None = None) -> Markup:
    percent = terms.decimal(allowance.percent) if allowance.percent else None
    return element(
        "cac:AllowanceCharge",
        element("cbc:ChargeIndicator", str(allowance.is_charge).lower()),
        element("cbc:AllowanceChargeReason", allowance.reason),
        element("cbc:MultiplierFactorNumeric", percent),
        _amount(said, "cbc:Amount", allowance.amount),
        _amount(said, "cbc:BaseAmount", allowance.base) if allowance.base else None,
        _tax("cac:TaxCategory", tax) if tax else None,
    )


def _sums(said: Said) -> Markup:
    totals = said.document.totals
    return element(
        "cac:LegalMonetaryTotal",
        _amount(said, "cbc:LineExtensionAmount", totals.lines),
        _amount(said, "cbc:TaxExclusiveAmount", totals.net),
        _amount(said, "cbc:TaxInclusiveAmount", totals.gross),
        _amount(said, "cbc:AllowanceTotalAmount", totals.allowances),
        _amount(said, "cbc:ChargeTotalAmount", totals.charges),
        _amount(said, "cbc:PrepaidAmount", totals.prepaid),
        _amount(said, "cbc:PayableRoundingAmount", totals.rounding) if totals.rounding else None,
        _amount(said, "cbc:PayableAmount", totals.payable),
    )


def _line(said: Said, line: DocumentLine, number: str, kind: str) -> Markup:
    name, description = terms.name_and_description(line)
    quantity = "Credited" if said.is_credit_note else "Invoiced"
    return element(
        f"cac:{kind}Line",
        element("cbc:ID", number),
        element("cbc:Note", said.note_of(line)),
        element(f"cbc:{quantity}Quantity", terms.decimal(line.quantity), unitCode=terms.unit_code(line.unit)),
        _amount(said, "cbc:LineExtensionAmount", line.net),
        _period(line.date, line.until or line.date) if said.is_in_period(line) else Markup(),
        *(_allowance(said, each) for each in said.allowances_of(line)),
        element(
            "cac:Item",
            element("cbc:Description", description),
            element("cbc:Name", name),
            _tax("cac:ClassifiedTaxCategory", line.tax),
            *(
                element("cac:AdditionalItemProperty", element("cbc:Name", label), element("cbc:Value", value))
                for label, value in said.properties_of(line)
            ),
        ),
        element(
            "cac:Price",
            element("cbc:PriceAmount", said.net_price(line), currencyID=said.document.currency),
        ),
    )


def _amount(said: Said, role: str, minor: int) -> Markup:
    return element(role, said.amount(minor), currencyID=said.document.currency)


def _preceding(invoice: InvoiceDocument) -> Markup:
    if not invoice.corrects:
        return Markup()
    return element(
        "cac:BillingReference",
        element(
            "cac:InvoiceDocumentReference",
            element("cbc:ID", invoice.corrects.number),
            element("cbc:IssueDate", invoice.corrects.issued_on.isoformat()),
        ),
    )


def _period(start: dt.date, end: dt.date) -> Markup:
    return element(
        "cac:InvoicePeriod",
        element("cbc:StartDate", start.isoformat()),
        element("cbc:EndDate", end.isoformat()),
    )
