import sys
from types import ModuleType
from typing import Any

import pytest

from infrastructure.local_cloud import whole_batches
from infrastructure.local_cloud.whole_batches import PartlyFailedError


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module with the handler that was deployed; it answers with what it is handed."""
    module = ModuleType("publishing")
    vars(module)["handler"] = lambda event, _: event
    monkeypatch.setitem(sys.modules, "publishing", module)
    monkeypatch.setenv(whole_batches.HANDLER, "publishing.handler")
    return module


@pytest.mark.usefixtures("deployed")
def test_a_batch_that_went_through_is_answered_as_the_function_does() -> None:
    answer: dict[str, Any] = {"batchItemFailures": []}

    assert whole_batches.handler(answer, None) == answer


@pytest.mark.usefixtures("deployed")
def test_a_batch_that_failed_in_part_fails_as_a_whole() -> None:
    with pytest.raises(PartlyFailedError, match="from 17 on"):
        whole_batches.handler({"batchItemFailures": [{"itemIdentifier": "17"}]}, None)
