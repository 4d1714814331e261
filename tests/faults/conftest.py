"""A local cloud whose functions' calls can be broken; the tests share it, and tell in the end how each went.

`make faults` runs them all, `make faults ARGS=--short` with shorter faults.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infrastructure import aws, settings, wiring
from infrastructure.local_cloud import control
from infrastructure.local_cloud.cloud import LocalCloud
from tests import data_stack

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Lasting:
    """How long faults last, and how soon after them all has to be well, in seconds."""

    faults: float
    outage: float
    converging: float


SHORT = Lasting(faults=10, outage=20, converging=400)
LONG = Lasting(faults=30, outage=120, converging=1200)


@dataclass
class Told:
    """What the tests tell in the end, a line for each."""

    lines: list[str] = field(default_factory=list)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--short", action="store_true", help="Let faults last seconds, not minutes.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.timeout(1800))


_told = Told()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _told.lines:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def told() -> Told:
    return _told


@pytest.fixture(scope="session")
def lasting(request: pytest.FixtureRequest) -> Lasting:
    return SHORT if request.config.getoption("--short") else LONG


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def cloud(home: Path) -> Iterator[LocalCloud]:
    """The cloud; in this process the adapters mean it too, and nothing breaks their calls."""
    with pytest.MonkeyPatch.context() as patch:
        cloud = control.up(home, tie_to_parent=True, breakable=True)
        for name, value in (cloud.environment() | {"INVOICELY_HOME": str(home)}).items():
            patch.setitem(os.environ, name, value)
        data_stack.forget(aws, settings, wiring)
        yield cloud
        control.down(home)
    data_stack.forget(aws, settings, wiring)
