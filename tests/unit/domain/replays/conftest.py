import pytest

from tests.operating import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
