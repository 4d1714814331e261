"""Clients of AWS: one session, short timeouts, the SDK's standard retries."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from infrastructure.settings import region

_CONNECT_SECONDS, _READ_SECONDS = 1, 5
# The table answers soon or not at all; a mail that is given up may be out all the same, so SES gets its time.
_READ_SECONDS_OF = {"dynamodb": 2, "ses": 25}
_ATTEMPTS = 3


@cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """The client of *service*, made once."""
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS_OF.get(service, _READ_SECONDS),
        tcp_keepalive=True,
        signature_version="s3v4" if service == "s3" else None,  # else a role's signed addresses do not work
        retries={"mode": "standard", "total_max_attempts": 1 if service == "ses" else _ATTEMPTS},
    )
    return _session().client(service, config=config)


@cache
def _session() -> Any:  # noqa: ANN401 - the stubs know literal names of services only
    return boto3.Session(region_name=region())
