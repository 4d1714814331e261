"""The real handlers in this process, over a table and a bucket that are in this process too."""

from collections.abc import Iterator

import pytest

from infrastructure.retrying import without_waiting
from tests import data_stack


@pytest.fixture(autouse=True)
def _data_stack(monkeypatch: pytest.MonkeyPatch, socket_disabled: None) -> Iterator[None]:
    for name, value in data_stack.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with data_stack.standing(), without_waiting():
        yield
