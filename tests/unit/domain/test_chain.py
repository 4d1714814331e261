"""The canonical form, and how links follow from it. What is pinned here must never change: it is stored."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

import pytest

from domain.chain import BEGINNING, Link, Place, broken, canonical, content, link
from domain.documents import InvoiceDocument
from domain.numbers import Sequence, Taken
from domain.printing import document_of
from tests.builders import ADA, a_client, a_work_entry, an_issued_invoice

PLACE = Place(account_id=ADA, series="2026-{seq}", position=1)
FIRST = Sequence(account_id=ADA, series="2026-{seq}")


def a_document() -> InvoiceDocument:
    return document_of(an_issued_invoice(), [a_work_entry(client=a_client())])


def test_members_are_sorted_and_nothing_is_escaped_that_need_not_be() -> None:
    assert canonical({"b": 'Süß "1"', "a": (1, -2)}) == '{"a":[1,-2],"b":"Süß \\"1\\""}'.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), '"1.5"'),
        (Decimal("1E+2"), '"100"'),
        (Decimal(100), '"100"'),
        (Decimal("0.0"), '"0"'),
        (dt.date(2026, 10, 31), '"2026-10-31"'),
        (0, "0"),
        (True, "true"),
    ],
)
def test_a_value_has_one_form(value: object, text: str) -> None:
    assert canonical([value]).decode() == f"[{text}]"


@pytest.mark.parametrize("nothing", [None, False, "", (), []])
def test_what_says_nothing_is_left_out_so_that_a_new_field_changes_nothing(nothing: object) -> None:
    assert canonical({"a": 0, "new": nothing}) == b'{"a":0}'


def test_a_float_has_no_canonical_form() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical({"a": 1.5})


def test_the_content_is_the_whole_document_in_its_place() -> None:
    said = json.loads(content(a_document(), PLACE))

    document = said.pop("document")
    assert said == {"form": 1, "account_id": ADA, "series": "2026-{seq}", "position": 1}
    assert document["number"] == "2026-0001"
    assert document["seller"]["name"] == "Ada Lovelace"
    assert document["buyer"]["name"] == "Acme GmbH"
    assert [line["description"] for line in document["lines"]] == ["Analytical engine"]


def test_the_first_link_follows_zeros_and_each_the_one_before() -> None:
    of_content = sha256(b"content").hexdigest()
    first = sha256((64 * "0" + of_content).encode()).hexdigest()

    assert BEGINNING == 64 * "0"
    assert link(None, of_content) == first
    assert link(first, of_content) == sha256((first + of_content).encode()).hexdigest()


def test_a_number_is_linked_to_its_document_and_to_the_numbers_before() -> None:
    first = Taken.next_of(FIRST, pattern="{year}-{seq}", today=a_document().issued_on).chained(a_document())
    second = Taken.next_of(first.after, pattern="{year}-{seq}", today=a_document().issued_on).chained(
        a_document()
    )

    assert first.content_sha256 == sha256(content(a_document(), PLACE)).hexdigest()
    assert first.chain_sha256 == link(None, first.content_sha256)
    assert second.content_sha256 == sha256(content(a_document(), replace(PLACE, position=2))).hexdigest()
    assert second.chain_sha256 == second.after.chain_sha256 == link(first.chain_sha256, second.content_sha256)


def test_a_number_that_is_not_linked_yet_has_no_link_of_its_own() -> None:
    before = replace(FIRST, last=1, last_issued_on=a_document().issued_on, chain_sha256="0" * 64)

    assert Taken.next_of(before, pattern="{seq}", today=a_document().issued_on).chain_sha256 is None


def test_behind_a_hole_nobody_can_tell_what_a_link_follows() -> None:
    links = [Link(position=number, content_sha256="c", chain_sha256=f"{number}") for number in (1, 3)]

    assert list(broken(links, before="0")) == [1]
