"""The local cloud that tests of what is deployed share: made once, gone with the tests."""

from collections.abc import Iterator

import pytest

from infrastructure.local_cloud import control
from infrastructure.local_cloud.cloud import LocalCloud


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """Both stacks, in a folder of their own."""
    folder = tmp_path_factory.mktemp("deployed")
    yield control.up(folder, tie_to_parent=True)
    control.down(folder)
