"""Events as Lambda hands them over, made from those in `tests/payloads` and from what we store ourselves."""

import datetime as dt
import json
from collections.abc import Sequence
from hashlib import md5
from itertools import count
from pathlib import Path
from typing import Any

from domain.accounts import Account
from domain.clients import Client
from domain.credit_notes import CreditNote
from domain.delivery import Delivery
from domain.imports import Import
from domain.invoices import Invoice
from domain.payments import Payment
from domain.prepayments import Prepayment
from domain.reminders import Reminder
from domain.work import WorkEntry
from infrastructure.context import correlation
from infrastructure.dynamodb import accounts, clients, credit_notes, invoices, work
from infrastructure.dynamodb.attributes import to_item
from infrastructure.dynamodb.deliveries import DynamoDBDeliveries
from infrastructure.dynamodb.imports import DynamoDBImports
from infrastructure.dynamodb.payments import DynamoDBPayments
from infrastructure.dynamodb.prepayments import DynamoDBPrepayments
from infrastructure.dynamodb.reminders import DynamoDBReminders
from infrastructure.dynamodb.table import Table

Json = dict[str, Any]
Entity = (
    Account | Client | WorkEntry | Invoice | CreditNote | Delivery | Payment | Reminder | Prepayment | Import
)

PAYLOADS = Path(__file__).parent / "payloads"
WRITTEN_AT = dt.datetime(2026, 10, 31, 8, tzinfo=dt.UTC)

_table = Table(client=None, name="invoicely-dev", now=lambda: WRITTEN_AT)
_sequence = count(1_100_000_000_017_454_423_009)


def payload(name: str) -> Json:
    """An event as AWS sends it, fresh for each who asks."""
    loaded: Json = json.loads((PAYLOADS / f"{name}.json").read_text())
    return loaded


def item_of(entity: Entity, *, because: str | None = "request-1") -> Json:
    """What the table holds of an entity, in DynamoDB's own JSON."""
    with correlation(because):
        match entity:
            case Account():
                plain = accounts.entities(_table).item(entity)
            case Client():
                plain = clients.entities(_table).item(entity)
            case WorkEntry():
                plain = work.entities(_table).item(entity)
            case Invoice():
                plain = invoices.entities(_table).item(entity)
            case CreditNote():
                plain = credit_notes.entities(_table).item(entity)
            case Import():
                plain = DynamoDBImports(_table)._imports.item(entity)
            case Reminder():
                plain = DynamoDBReminders(_table)._reminders.item(entity)
            case Prepayment():
                plain = DynamoDBPrepayments(_table)._prepayments.item(entity)
            case Payment():
                plain = DynamoDBPayments(_table)._payments.item(entity)
            case _:
                plain = DynamoDBDeliveries(_table)._deliveries.item(entity)
    return to_item(plain)


def stream_record(after: Entity | Json, before: Entity | Json | None = None) -> Json:
    """The stream's record of a change from *before* to *after*, each an entity or an item."""
    new = after if isinstance(after, dict) else item_of(after)
    record: Json = payload("dynamodb-stream")["Records"][0]
    change = record["dynamodb"] | {
        "Keys": {"PK": new["PK"], "SK": new["SK"]},
        "NewImage": new,
        "SequenceNumber": str(next(_sequence)),
    }
    if before is not None:
        record["eventName"] = "MODIFY"
        change["OldImage"] = before if isinstance(before, dict) else item_of(before)
    return record | {"dynamodb": change}


def message(
    body: str,
    *,
    message_id: str,
    receives: int = 1,
    type_: str | None = None,
    replay_of: str | None = None,
) -> Json:
    """A message of a queue; *type_* is the attribute that came along, *replay_of* the failure it is about."""
    record: Json = payload("sqs")["Records"][0]
    record["attributes"]["ApproximateReceiveCount"] = str(receives)
    if type_:
        record["messageAttributes"]["type"]["stringValue"] = type_
    if replay_of:
        like = record["messageAttributes"]["type"]
        record["messageAttributes"] |= {
            "replay": like | {"stringValue": "1"},
            "failure": like | {"stringValue": replay_of},
        }
    return record | {
        "messageId": message_id,
        "receiptHandle": f"receipt-of-{message_id}",
        "body": body,
        "md5OfBody": md5(body.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest(),
    }


def batch(bodies: Sequence[str]) -> Json:
    """Messages `1`, `2`, `3` … of one batch."""
    return {"Records": [message(body, message_id=str(place)) for place, body in enumerate(bodies, start=1)]}
