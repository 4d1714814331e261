"""The lists of mutants fit the code: no guard of it is missing there, and every mutant can be made."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from tests.mutants import listed
from tests.mutants.guards import ROOT, Guard, all_guards, in_python, in_template
from tests.mutants.listed import ListError, Mutant, every_mutant, everything_listed

MUTANTS = every_mutant()

SOURCE = """
def write(store, item, version):
    if version > MOST_VERSIONS:
        raise TooManyError
    try:
        store.put(item, condition="attribute_not_exists(PK) AND #state = :open", token=new())
    except LostError:
        return None
    return f"{MOST_VERSIONS} at most"
"""


def without_a_mutant(guards: Iterable[Guard]) -> list[str]:
    claimed: dict[str, list[range]] = {}
    for each in everything_listed():
        claimed.setdefault(each.file, []).append(each.changed)
    return [
        str(guard) for guard in guards if not any(guard.meets(them) for them in claimed.get(guard.file, ()))
    ]


def test_every_guard_of_the_code_has_a_mutant() -> None:
    assert without_a_mutant(all_guards()) == []


def test_a_new_guard_is_missed_until_it_has_a_mutant() -> None:
    file = "domain/counters.py"
    newer = f"{(ROOT / file).read_text()}\n\ndef first(version: int) -> bool:\n    return version == 1\n"

    assert [place.partition(": ")[2] for place in without_a_mutant(in_python(file, newer))] == [
        "version == 1"
    ]


def test_each_part_of_a_condition_is_a_guard() -> None:
    found = [guard.text for guard in in_python("a.py", SOURCE)]

    assert found == [
        "version > MOST_VERSIONS",
        "MOST_VERSIONS",
        "attribute_not_exists(PK)",
        "#state = :open",
        "new()",
        "LostError",
    ]


def test_a_line_of_the_template_that_decides_what_is_given_up_is_a_guard() -> None:
    found = [
        (guard.line, guard.text) for guard in in_template("a.yaml", "Queue:\n  maxReceiveCount: 8 # or so\n")
    ]

    assert found == [(2, "maxReceiveCount: 8")]


@pytest.mark.parametrize("file", sorted({mutant.file for mutant in MUTANTS}))
def test_a_mutant_is_another_program_and_not_a_broken_one(file: str) -> None:
    source = (ROOT / file).read_text()
    before = understood(file, source)

    for mutant in MUTANTS:
        if mutant.file == file:
            assert understood(file, mutant.of(source)) != before, mutant.name


def test_mutants_have_names_of_their_own_and_tests_that_are_there() -> None:
    named = [(mutant.file, mutant.name) for mutant in MUTANTS]
    tests = {test.partition("::")[0] for mutant in MUTANTS for test in mutant.tests}

    assert len(set(named)) == len(named)
    assert all(mutant.tests for mutant in MUTANTS)
    assert [test for test in sorted(tests) if not (ROOT / test).exists()] == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("no longer there", "stands no more in the code"),
        ("import", "times in the code; quote more, or say each = true"),
    ],
)
def test_a_list_that_does_not_fit_the_code_any_more_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    mutant = (
        f'file = "domain/counters.py"\n[[mutant]]\nname = "It"\ncode = "{code}"\nbecomes = "…"\ntests = []\n'
    )
    (tmp_path / "counters.toml").write_text(mutant)
    monkeypatch.setattr(listed, "LISTS", tmp_path)

    with pytest.raises(ListError, match=told):
        every_mutant()


@pytest.mark.parametrize(
    ("code", "becomes", "changed"),
    [
        ("a AND b", "a", " AND b"),
        ("a AND b", "b", "a AND "),
        ("if a:", "if True:", "a"),
        ("1", "10", "1…"),
        ("aa", "a", "a"),
    ],
)
def test_a_mutant_claims_what_it_changes_and_not_all_that_it_quotes(
    code: str, becomes: str, changed: str
) -> None:
    mutant = Mutant(name="", file="", start=1, code=code, becomes=becomes, tests=())

    assert f"…{code}…"[mutant.changed.start : mutant.changed.stop] == changed


def understood(file: str, source: str) -> object:
    """What the file says to who reads it, comments and spaces apart."""
    if file.endswith(".py"):
        compile(source, file, "exec")
        return ast.dump(ast.parse(source))
    return [(type(event), getattr(event, "value", None)) for event in yaml.parse(source, yaml.CSafeLoader)]
