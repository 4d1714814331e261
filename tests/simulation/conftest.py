import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _untraced() -> Iterator[None]:
    """No coverage here: it follows no greenlets, and other tests cover the same code."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)
