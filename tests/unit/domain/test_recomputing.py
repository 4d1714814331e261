"""The second computation agrees with the first on whatever can be billed, and notices one minor unit."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clients import Client
from domain.errors import InvalidError
from domain.invoices import Invoice
from domain.recomputing import InvoiceDiffersError, require_same
from domain.tax import NOT_SUBJECT, Tax, TaxCategory
from domain.totals import Adjustment, Totals
from domain.work import WorkEntry
from tests.builders import a_client, a_work_entry, an_account, an_invoice, an_invoice_id
from tests.fakes import Store
from tests.world import in_memory

OCTOBER_31 = dt.date(2026, 10, 31)
VAT, REDUCED = Tax(rate=Decimal(19)), Tax(rate=Decimal("5.5"))
TAXES = (VAT, REDUCED, Tax(category=TaxCategory.EXEMPT, reason="Art. 132"), NOT_SUBJECT)
amounts = st.decimals(Decimal(0), Decimal(500), places=3)
percents = st.decimals(Decimal(0), Decimal(30), places=3)
adjustments = st.lists(
    st.one_of(
        st.builds(Adjustment, reason=st.just("P"), percent=percents, is_charge=st.booleans()),
        st.builds(Adjustment, reason=st.just("A"), amount=amounts, is_charge=st.booleans()),
    ),
    max_size=3,
).map(tuple)
entries = st.fixed_dictionaries(
    {
        "minutes": st.integers(1, 1440),
        "rate": st.none() | amounts,
        "tax": st.sampled_from([None, *TAXES]),
        "adjustments": adjustments,
    }
)
units = st.fixed_dictionaries(
    {"quantity": st.decimals(Decimal("0.0001"), Decimal(1000), places=4), "rate": amounts}
)


def charged(lines: list[WorkEntry], client: Client) -> Invoice:
    invoice = an_invoice(client).with_claimed(lines)
    return invoice.charged(lines, seller=an_account(), buyer=client)


@settings(max_examples=50)
@given(
    said=st.lists(entries | units, min_size=1, max_size=6),
    client=st.fixed_dictionaries(
        {
            "currency": st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
            "tax": st.none() | st.sampled_from(TAXES),
            "adjustments": adjustments,
            "prices_include_tax": st.booleans(),
            "round_to": st.sampled_from([None, Decimal(5)]),
        }
    ),
)
def test_both_computations_agree_on_whatever_can_be_billed(
    said: list[dict[str, Any]], client: dict[str, Any]
) -> None:
    buyer = a_client(**client)
    try:
        lines = [a_work_entry(client=buyer, **each).priced() for each in said]
    except InvalidError:
        return

    require_same(charged(lines, buyer), lines, buyer=buyer)


def off(totals: Totals, **by: int) -> Totals:
    return replace(totals, **{name: getattr(totals, name) + much for name, much in by.items()})


def off_in_tax(totals: Totals, **by: int) -> Totals:
    [subtotal] = totals.subtotals
    wrong = replace(subtotal, **{name: getattr(subtotal, name) + much for name, much in by.items()})
    return replace(totals, subtotals=(wrong,))


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("name", ["lines", "rounding", "net", "tax_amount", "claimed", "entries"])
def test_a_difference_of_one_minor_unit_is_told_with_the_numbers(name: str, by: int) -> None:
    client = a_client(tax=VAT)
    lines = [a_work_entry(client=client, minutes=100)]
    right = charged(lines, client)
    assert right.totals
    wrong = {
        "claimed": replace(right, net=right.net + by),
        "entries": replace(right, entries=1 + by),
        "net": replace(right, totals=off_in_tax(right.totals, net=by)),
        "tax_amount": replace(right, totals=off_in_tax(right.totals, tax_amount=by)),
    }.get(name) or replace(right, totals=off(right.totals, **{name: by}))

    with pytest.raises(InvoiceDiffersError, match=r"is -?\d+, recomputed -?\d+"):
        require_same(wrong, lines, buyer=client)


def test_an_invoice_without_totals_has_not_been_added_up() -> None:
    with pytest.raises(InvoiceDiffersError):
        require_same(an_invoice(), [], buyer=a_client())


def test_a_line_that_is_not_among_those_that_were_claimed_stops_the_invoice() -> None:
    store = Store()
    world = in_memory(store).having(an_account(), a_client(), a_work_entry())
    world.tick(OCTOBER_31)
    issue_of_store = world.invoices.lines

    class Twice:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.invoices, name)

        def lines(self, *, invoice: Invoice) -> list[WorkEntry]:
            return [*issue_of_store(invoice=invoice)] * 2

    strange: Any = Twice()
    with pytest.raises(InvoiceDiffersError, match="entries is 1, recomputed 2"):
        replace(world, invoices=strange).issue(an_invoice_id(), client=a_client(), day=OCTOBER_31)

    assert store.numbers == {}
