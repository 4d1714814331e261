"""What the law wants to see on an invoice (VAT Directive, Art. 226), and what of it is missing.

    totals, seller, buyer ──required──▶ nothing missing: it goes out
                                    └─▶ a list, each with the place to mend it: the invoice is held

Only what account, client or work can mend: rules that hold for any invoice are kept by how one is made.
BR-S-02, BR-Z-02, BR-E-02, BR-AE-02, BR-IC-02 and BR-G-02 of EN 16931 want the same of the two parties.
Work on a held invoice cannot be edited: the invoice is skipped before, and reopened after
(`domain/reviews.py`).
"""

from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.identifiers import WorkId
from domain.parties import EU
from domain.tax import TaxCategory
from domain.totals import Totals
from domain.vat_ids import country_of, vat_id
from domain.work import WorkEntry

if TYPE_CHECKING:  # types cost no function its cold start
    from domain.accounts import Account
    from domain.clients import Client

MOST_NAMED = 20


class Place(StrEnum):
    """Where something can be mended."""

    ACCOUNT = "account"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that an invoice may not go out without.

    `pointer` is its place in the account or client, `rule` the law or norm that wants it; `request` and
    `command` mend it. Where only lines with a tax of their own want it, `lines` are those, at most
    `MOST_NAMED`: if that tax is wrong, `lines_request` and `lines_command` let their work be corrected.
    """

    code: str
    place: Place
    pointer: str
    message: str
    rule: str
    request: str
    command: str
    lines: tuple[WorkId, ...] = ()
    lines_request: str | None = None
    lines_command: str | None = None


def required(
    totals: Totals, *, seller: "Account", buyer: "Client", lines: Many[WorkEntry] = ()
) -> tuple[Missing, ...]:
    """What an invoice of these totals and lines lacks, all of it at once."""
    categories = {each.tax.category for each in totals.subtotals}
    found = (*_of_seller(categories, seller), *_of_buyer(categories, seller, buyer), *_of_sums(totals, buyer))
    usual = buyer.charged_tax(seller).category
    return tuple(_for_lines(each, lines, usual) for each in found)


_ACROSS_BORDERS = {TaxCategory.INTRA_COMMUNITY, TaxCategory.EXPORT}
_WANTED_BY = {
    "seller-vat-id": _ACROSS_BORDERS,
    "small-business-with-tax": {TaxCategory.STANDARD},
    "buyer-vat-id": {TaxCategory.REVERSE_CHARGE, TaxCategory.INTRA_COMMUNITY},
    "buyer-vat-id-domestic": {TaxCategory.INTRA_COMMUNITY},
}


def _for_lines(missing: Missing, lines: Many[WorkEntry], usual: TaxCategory) -> Missing:
    """The same, with the lines that alone want it."""
    wanted_by = _WANTED_BY.get(missing.code, set())
    own = [line for line in lines if line.tax and line.tax.category in wanted_by]
    if usual in wanted_by or not own:
        return missing
    invoice = own[0].invoice_id
    return replace(
        missing,
        lines=tuple(line.id for line in own[:MOST_NAMED]),
        lines_request=f"POST /v1/invoices/{invoice}/review",
        lines_command=f"invoicely invoices review {invoice} skip",
    )


def _of_seller(categories: set[TaxCategory], seller: "Account") -> Iterator[Missing]:
    mends_id = {"pointer": "/tax_id", "flag": "--tax-id …"}
    if seller.address is None:
        told, flags = "the seller's address", "--street … --city … --country …"
        yield _mend_account("seller-address", told, "Art. 226(5)", pointer="/address", flag=flags)
        return
    if seller.address.country in EU and not seller.tax_id:
        told = "the seller's VAT id or tax number"
        yield _mend_account("seller-tax-id", told, "Art. 226(3), BR-S-02", **mends_id)
    elif categories & _ACROSS_BORDERS and not vat_id(seller.tax_id):
        told = "the seller's VAT id: a tax number is not enough across borders"
        yield _mend_account("seller-vat-id", told, "Art. 226(3), BR-IC-02, BR-G-02", **mends_id)
    if seller.small_business and TaxCategory.STANDARD in categories:
        told = "a decision: a small business charges no tax, but lines of this invoice have one"
        mends = {"pointer": "/small_business", "flag": "--no-small-business"}
        yield _mend_account("small-business-with-tax", told, "Art. 289", **mends)


def _of_buyer(categories: set[TaxCategory], seller: "Account", buyer: "Client") -> Iterator[Missing]:
    id_of_buyer = vat_id(buyer.tax_id)
    if TaxCategory.REVERSE_CHARGE in categories:
        enough = id_of_buyer if buyer.address.country in EU else buyer.tax_id
        if not enough:
            told = "the client's VAT id: the client owes the tax (reverse charge)"
            yield _mend_client(buyer, "buyer-vat-id", told, "Art. 226(4), BR-AE-02")
    if TaxCategory.INTRA_COMMUNITY not in categories:
        return
    if not id_of_buyer:
        told = "the client's VAT id: the supply goes to another member state"
        yield _mend_client(buyer, "buyer-vat-id", told, "Art. 138, BR-IC-02")
    elif seller.address and country_of(id_of_buyer) == seller.address.country:
        told = "a VAT id of another member state, or another tax: category K is for supplies across borders"
        yield _mend_client(buyer, "buyer-vat-id-domestic", told, "Art. 138")


def _of_sums(totals: Totals, buyer: "Client") -> Iterator[Missing]:
    """One tax may not pay for another: a net amount below zero would take tax back that nobody charged."""
    if any(each.net < 0 for each in totals.subtotals):
        told = "an amount: the allowances on the invoice take more off than the work of one tax costs"
        mended_by = {"pointer": "/adjustments", "flag": "--clear adjustments"}
        yield _mend_client(buyer, "below-nothing", told, "Art. 226(8)", **mended_by)


def _mend_account(code: str, message: str, rule: str, *, pointer: str, flag: str) -> Missing:
    return Missing(
        code=code,
        place=Place.ACCOUNT,
        pointer=pointer,
        message=message,
        rule=rule,
        request="PUT /v1/account",
        command=f"invoicely account set {flag}",
    )


def _mend_client(
    buyer: "Client", code: str, message: str, rule: str, *, pointer: str = "/tax_id", flag: str = "--tax-id …"
) -> Missing:
    return Missing(
        code=code,
        place=Place.CLIENT,
        pointer=pointer,
        message=message,
        rule=rule,
        request=f"PATCH /v1/clients/{buyer.id}",
        command=f"invoicely clients change {buyer.id} {flag}",
    )
