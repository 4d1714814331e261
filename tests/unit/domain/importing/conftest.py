import pytest

from tests.importing import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows a part: as many steps as a large file has."""
    monkeypatch.setattr("domain.importing.ROWS_A_PART", 2)
