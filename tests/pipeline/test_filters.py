"""The evaluator of filters, held to what AWS documents, so that the other tests here may trust it."""

from typing import Any

import pytest

from tests.pipeline.filters import passes_criteria, passes_policy

CRITERIA = {"Filters": [{"Pattern": '{"dynamodb": {"NewImage": {"type": {"S": ["WORK", "INVOICE"]}}}}'}]}


@pytest.mark.parametrize(
    ("image", "passes"),
    [
        ({"type": {"S": "WORK"}}, True),
        ({"type": {"S": "INVOICE"}, "n": {"N": "1"}}, True),
        ({"type": {"S": "WORKER"}}, False),
        ({"type": {"N": "1"}}, False),
        ({"type": "WORK"}, False),
        ({}, False),
    ],
)
def test_a_record_passes_where_all_of_the_pattern_is_in_it(image: Any, passes: bool) -> None:
    assert passes_criteria({"eventName": "INSERT", "dynamodb": {"NewImage": image}}, CRITERIA) is passes


def test_a_deletion_has_no_new_image_and_does_not_pass() -> None:
    deletion = {"eventName": "REMOVE", "dynamodb": {"OldImage": {"type": {"S": "WORK"}}}}

    assert not passes_criteria(deletion, CRITERIA)


def test_one_of_several_patterns_is_enough_and_none_lets_nothing_pass() -> None:
    both = {"Filters": [{"Pattern": '{"a": ["x"]}'}, {"Pattern": '{"a": ["y"]}'}]}

    assert passes_criteria({"a": "y"}, both)
    assert not passes_criteria({"a": "y"}, {"Filters": []})


@pytest.mark.parametrize(
    ("attributes", "passes"),
    [
        ({"type": "work.logged", "account": "a"}, True),
        ({"type": "invoice.issued", "account": "a"}, True),
        ({"type": "invoice.issued.late", "account": "a"}, False),
        ({"type": "homework.logged", "account": "a"}, False),
        ({"type": "work.logged", "account": "b"}, False),
        ({"type": "work.logged"}, False),
    ],
)
def test_a_message_passes_where_each_name_has_a_value_that_is_accepted(
    attributes: dict[str, str], passes: bool
) -> None:
    policy = {"type": [{"prefix": "work."}, "invoice.issued"], "account": ["a"]}

    assert passes_policy(attributes, policy) is passes


@pytest.mark.parametrize(
    "condition", [{"anything-but": "x"}, {"exists": False}, {"prefix": "a", "suffix": "b"}, 1, None]
)
def test_what_is_not_understood_is_refused(condition: Any) -> None:
    with pytest.raises(NotImplementedError):
        passes_policy({"type": "x"}, {"type": ["x", condition]})


def test_a_pattern_that_is_not_understood_is_refused() -> None:
    with pytest.raises(NotImplementedError):
        passes_criteria({"a": "x"}, {"Filters": [{"Pattern": '{"a": "x"}'}]})
