"""A running local cloud, as the command line, the demo and the tests see it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from domain.retries import QUEUES
from infrastructure.local_cloud.names import ACCOUNT, ENVIRONMENT, REGION, SECRET

_FUNCTIONS = {"tick": "open-invoices", "audit": "audit"}  # what is invoked again with what it failed on


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a local cloud listens, and what it takes to talk to it.

    It gives root's credentials: with a 12-digit access key ministack takes the caller for the root user of
    that account. The functions get none of it, each runs under its own role.
    """

    endpoint: str
    region: str = REGION

    def environment(self) -> dict[str, str]:
        """Give the variables with which any AWS SDK or tool calls this cloud and no other."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def session(self) -> boto3.Session:
        """Make a session that minds neither the user's profile nor the user's configuration files."""
        nothing, nowhere = (None, None, None, None), (None, None, os.devnull, None)
        core = botocore.session.Session(
            session_vars={"profile": nothing, "config_file": nowhere, "credentials_file": nowhere}
        )
        return boto3.Session(ACCOUNT, SECRET, region_name=self.region, botocore_session=core)

    def here(self) -> dict[str, Any]:
        """Give what every client needs besides its name: `session.client("sqs", **access.here())`."""
        return {"endpoint_url": self.endpoint, "config": Config(proxies={}, inject_host_prefix=False)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A user of the pool who is confirmed and can sign in."""

    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCloud:
    """A local cloud with both stacks deployed.

    `queues` has the URL of each queue and `functions` the full name of each function, by the name without the
    environment: `queues["counters"]`, `queues["counters-dlq"]`, `functions["keep-counters"]`. `proxy` is the
    address by which the functions call, where something stands between that can break their calls.
    """

    access: Access
    api_url: str
    table: str
    topic: str
    bucket: str
    failures_bucket: str
    uploads_bucket: str
    user_pool: str
    client_id: str
    queues: Mapping[str, str]
    functions: Mapping[str, str]
    sender: str
    mailbox: Path
    sign_in: SignIn
    proxy: str | None = None

    def environment(self) -> dict[str, str]:
        """Give the variables with which the SDK and our own settings, in any process, mean this cloud."""
        queues = {name: self.queues[name] for name in QUEUES if name in self.queues}
        functions = {name: self.functions[of] for name, of in _FUNCTIONS.items() if of in self.functions}
        return self.access.environment() | {
            "INVOICELY_ENVIRONMENT": ENVIRONMENT,
            "TABLE_NAME": self.table,
            "TOPIC_ARN": self.topic,
            "DOCUMENTS_BUCKET": self.bucket,
            "SENDER_ADDRESS": self.sender,
            "UNPUBLISHED_QUEUE_URL": self.queues["unpublished"],
            "FAILURES_BUCKET": self.failures_bucket,
            "UPLOADS_BUCKET": self.uploads_bucket,
            "SOURCE_QUEUE_URLS": json.dumps(queues),
            "SOURCE_FUNCTIONS": json.dumps(functions),
            "POWERTOOLS_SERVICE_NAME": "invoicely",
            "POWERTOOLS_METRICS_NAMESPACE": "Invoicely",
        }
