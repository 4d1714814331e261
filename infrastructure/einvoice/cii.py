"""An e-invoice in UN/CEFACT's Cross Industry Invoice, as Factur-X wants it in its profile EN 16931."""

import datetime as dt

from domain.documents import DocumentLine, InvoiceDocument
from domain.parties import Party
from domain.tax import Tax
from infrastructure.einvoice import terms
from infrastructure.einvoice.markup import Markup, document, element
from infrastructure.einvoice.terms import Allowance, Contact, Identity, Said, TaxTotal

_STANDARD = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "qdt": f"{_STANDARD}QualifiedDataType:100",
    "udt": f"{_STANDARD}UnqualifiedDataType:100",
}
_YEAR_MONTH_DAY = "102"


def cii(invoice: InvoiceDocument) -> bytes:
    """The invoice's CII; `domain.einvoices.not_carried` has found nothing in it."""
    said = Said(invoice)
    return document(
        "rsm:CrossIndustryInvoice",
        element(
            "rsm:ExchangedDocumentContext",
            element("ram:GuidelineSpecifiedDocumentContextParameter", element("ram:ID", terms.NORM)),
        ),
        element(
            "rsm:ExchangedDocument",
            element("ram:ID", invoice.number),
            element("ram:TypeCode", said.type_code),
            _date("ram:IssueDateTime", invoice.issued_on),
            element("ram:IncludedNote", element("ram:Content", invoice.reason)),
        ),
        element(
            "rsm:SupplyChainTradeTransaction",
            *(_line(said, line, str(number)) for number, line in enumerate(invoice.lines, start=1)),
            _agreement(said),
            _delivery(said),
            _settlement(said),
        ),
        namespaces=_NAMESPACES,
    )


def _line(said: Said, line: DocumentLine, number: str) -> Markup:
    name, description = terms.name_and_description(line)
    return element(
        "ram:IncludedSupplyChainTradeLineItem",
        element(
            "ram:AssociatedDocumentLineDocument",
            element("ram:LineID", number),
            element("ram:IncludedNote", element("ram:Content", said.note_of(line))),
        ),
        element(
            "ram:SpecifiedTradeProduct",
            element("ram:Name", name),
            element("ram:Description", description),
            *(
                element(
                    "ram:ApplicableProductCharacteristic",
                    element("ram:Description", label),
                    element("ram:Value", value),
                )
                for label, value in said.properties_of(line)
            ),
        ),
        element(
            "ram:SpecifiedLineTradeAgreement",
            element("ram:NetPriceProductTradePrice", element("ram:ChargeAmount", said.net_price(line))),
        ),
        element(
            "ram:SpecifiedLineTradeDelivery",
            element("ram:BilledQuantity", terms.decimal(line.quantity), unitCode=terms.unit_code(line.unit)),
        ),
        element(
            "ram:SpecifiedLineTradeSettlement",
            _tax("ram:ApplicableTradeTax", line.tax),
            _period(line.date, line.until or line.date) if said.is_in_period(line) else None,
            *(_allowance(said, each) for each in said.allowances_of(line)),
            element(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                element("ram:LineTotalAmount", said.amount(line.net)),
            ),
        ),
    )


def _agreement(said: Said) -> Markup:
    invoice = said.document
    return element(
        "ram:ApplicableHeaderTradeAgreement",
        element("ram:BuyerReference", invoice.buyer_reference),
        _party("ram:SellerTradeParty", invoice.seller, said.seller(), contact=_contact(said.contact())),
        _party("ram:BuyerTradeParty", invoice.buyer, said.buyer()),
        element("ram:BuyerOrderReferencedDocument", element("ram:IssuerAssignedID", invoice.order_reference)),
    )


def _party(role: str, party: Party, identity: Identity, *, contact: Markup | None = None) -> Markup:
    return element(
        role,
        element("ram:ID", identity.number),
        element("ram:Name", party.name),
        contact,
        _address(party),
        element("ram:URIUniversalCommunication", element("ram:URIID", party.email, schemeID=terms.EMAIL)),
        _registration(identity.vat_number, "VA"),
        _registration(identity.tax_number, "FC"),
    )


def _contact(contact: Contact) -> Markup:
    return element(
        "ram:DefinedTradeContact",
        element("ram:PersonName", contact.name),
        element("ram:TelephoneUniversalCommunication", element("ram:CompleteNumber", contact.telephone)),
        element("ram:EmailURIUniversalCommunication", element("ram:URIID", contact.email)),
    )


def _address(party: Party) -> Markup:
    address = party.address
    return element(
        "ram:PostalTradeAddress",
        element("ram:PostcodeCode", address.postal_code),
        element("ram:LineOne", address.street),
        element("ram:LineTwo", address.extra_line),
        element("ram:CityName", address.city),
        element("ram:CountryID", terms.country(address)),
    )


def _registration(number: str | None, scheme: str) -> Markup:
    return element("ram:SpecifiedTaxRegistration", element("ram:ID", number, schemeID=scheme))


