"""The environment as a function sees it; read when it is asked for, never at import."""

import json
import os
from functools import cache

from domain.errors import WillNeverWorkError

DEFAULT_REGION = "eu-west-1"


class MissingSettingError(WillNeverWorkError):
    """An environment variable that this function needs is not set."""

    code = "missing-setting"


def setting(name: str) -> str:
    """The environment variable *name*.

    Raises:
        MissingSettingError: it is not set, or empty.
    """
    if value := os.environ.get(name):
        return value
    raise MissingSettingError(
        f"the environment variable {name} is not set; template.yaml sets it for each function"
    )


@cache
def table_name() -> str:
    """The one table."""
    return setting("TABLE_NAME")


@cache
def topic_arn() -> str:
    """The topic that every change is published to."""
    return setting("TOPIC_ARN")


@cache
def documents_bucket() -> str:
    """The bucket that keeps documents."""
    return setting("DOCUMENTS_BUCKET")


@cache
def failures_bucket() -> str:
    """The bucket that keeps the changes that Lambda gave up."""
    return setting("FAILURES_BUCKET")


@cache
def uploads_bucket() -> str:
    """The bucket that files to be imported are uploaded to."""
    return setting("UPLOADS_BUCKET")


@cache
def sender_address() -> str:
    """The address that invoices are mailed from."""
    return setting("SENDER_ADDRESS")


@cache
def configuration_set() -> str:
    """The configuration set of SES that tells what becomes of our mails."""
    return setting("CONFIGURATION_SET")


@cache
def unpublished_queue_url() -> str:
    """The queue for stream records that cannot be read as an event."""
    return setting("UNPUBLISHED_QUEUE_URL")


@cache
def oidc_issuer() -> str:
    """Who signs people in: the `iss` of their tokens."""
    return setting("OIDC_ISSUER")


@cache
def oidc_audience() -> str:
    """What the tokens are made out to: the `aud` or, with Cognito's access tokens, the `client_id`."""
    return setting("OIDC_AUDIENCE")


@cache
def oidc_jwks_url() -> str:
    """The address of the keys that the tokens are signed with."""
    return setting("OIDC_JWKS_URL")


def requests_per_minute() -> int:
    """How many requests of one account are answered in a minute."""
    return int(setting("REQUESTS_PER_MINUTE"))


def queue_name() -> str:
    """The queue that this function consumes, by its name in every environment: counters."""
    return setting("QUEUE_NAME")


def queue_url() -> str:
    """The address of the queue that this function consumes."""
    return setting("QUEUE_URL")


def most_receives() -> int:
    """How often a message is received before it is a dead letter, as of the queue's redrive policy."""
    return int(setting("MOST_RECEIVES"))


@cache
def source_queue_urls() -> dict[str, str]:
    """The addresses of the queues that failures are sent back to, by their names: a JSON object."""
    return _named("SOURCE_QUEUE_URLS")


@cache
def source_functions() -> dict[str, str]:
    """The functions that are invoked again with what they failed on, by the name of that: a JSON object."""
    return _named("SOURCE_FUNCTIONS")


@cache
def region() -> str:
    """The region; Lambda and the SDK's own variables name it."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION


def _named(variable: str) -> dict[str, str]:
    named: dict[str, str] = json.loads(setting(variable))
    return named
