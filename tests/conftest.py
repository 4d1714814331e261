"""What holds for every test: none is skipped where all have to run, and those on the local cloud share it."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

END_TO_END = Path(__file__).with_name("e2e")
UNMEASURED = tuple(
    Path(__file__).parent / path
    for path in (
        "contract/test_collecting.py",
        "contract/test_costs.py",
        "contract/test_current.py",
        "contract/test_proof.py",
        "contract/test_races.py",
        "pipeline",
        "simulation",
        "unit/api/test_attacks.py",
        "unit/api/test_tenancy.py",
        "unit/domain/test_counting_histories.py",
        "unit/domain/test_crashes.py",
        "unit/domain/test_interleavings.py",
        "unit/test_mutants.py",
    )
)
"""What runs the same lines again and again: measured it takes twice as long, and others cover the same."""

# The same examples in every run, and as many; `--hypothesis-profile thorough` looks for others.
settings.register_profile("repeatable", derandomize=True, max_examples=100, deadline=None, database=None)
settings.register_profile("thorough", max_examples=5_000, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(END_TO_END):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("local cloud"))  # one process starts it, once
        if any(item.path.is_relative_to(path) for path in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and "CI" in os.environ and not _may_be_skipped(item, report):
        report.outcome = "failed"
        report.longrepr = f"skipped, but CI runs everything: {report.longrepr}"
    return report


def _may_be_skipped(item: pytest.Item, report: pytest.TestReport) -> bool:
    return hasattr(report, "wasxfail") or item.get_closest_marker("may_skip") is not None
