"""What the pipeline leaves behind: items of the table, and mails."""

from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import TypeVar

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import RawMessage, ses_backends

from domain.accounts import Account
from domain.clients import Client
from domain.delivery import Delivery
from domain.failures import Failure
from domain.invoices import Invoice
from domain.work import WorkEntry
from infrastructure import codec
from infrastructure.dynamodb import failures as ledger
from infrastructure.dynamodb.attributes import from_item
from tests.aws_events import Json
from tests.data_stack import REGION, TABLE

Entity = TypeVar("Entity", Account, Client, WorkEntry, Invoice, Delivery)

_KINDS = {Account: "ACCOUNT", Client: "CLIENT", WorkEntry: "WORK", Invoice: "INVOICE", Delivery: "DELIVERY"}


def items(kind: str) -> list[Json]:
    """All items of a type, as plain values."""
    pages = boto3.client("dynamodb", REGION).get_paginator("scan").paginate(TableName=TABLE)
    found = (from_item(item) for page in pages for item in page["Items"])
    return [item for item in found if item.get("type") == kind]


def all_of(shape: type[Entity]) -> list[Entity]:
    """All entities of a kind, removed ones too."""
    return [codec.decode(shape, item) for item in items(_KINDS[shape])]


def failures(queue: str | None = None) -> list[Failure]:
    """All entries of the failure ledger, or those of one queue."""
    found = [ledger._failure(item) for item in items("FAILURE")]
    return [failure for failure in found if queue in {None, failure.queue}]


def mails() -> list[EmailMessage]:
    """All mails that were sent, in the order in which they were."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    raw = [message.raw_data for message in sent if isinstance(message, RawMessage)]
    return [message_from_string(text, policy=default) for text in raw]


def forget_all() -> None:
    """Empty the table and the mailbox; what the stream was not read of is still in it."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE]
    table.items.clear()
    vars(table).pop("_copy", None)  # of `quick_moto`
    ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages.clear()
