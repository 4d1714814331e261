from typing import Any

import pytest

from infrastructure import sent


@pytest.mark.parametrize(
    ("plain", "composed"),
    [
        ("Zo\u0308e", "Zöe"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "Å"),
        ("ﬁ", "ﬁ"),  # which is another letter, not another form of the same ones
        (
            {"name": "o\u0308", "inner": ["e\u0301", 1, None, True]},
            {"name": "ö", "inner": ["é", 1, None, True]},
        ),
        ("\ud800", "\ud800"),
    ],
)
def test_text_is_composed_wherever_it_stands(plain: Any, composed: Any) -> None:
    assert sent.composed(plain) == composed


@pytest.mark.parametrize(
    ("plain", "places"),
    [
        ({"tags": ["a"] * 100}, []),
        ({"tags": ["a"] * 101}, ["/tags"]),
        ({"a/b": {"c~d": [1] * 101}, "e": {"f": [[2] * 500]}}, ["/a~1b/c~0d", "/e/f/0"]),
        ({str(number): 1 for number in range(101)}, [""]),
        ([[]] * 101, [""]),
    ],
)
def test_what_has_too_many_entries_is_told_and_not_looked_at(plain: Any, places: list[str]) -> None:
    found = list(sent.unreadable(plain))

    assert [(problem.pointer, problem.code) for problem in found] == [(place, "too-many") for place in places]


@pytest.mark.parametrize(
    ("plain", "found"),
    [
        ({"a": 2**63 - 1, "b": -(2**63), "c": True, "d": "9" * 99}, []),
        ({"a": 2**63, "b": -(2**63) - 1}, [("/a", "out-of-range"), ("/b", "out-of-range")]),
        ({"a": {"b": [1, 1.5, 10**99]}}, [("/a/b/1", "float"), ("/a/b/2", "out-of-range")]),
        ({"a/b": {"~": float("inf")}}, [("/a~1b/~0", "float")]),
    ],
)
def test_a_number_is_an_integer_of_64_bits(plain: Any, found: list[tuple[str, str]]) -> None:
    assert [(problem.pointer, problem.code) for problem in sent.inexact(plain)] == found


def test_text_is_made_of_characters_in_names_too() -> None:
    found = list(sent.unreadable({"a": ["x\ud800"], "\udfff": 1, "b": "\U0001f422", "c": {"d/": "\udc00"}}))

    assert [(problem.pointer, problem.code) for problem in found] == [
        ("/a/0", "not-text"),
        ("/\udfff", "not-text"),
        ("/c/d~1", "not-text"),
    ]
