"""Clients of AWS: one session, short timeouts, the SDK's standard retries."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from infrastructure.settings import region

_CONFIG = {"connect_timeout": 1, "read_timeout": 5, "tcp_keepalive": True}
# How long a transaction that got stuck takes to recover by itself, plus some: the DynamoDB developer guide
# on TransactionInProgressException asks for a repetition after five seconds.
_ATTEMPTS = 4


@cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    """The client of *service*, made once."""
    retries = {"mode": "standard", "total_max_attempts": 1 if service == "ses" else _ATTEMPTS}
    signing = {"signature_version": "s3v4"} if service == "s3" else {}
    config = Config(**_CONFIG, **signing, retries=retries)
    return _session().client(service, config=config)


@cache
def _session() -> Any:  # noqa: ANN401 - the stubs know literal names of services only
    return boto3.Session(region_name=region())
