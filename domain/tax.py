"""Tax as EN 16931 knows it: a category, a rate, and where there is none, why.

S   standard rate, or any other rate above zero
Z   zero rated            E   exempt, as a small business is           AE  reverse charge
K   supply to another member state                G   export           O   not subject to tax at all
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain import checks
from domain.errors import Problem


class TaxCategory(StrEnum):
    """The codes of UNTDID 5305 that EN 16931 takes for VAT."""

    STANDARD = "S"
    ZERO_RATED = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    NOT_SUBJECT = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """The tax on a line: `rate` in percent of the net amount, and `name` as it is printed.

    Only the standard category has a rate above zero. `reason` says why there is none, in the words that the
    invoice is to show; without it, a language has words of its own for each category but exemption.
    """

    rate: Decimal = Decimal(0)
    name: str = "VAT"
    category: TaxCategory = TaxCategory.STANDARD
    reason: str | None = None

    def __post_init__(self) -> None:
        checks.require(
            checks.text("name", self.name, longest=30),
            checks.number("rate", self.rate, least=0, most=100, digits=3),
            checks.optional_text("reason", self.reason, longest=500),
            self._category(),
        )

    @property
    def is_charged(self) -> bool:
        """Whether there is anything to pay of it."""
        return self.rate > 0

    def _category(self) -> Iterator[Problem]:
        is_standard = self.category is TaxCategory.STANDARD
        if is_standard and self.rate == 0:
            told = "must be above 0 in category S; a rate of 0 has the category Z, E, AE, K, G or O"
            yield Problem("/rate", "no-rate", told)
        if not is_standard and self.rate != 0:
            yield Problem("/rate", "rate-without-tax", f"must be 0 in category {self.category}")
        if self.category is TaxCategory.EXEMPT and not self.reason:
            yield Problem("/reason", "missing", "must say why the work is exempt from tax")


NOT_SUBJECT = Tax(category=TaxCategory.NOT_SUBJECT)
"""What holds where nobody said which tax there is."""
