"""Calls the functions that run in a local cloud, as AWS's own services do."""

import json
from typing import Any

from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.errors import LocalCloudError


class FunctionFailedError(LocalCloudError):
    """The function raised an error."""

    code = "local-cloud-function-failed"


def invoke(cloud: LocalCloud, function: str, event: dict[str, Any]) -> None:
    """Call a function (`open-invoices`) with an event, and wait until it is done.

    Raises:
        FunctionFailedError: it ended with an error, which the message has.
    """
    client = cloud.access.session().client("lambda", **cloud.access.here())
    answer = client.invoke(FunctionName=cloud.functions[function], Payload=json.dumps(event).encode())
    if "FunctionError" in answer:
        raise FunctionFailedError(f"{function} failed: {answer['Payload'].read().decode()}")
