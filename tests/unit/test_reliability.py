"""What docs/reliability.md says is tested somewhere is tested there."""

import re
from pathlib import Path

import pytest

from tests.simulation.chance import Fault
from tests.simulation.test_simulation import SITUATIONS

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
NAMED = sorted(
    {name for row in ROWS for name in re.findall(r"`([a-z_0-9/]+\.py::[a-z_0-9]+)`", " ".join(row))}
)
SIMULATED = sorted({word for _, _, where, _ in ROWS for word in re.findall(r"\*([^*]+)\*", where)})


def test_every_scenario_has_its_row_in_order() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, 66))


@pytest.mark.parametrize("name", NAMED)
def test_names_tests_that_there_are(name: str) -> None:
    path, _, test = name.partition("::")

    assert re.search(rf"^def test_{test}\(", (TESTS / path).read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("word", SIMULATED)
def test_names_what_the_simulation_does(word: str) -> None:
    assert word in {*Fault, *SITUATIONS}


def test_a_scenario_names_a_test_or_says_that_there_is_none() -> None:
    without = [number for number, _, where, _ in ROWS if "::" not in where]

    assert without == [number for number, _, where, _ in ROWS if where == "not tested"]
