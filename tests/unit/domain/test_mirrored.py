"""Credit notes mirror their invoice: together they come to it, to the minor unit, category by category."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import money
from domain.mirrored import mirrored
from domain.tax import Tax, TaxCategory
from domain.totals import Adjustment, Charged, Subtotal, Terms, Totals, add_up, net_amounts

VAT_19, VAT_7 = (Tax(rate=Decimal(rate)) for rate in (19, 7))
ZERO = Tax(category=TaxCategory.ZERO_RATED)
LOYALTY = Adjustment(reason="Loyalty", percent=Decimal("3.3"))
VOUCHER = Adjustment(reason="Voucher", amount=Decimal(10))
FREIGHT = Adjustment(reason="Freight", amount=Decimal("4.99"), is_charge=True)

lines = st.lists(
    st.builds(Charged, amount=st.integers(-(10**6), 10**7), tax=st.sampled_from([VAT_19, VAT_7, ZERO])),
    min_size=1,
    max_size=20,
)
terms = st.builds(
    Terms,
    currency=st.just("EUR"),
    adjustments=st.lists(st.sampled_from([LOYALTY, VOUCHER, FREIGHT]), max_size=3, unique=True).map(tuple),
    prices_include_tax=st.booleans(),
    round_to=st.sampled_from([1, 5]),
)


def notes_of(lines: Sequence[Charged], terms: Terms, *groups: Sequence[int]) -> list[Totals]:
    """What the credit notes come to that take back these groups of lines, one after the other."""
    notes: list[Totals] = []
    before: list[int] = []
    for now in groups:
        note = mirrored(
            now,
            before=before,
            lines=lines,
            totals=add_up(lines, terms),
            earlier=notes,
            prices_include_tax=terms.prices_include_tax,
        )
        notes.append(note)
        before += now
    return notes


@given(lines, terms)
@settings(max_examples=50)
def test_a_whole_credit_note_comes_to_what_the_invoice_does(lines: list[Charged], terms: Terms) -> None:
    (note,) = notes_of(lines, terms, range(len(lines)))

    assert note == add_up(lines, terms)


@given(lines, terms, st.data())
@settings(max_examples=50)
def test_the_parts_come_to_the_whole_in_every_sum(
    lines: list[Charged], terms: Terms, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(lines))))
    cut = data.draw(st.integers(0, len(lines)))
    whole = add_up(lines, terms)

    notes = notes_of(lines, terms, *(part for part in (order[:cut], order[cut:]) if part))

    for name in ("lines", "net", "tax_amount", "gross", "rounding", "payable", "allowances", "charges"):
        assert sum(getattr(note, name) for note in notes) == getattr(whole, name), name
    for each in whole.subtotals:
        parts = [part for note in notes for part in note.subtotals if part.tax == each.tax]
        assert sum(part.net for part in parts) == each.net
        assert sum(part.tax_amount for part in parts) == each.tax_amount


@given(lines, terms, st.data())
@settings(max_examples=50)
def test_each_part_adds_up_by_itself(lines: list[Charged], terms: Terms, data: st.DataObject) -> None:
    """BR-CO-10 and BR-S-08, and BR-CO-17 but for what takes back the last line of a category."""
    cut = data.draw(st.integers(1, len(lines)))

    (note,) = notes_of(lines, terms, range(cut))

    left = {line.tax for line in lines[cut:]}
    taken = [lines[place] for place in range(cut)]
    nets = net_amounts(taken, note, prices_include_tax=terms.prices_include_tax)
    assert sum(nets) == note.lines
    for each in note.subtotals:
        own = sum(net for net, line in zip(nets, taken, strict=True) if line.tax == each.tax)
        assert each.net == own + sum(a.signed for a in note.adjustments if a.tax == each.tax)
        if each.tax in left:
            assert each.tax_amount == money.percentage(each.net, each.tax.rate)


def test_a_part_has_the_tax_of_its_own_net_and_the_last_one_what_is_left() -> None:
    """Three lines of 0.33 at 7 %: 0.02 each, 0.07 together."""
    third = Charged(amount=33, tax=VAT_7)

    notes = notes_of([third] * 3, Terms(currency="EUR"), [0], [1], [2])

    assert [note.subtotals for note in notes] == [
        (Subtotal(tax=VAT_7, net=33, tax_amount=2),),
        (Subtotal(tax=VAT_7, net=33, tax_amount=2),),
        (Subtotal(tax=VAT_7, net=33, tax_amount=3),),
    ]


def test_the_last_line_of_a_category_takes_what_is_left_of_that_category_alone() -> None:
    third, other = Charged(amount=33, tax=VAT_7), Charged(amount=100_00, tax=VAT_19)

    notes = notes_of([third, third, other, third], Terms(currency="EUR"), [0, 1], [3], [2])

    assert [note.tax_amount for note in notes] == [5, 2, 19_00]


@pytest.mark.parametrize(
    ("taken", "allowance"), [([0], 3_33), ([1], 6_67), ([0, 1], 10_00)], ids=["third", "two thirds", "all"]
)
def test_an_allowance_goes_with_the_lines_that_it_was_made_on(taken: list[int], allowance: int) -> None:
    lines = [Charged(amount=100_00, tax=VAT_19), Charged(amount=200_00, tax=VAT_19)]

    (note,) = notes_of(lines, Terms(currency="EUR", adjustments=(VOUCHER,)), taken)

    assert note.allowances == allowance


def test_a_percentage_is_taken_of_what_is_taken_back() -> None:
    lines = [Charged(amount=100_00, tax=VAT_19), Charged(amount=200_00, tax=VAT_19)]

    (note,) = notes_of(lines, Terms(currency="EUR", adjustments=(LOYALTY,)), [0])

    (applied,) = note.adjustments
    assert (applied.amount, applied.base, applied.percent) == (3_30, 100_00, LOYALTY.percent)


def test_lines_of_one_category_leave_the_allowances_of_another_alone() -> None:
    lines = [Charged(amount=100_00, tax=VAT_19), Charged(amount=20_00, tax=VAT_7)]

    (note,) = notes_of(lines, Terms(currency="EUR", adjustments=(VOUCHER,)), [1])

    assert note == Totals(lines=20_00, subtotals=(Subtotal(tax=VAT_7, net=20_00, tax_amount=1_40),))


def test_a_line_whose_price_includes_the_tax_comes_to_that_price() -> None:
    """The first line stands in the net amount with 0.81; the tax on that is 0.15, and a cent is missing."""
    lines = [Charged(amount=amount, tax=VAT_19) for amount in (97, 97, 97, 101)]

    notes = notes_of(lines, Terms(currency="EUR", prices_include_tax=True), [0], [1, 3])

    assert notes[0].rounding == 1
    assert [note.payable for note in notes] == [97, 198]


def test_allowances_are_in_a_price_that_includes_the_tax() -> None:
    lines = [Charged(amount=100_00, tax=VAT_19), Charged(amount=100_00, tax=VAT_19)]

    (note,) = notes_of(lines, Terms(currency="EUR", adjustments=(VOUCHER,), prices_include_tax=True), [0])

    assert note.payable == 95_00


def test_what_was_prepaid_is_no_part_of_a_credit_note() -> None:
    """It is owed to the client, as what was paid is."""
    lines = [Charged(amount=100_00, tax=VAT_19)]
    prepaid = Terms(currency="EUR", prepaid=50_00)

    (note,) = notes_of(lines, prepaid, [0])

    assert note == replace(add_up(lines, prepaid), prepaid=0)
    assert note.payable == 119_00


def test_coins_that_were_rounded_to_are_taken_back_with_the_last_line() -> None:
    lines = [Charged(amount=100_01, tax=ZERO), Charged(amount=100_01, tax=ZERO)]

    notes = notes_of(lines, Terms(currency="CHF", round_to=5), [0], [1])

    assert [(note.payable, note.rounding) for note in notes] == [(100_01, 0), (99_99, -2)]


def test_lines_that_cost_nothing_are_taken_back_too() -> None:
    lines = [Charged(amount=0, tax=VAT_19), Charged(amount=0, tax=VAT_19)]

    notes = notes_of(lines, Terms(currency="EUR", adjustments=(FREIGHT,)), [0], [1])

    assert [note.charges for note in notes] == [0, 4_99]


@given(
    st.lists(st.builds(Charged, amount=st.integers(0, 9), tax=st.sampled_from([VAT_19, ZERO])), min_size=1),
    terms,
    st.data(),
)
@settings(max_examples=50, deadline=None)
def test_however_little_the_lines_cost_no_credit_note_is_below_zero_or_comes_to_more_than_is_left(
    lines: list[Charged], terms: Terms, data: st.DataObject
) -> None:
    """Smaller than the smallest coin, and than what half a cent of tax is rounded to."""
    terms = replace(terms, adjustments=())
    order = data.draw(st.permutations(range(len(lines))))
    whole = add_up(lines, terms)

    notes = notes_of(lines, terms, *([place] for place in order))

    assert min(note.payable for note in notes) >= 0
    assert sum(note.payable for note in notes) == whole.payable


def test_lines_below_the_smallest_coin_are_credited_as_nothing_like_they_were_invoiced() -> None:
    cent = Charged(amount=1, tax=ZERO)

    notes = notes_of([cent, cent], Terms(currency="CHF", round_to=5), [0], [1])

    assert [(note.gross, note.rounding, note.payable) for note in notes] == [(1, -1, 0), (1, -1, 0)]


def test_taxes_of_many_small_lines_are_credited_as_far_as_they_were_invoiced() -> None:
    """Twenty lines of 0.03 at 19 %: 0.01 each by itself, 0.11 together."""
    notes = notes_of(
        [Charged(amount=3, tax=VAT_19)] * 20, Terms(currency="EUR"), *([each] for each in range(20))
    )

    assert (min(note.payable for note in notes), sum(note.payable for note in notes)) == (0, 71)
