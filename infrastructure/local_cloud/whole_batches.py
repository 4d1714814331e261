"""Lets a function of the stream fail as a whole where it reports only a part of its batch.

ministack 1.5.33 takes such a report for success and never gives the rest again: what could not be published
would be lost. On AWS the stream comes again from the first record that failed, here from the first of the
batch, so that more changes are published twice. Only local functions ship this file.
"""

import os
from importlib import import_module
from typing import Any

HANDLER = "WHOLE_BATCHES_OF"
"""The variable that names the handler that was deployed."""


class PartlyFailedError(Exception):
    """Some records of the batch are not dealt with."""


def handler(event: dict[str, Any], context: object) -> Any:  # noqa: ANN401 - whatever the function answers
    """Call the function itself."""
    module, name = os.environ[HANDLER].rsplit(".", 1)
    answer = getattr(import_module(module), name)(event, context)
    if failed := answer["batchItemFailures"]:
        raise PartlyFailedError(f"from {failed[0]['itemIdentifier']} on")
    return answer
