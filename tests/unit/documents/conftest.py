"""One renderer for all: it remembers nothing that shows."""

import pytest

from infrastructure.documents.renderer import TypstRenderer


@pytest.fixture(scope="session")
def renderer() -> TypstRenderer:
    return TypstRenderer()
