from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.dynamodb.attributes import from_attribute, from_item, to_attribute, to_item

VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(st.text(max_size=9), VALUES, max_size=5))
def test_what_is_stored_is_read_again(plain: dict[str, Any]) -> None:
    assert from_item(to_item(plain)) == plain


def test_each_kind_of_value_has_its_attribute() -> None:
    plain = {"yes": True, "one": 1, "text": "1", "list": ("a", 2), "map": {"no": False}}

    assert to_item(plain) == {
        "yes": {"BOOL": True},
        "one": {"N": "1"},
        "text": {"S": "1"},
        "list": {"L": [{"S": "a"}, {"N": "2"}]},
        "map": {"M": {"no": {"BOOL": False}}},
    }


def test_what_is_none_is_left_out() -> None:
    assert to_item({"a": None, "b": {"c": None}}) == {"b": {"M": {}}}


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), b"bytes", {"a", "b"}, None, object()])
def test_what_no_item_of_ours_holds_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__):
        to_attribute(value)


@pytest.mark.parametrize("attribute", [{"NULL": True}, {"B": b"x"}, {"SS": ["a"]}, {"NS": ["1"]}])
def test_what_no_item_of_ours_holds_is_not_read(attribute: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(attribute))):
        from_attribute(attribute)


def test_a_number_with_a_point_is_not_read() -> None:
    with pytest.raises(ValueError, match=r"1\.5"):
        from_attribute({"N": "1.5"})