def _delivery(said: Said) -> Markup:
    """When the work was done; where to, only a supply to another member state has to say (BR-IC-12)."""
    buyer = said.document.buyer if said.delivers_abroad else None
    return element(
        "ram:ApplicableHeaderTradeDelivery",
        element("ram:ShipToTradeParty", element("ram:Name", buyer.name), _address(buyer)) if buyer else None,
        element(
            "ram:ActualDeliverySupplyChainEvent", _date("ram:OccurrenceDateTime", said.document.period_end)
        ),
    )


def _settlement(said: Said) -> Markup:
    invoice = said.document
    return element(
        "ram:ApplicableHeaderTradeSettlement",
        element("ram:PaymentReference", invoice.number),
        element("ram:InvoiceCurrencyCode", invoice.currency),
        _payment_means(said),
        *(_tax_total(said, each) for each in said.tax_totals()),
        _period(invoice.period_start, invoice.period_end),
        *(_allowance(said, each, tax=each.tax) for each in said.allowances()),
        element("ram:SpecifiedTradePaymentTerms", _date("ram:DueDateDateTime", invoice.due_on)),
        _sums(said),
        _preceding(invoice),
    )


def _payment_means(said: Said) -> Markup:
    account = said.account()
    if not account:
        return element("ram:SpecifiedTradeSettlementPaymentMeans", element("ram:TypeCode", terms.NO_MEANS))
    return element(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        element("ram:TypeCode", account.means),
        element("ram:Information", account.bank),
        element(
            "ram:PayeePartyCreditorFinancialAccount",
            element("ram:IBANID", account.number if account.is_iban else None),
            element("ram:AccountName", account.holder),
            element("ram:ProprietaryID", None if account.is_iban else account.number),
        ),
        element("ram:PayeeSpecifiedCreditorFinancialInstitution", element("ram:BICID", account.bic)),
    )


def _tax_total(said: Said, total: TaxTotal) -> Markup:
    return element(
        "ram:ApplicableTradeTax",
        element("ram:CalculatedAmount", said.amount(total.tax_amount)),
        element("ram:TypeCode", "VAT"),
        element("ram:ExemptionReason", total.reason),
        element("ram:BasisAmount", said.amount(total.net)),
        element("ram:CategoryCode", total.category),
        element("ram:ExemptionReasonCode", total.reason_code),
        element("ram:RateApplicablePercent", total.rate),
    )


def _tax(role: str, tax: Tax) -> Markup:
    return element(
        role,
        element("ram:TypeCode", "VAT"),
        element("ram:CategoryCode", tax.category),
        element("ram:RateApplicablePercent", terms.rate(tax)),
    )


def _allowance(said: Said, allowance: Allowance, *, tax: Tax | None = None) -> Markup:
    return element(
        "ram:SpecifiedTradeAllowanceCharge",
        element("ram:ChargeIndicator", element("udt:Indicator", str(allowance.is_charge).lower())),
        element("ram:CalculationPercent", terms.decimal(allowance.percent) if allowance.percent else None),
        element("ram:BasisAmount", said.amount(allowance.base) if allowance.base else None),
        element("ram:ActualAmount", said.amount(allowance.amount)),
        element("ram:Reason", allowance.reason),
        _tax("ram:CategoryTradeTax", tax) if tax else None,
    )


def _sums(said: Said) -> Markup:
    totals, currency = said.document.totals, said.document.currency
    return element(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        element("ram:LineTotalAmount", said.amount(totals.lines)),
        element("ram:ChargeTotalAmount", said.amount(totals.charges)),
        element("ram:AllowanceTotalAmount", said.amount(totals.allowances)),
        element("ram:TaxBasisTotalAmount", said.amount(totals.net)),
        element("ram:TaxTotalAmount", said.amount(totals.tax_amount), currencyID=currency),
        element("ram:RoundingAmount", said.amount(totals.rounding) if totals.rounding else None),
        element("ram:GrandTotalAmount", said.amount(totals.gross)),
        element("ram:TotalPrepaidAmount", said.amount(totals.prepaid)),
        element("ram:DuePayableAmount", said.amount(totals.payable)),
    )


def _preceding(invoice: InvoiceDocument) -> Markup:
    if not invoice.corrects:
        return Markup()
    day = element("qdt:DateTimeString", f"{invoice.corrects.issued_on:%Y%m%d}", format=_YEAR_MONTH_DAY)
    return element(
        "ram:InvoiceReferencedDocument",
        element("ram:IssuerAssignedID", invoice.corrects.number),
        element("ram:FormattedIssueDateTime", day),
    )


def _period(start: dt.date, end: dt.date) -> Markup:
    return element(
        "ram:BillingSpecifiedPeriod", _date("ram:StartDateTime", start), _date("ram:EndDateTime", end)
    )


def _date(role: str, day: dt.date) -> Markup:
    written = day.isoformat().replace("-", "")
    return element(role, element("udt:DateTimeString", written, format=_YEAR_MONTH_DAY))
