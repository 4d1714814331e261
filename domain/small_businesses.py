"""The scheme for small businesses, Articles 281 to 294 of the VAT Directive: no tax, and a sentence why.

Where the country prescribes or recommends words, they are those; else the Directive is named, which Article
226(11) takes as well.
"""

from domain.parties import EU
from domain.tax import Tax, TaxCategory

_DIRECTIVE = (
    "Exempt under the special scheme for small enterprises, Articles 281 to 294 of Directive 2006/112/EC"
)
_SENTENCES = {
    "AT": "Umsatzsteuerfrei aufgrund der Kleinunternehmerregelung (§ 6 Abs. 1 Z 27 UStG)",
    "BE": "Petite entreprise soumise au régime de la franchise de taxe – "
    "Kleine onderneming onderworpen aan de vrijstellingsregeling van belasting",
    "DE": "Steuerfrei nach der Kleinunternehmerregelung (§ 19 UStG)",
    "FR": "TVA non applicable, art. 293 B du CGI",
    "IT": "Operazione in franchigia da IVA, regime forfettario (art. 1, commi 54-89, legge n. 190/2014)",
    "LU": "TVA non applicable, article 57 de la loi du 12 février 1979",
    "NL": "Vrijgesteld van btw op grond van de kleineondernemersregeling, artikel 25 Wet OB 1968",
    "PL": "Zwolnienie z VAT na podstawie art. 113 ust. 1 ustawy o VAT",
    "PT": "IVA – regime de isenção, artigo 53.º do CIVA",
}


def has_scheme(country: str) -> bool:
    """Whether it is a country of the European Union."""
    return country in EU


def small_business_tax(country: str) -> Tax:
    """Exempt, in the words of the seller's country."""
    return Tax(category=TaxCategory.EXEMPT, reason=_SENTENCES.get(country, _DIRECTIVE))
