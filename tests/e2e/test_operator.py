"""An operator at a prompt mends a poison, and the function that could not read it resolves it."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.identifiers import AccountId, WorkId
from infrastructure import codec, wiring
from infrastructure.dynamodb.table import Table
from infrastructure.dynamodb.work import DynamoDBWork
from infrastructure.local_cloud.cloud import LocalCloud
from tests.aws_events import PAYLOADS
from tests.e2e.visitors import Visitor, eventually, signed_up

INVOICELY = Path(sys.executable).with_name("invoicely")
ACCOUNT = {
    "name": "Olga",
    "email": "olga@example.com",
    "address": {"street": "1 Main Street", "city": "Springfield", "country": "US"},
    "currency": "USD",
    "time_zone": "America/New_York",
}
CLIENT = ACCOUNT | {"hourly_rate": "10", "billing_starts_on": "2026-10-01", "invoice_day": 31}

pytestmark = pytest.mark.e2e


def test_what_an_operator_mends_and_replays_is_resolved(deployed: LocalCloud) -> None:
    olga = signed_up(deployed, "olga@example.com")
    account_id = olga.put("/account", ACCOUNT).body["id"]
    event = event_of(deployed, olga, account_id)
    sqs = deployed.access.session().client("sqs", **deployed.access.here())
    sqs.send_message(QueueUrl=deployed.queues["counters"], MessageBody=f"olga broke {event}")
    [failure_id] = eventually(partial(broken_by_olga, deployed))

    failures(deployed, "edit", failure_id, "--body", "-", "--json", typed=event)
    shown = failures(deployed, "replay", failure_id, "--json")
    sent = failures(deployed, "replay", "--job", shown["job"], "--apply", "--json")

    assert sent["failures"] == [{"id": failure_id, "fate": "sent"}]
    told = eventually(partial(resolved, deployed, failure_id))
    assert [action["action"] for action in told["history"]] == ["edited", "replayed", "resolved"]
    assert olga.get("/counters").body["data"][0]["total"]["entries"] == 1


def event_of(cloud: LocalCloud, visitor: Visitor, account_id: AccountId) -> str:
    """The event of work that the visitor logs, as it would be published once more."""
    client = visitor.post("/clients", CLIENT).body["id"]
    work = {"client_id": client, "date": "2026-10-05", "description": "Observing", "minutes": 60}
    work_id = WorkId(visitor.post("/work-entries", work).body["id"])
    eventually(lambda: visitor.get("/counters").body["data"])
    table = Table(cloud.access.session().client("dynamodb", **cloud.access.here()), cloud.table, wiring.now)
    entry = DynamoDBWork(table).get(account_id=account_id, work_id=work_id)
    golden = json.loads((PAYLOADS / "events/invoicely.work.logged.v1.json").read_text())
    told = {"id": uuid4().hex, "account": account_id, "data": codec.encode(entry)}
    return json.dumps(golden | told)


def broken_by_olga(cloud: LocalCloud) -> list[str]:
    listed = failures(cloud, "list", "--each", "--json", "--cause", "unreadable-event") or []
    ids = [each["id"] for each in listed if each["queue"] == "counters"]
    return [each for each in ids if failures(cloud, "show", each, "--json")["body"].startswith("olga")]


def resolved(cloud: LocalCloud, failure_id: str) -> Any:
    told = failures(cloud, "show", failure_id, "--json")
    return told if told["state"] == "resolved" else None


def failures(cloud: LocalCloud, *arguments: str, typed: str = "") -> Any:
    """What the command answers; None where nothing matches. Its settings are those that a function has."""
    here = {name: value for name, value in cloud.environment().items() if name != "INVOICELY_ENVIRONMENT"}
    ran = subprocess.run(
        [INVOICELY, "failures", *arguments],
        env=os.environ | here,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode in {0, 3}, ran.stderr
    return json.loads(ran.stdout) if ran.returncode == 0 else None
