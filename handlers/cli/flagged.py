"""Errors in the words that a person typed: by their flags, and with the number of the invoice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from domain import money
from domain.credit_notes import CreditNote
from domain.errors import InvalidError, InvoicelyError, Problem
from domain.invoices import Invoice
from domain.payments import HIGHEST_AMOUNT
from handlers.cli.output import amount as shown

PAID = {"/amount": "--amount", "/paid_on": "--on", "/reference": "--reference"}
"""The flags of what is said about money that came or went."""


@contextmanager
def flagged(flags: Mapping[str, str], *, of: Invoice | CreditNote | None = None) -> Iterator[None]:
    """Tell each problem that is met here by its flag, and an invoice by its number where it has one."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(*(_by_flag(problem, flags) for problem in error.problems)) from error
    except InvoicelyError as error:
        if of and of.number:
            error.args = (str(error).replace(of.id, f"{of.number} ({of.id})"), *error.args[1:])
        raise


def in_minor_units(amount: Decimal, currency: str) -> int:
    """What was typed, in whole units, in minor ones.

    Raises:
        InvalidError: the currency has no such fractions, or nobody pays so little or so much.
    """
    minor = money.minor(amount, currency=currency)
    if not 1 <= minor <= HIGHEST_AMOUNT:
        least, most = shown(1, currency), shown(HIGHEST_AMOUNT, currency)
        raise InvalidError(Problem("/amount", "out-of-range", f"must be between {least} and {most}"))
    return minor


def _by_flag(problem: Problem, flags: Mapping[str, str]) -> Problem:
    """The problem at the flag of its place, or of what that is a part of."""
    place = problem.pointer
    while place and place not in flags:
        place = place.rpartition("/")[0]
    return Problem(flags.get(place, problem.pointer), problem.code, problem.message)
