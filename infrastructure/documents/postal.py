"""How the people of an invoice are written: postal addresses, tax numbers and bank accounts."""

from domain.bank_accounts import bic, iban
from domain.parties import Address, BankDetails, Party
from infrastructure.documents.language import Language

# Countries that put the town before the postal code, on one line (Universal Postal Union).
_TOWN_FIRST = (
    "AU", "BD", "BN", "CA", "CN", "EG", "GB", "HK", "IE", "IN", "JM", "JO", "KE", "KR", "LB", "MT", "NG",
    "NP", "NZ", "PK", "SA", "SG", "TH", "TW", "UA", "US", "VN", "ZA",
)  # fmt: skip

Entry = list[str]
"""A label and its value."""


def address_lines(address: Address, *, seen_from: str, language: Language) -> list[str]:
    """The lines under the name; the country only where the letter leaves *seen_from*."""
    town = [address.postal_code, address.city]
    if address.country in _TOWN_FIRST:
        town.reverse()
    abroad = language.country(address.country) if address.country != seen_from else None
    return [
        line for line in (address.extra_line, address.street, " ".join(filter(None, town)), abroad) if line
    ]


def tax_number(party: Party, language: Language) -> list[Entry]:
    if not party.tax_id:
        return []
    return [[language.labels["vat_number" if party.vat_number else "tax_number"], party.tax_id]]


def contact_entries(seller: Party, language: Language) -> list[Entry]:
    """Whom clients ask: the seller by mail, where nobody and nothing else was given."""
    contact = seller.contact
    entries = [
        ("", contact and contact.name),
        (language.labels["telephone"], contact and contact.telephone),
        ("", (contact and contact.email) or seller.email),
    ]
    return [[label, value] for label, value in entries if value]


def bank_entries(bank: BankDetails, language: Language) -> list[Entry]:
    """What a transfer form asks for, in its order."""
    account, code = iban(bank.account_number), bic(bank.bank_code)
    entries = [
        ("holder", bank.holder),
        ("iban", _in_fours(account)) if account else ("account", bank.account_number),
        ("bic", code) if code else ("bank_code", bank.bank_code),
        ("bank", bank.bank_name),
    ]
    return [[language.labels[label], value] for label, value in entries if value]


def _in_fours(account: str) -> str:
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))
