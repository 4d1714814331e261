from typing import Any

import pytest

from domain.errors import InvalidError
from domain.parties import Contact


@pytest.mark.parametrize("field", ["name", "telephone", "email"])
def test_a_contact_is_whatever_there_is_of_it(field: str) -> None:
    said: dict[str, Any] = {field: "ada.112@example.com"}

    assert getattr(Contact(**said), field) == said[field]


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({}, "/name", "missing"),
        ({"name": " "}, "/name", "empty"),
        ({"name": "n" * 101}, "/name", "too-long"),
        ({"telephone": "on request, 2"}, "/telephone", "not-a-telephone-number"),
        ({"telephone": "1" * 41}, "/telephone", "too-long"),
        ({"email": "nele"}, "/email", "not-an-email"),
    ],
)
def test_a_contact_is_one_that_can_be_reached(said: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidError) as raised:
        Contact(**said)

    assert [(problem.pointer, problem.code) for problem in raised.value.problems] == [(pointer, code)]
