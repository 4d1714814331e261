"""Who stands on an invoice: addresses and bank details, as the seller and the buyer give them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain import checks
from domain.errors import Problem
from domain.vat_ids import vat_id

# ISO 3166-1 alpha-2, and XK, which the EU uses for Kosovo.
_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
"""The member states of the European Union."""
LANGUAGES = ("en", "de", "fr", "pl")
MOST_TERMS_DAYS = 365
_FEWEST_DIGITS = 3  # XRechnung, BR-DE-27
_VAT_NUMBER = re.compile(r"([A-Z]{2})[A-Z\d+*]{0,2}\d[A-Z\d+*]{4,11}")  # as the European VIES takes them
_VAT_PREFIXES = COUNTRIES | {"EL", "XI"}  # Greece and Northern Ireland have prefixes of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    street: str
    city: str
    country: str
    postal_code: str | None = None
    extra_line: str | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.text("street", self.street, longest=200),
            checks.text("city", self.city, longest=100),
            checks.that(
                self.country in COUNTRIES,
                "country",
                code="not-a-country",
                message="must be an ISO 3166 country code such as DE",
            ),
            checks.optional_text("postal_code", self.postal_code, longest=20),
            checks.optional_text("extra_line", self.extra_line, longest=200),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """Where the client pays to. `account_number` is an IBAN where there is one; `bank_code` a BIC."""

    holder: str
    account_number: str
    bank_code: str | None = None
    bank_name: str | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.text("holder", self.holder, longest=200),
            checks.text("account_number", self.account_number, longest=50),
            checks.optional_text("bank_code", self.bank_code, longest=20),
            checks.optional_text("bank_name", self.bank_name, longest=100),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom a client asks about an invoice, where that is not just the seller: BG-6 of EN 16931."""

    name: str | None = None
    telephone: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.optional_text("name", self.name, longest=100),
            checks.optional_text("telephone", self.telephone, longest=40),
            *self._reachable(),
        )

    def _reachable(self) -> Iterator[checks.Found]:
        if (self.name, self.telephone, self.email) == (None, None, None):
            yield iter([Problem("/name", "missing", "give a name, a telephone number or an e-mail address")])
        if self.telephone is not None:
            digits = sum(character.isdigit() for character in self.telephone)
            told = f"must hold at least {_FEWEST_DIGITS} digits, as a telephone number does"
            is_number = digits >= _FEWEST_DIGITS
            yield checks.that(is_number, "telephone", code="not-a-telephone-number", message=told)
        if self.email is not None:
            yield checks.email("email", self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A seller or a buyer as printed on an invoice, frozen when it is issued."""

    name: str
    address: Address
    tax_id: str | None = None
    email: str | None = None
    contact: Contact | None = None

    @property
    def vat_number(self) -> str | None:
        """The tax id as a VAT number, country first and without spaces or dots, where it looks like one."""
        if compact := vat_id(self.tax_id):
            return compact
        number = (self.tax_id or "").replace(" ", "").upper()
        found = _VAT_NUMBER.fullmatch(number)
        return number if found and found[1] in _VAT_PREFIXES else None
