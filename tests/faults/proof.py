"""Waits until everything has followed from what was written, and proves that all of it is right."""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.delivery import Delivery, Progress
from domain.identifiers import AccountId, invoice_id
from domain.invoices import Invoice, State
from domain.work import WorkEntry
from infrastructure import aws, codec, settings
from infrastructure.dynamodb.attributes import from_item
from infrastructure.local_cloud.cloud import LocalCloud
from infrastructure.local_cloud.names import REPOSITORY
from tests.faults.month import END, Month

Json = dict[str, Any]

_PAUSE = 0.5
_DEPTHS: Any = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
]


@dataclass(frozen=True)
class Stored:
    """What the table holds of one account."""

    work: list[WorkEntry]
    invoices: list[Invoice]
    deliveries: list[Delivery]
    numbers: list[Json]
    sequences: list[Json]

    @classmethod
    def of(cls, account_id: AccountId) -> "Stored":
        pages = (
            aws.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=settings.table_name(), ConsistentRead=True)
        )
        items = [from_item(item) for page in pages for item in page["Items"]]
        ours = [item for item in items if str(item["PK"]).split("#")[1] == account_id]

        def kind(name: str) -> list[Json]:
            return [item for item in ours if item["type"] == name]

        return cls(
            work=[codec.decode(WorkEntry, item) for item in kind("WORK")],
            invoices=[codec.decode(Invoice, item) for item in kind("INVOICE")],
            deliveries=[codec.decode(Delivery, item) for item in kind("DELIVERY")],
            numbers=kind("NUMBER"),
            sequences=kind("SEQUENCE"),
        )


def converge(month: Month, *, within: float) -> float:
    """Bill the rest of the month, and wait until nothing is left to happen; answers with the seconds."""
    started = time.monotonic()
    last_tick = False
    while left := unfinished(month) if (last_tick := last_tick or month.tick(END)) else ["the last tick"]:
        assert time.monotonic() - started < within, f"after {within:.0f} s not finished: {left}"
        time.sleep(_PAUSE)
    return time.monotonic() - started


def unfinished(month: Month) -> list[str]:
    """What is not as it has to be in the end: messages, counters, invoices, deliveries."""
    stored = Stored.of(month.account_id)
    said = [f"{depth} in {name}" for name, depth in depths(month.cloud).items() if depth]
    said += [
        f"{invoice.id} is {invoice.state}"
        for invoice in stored.invoices
        if invoice.state not in {State.ISSUED, State.EMPTY}
    ]
    done = {each.invoice_id: each.progress for each in stored.deliveries}
    said += [
        f"{invoice.id} is {done.get(invoice.id)}"
        for invoice in stored.invoices
        if invoice.state is State.ISSUED and done.get(invoice.id) not in {Progress.SENT, Progress.UNKNOWN}
    ]
    return said or differences(month)


def differences(month: Month) -> list[str]:
    """Where the counters differ from what a script counts that shares no code with them."""
    script = REPOSITORY / "scripts/recount.py"
    ended = subprocess.run(
        [sys.executable, str(script), "--table", month.cloud.table, "--account", month.account_id],
        env=os.environ | month.cloud.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return list(json.loads(ended.stdout)["differences"])


def assert_that_all_is_well(month: Month, *, unsure: int = 0) -> None:
    """Each due period has one invoice, each entry is on one, the numbers run, each invoice is mailed once.

    At most *unsure* deliveries may have ended without a word; those were mailed once or not at all.
    """
    assert_that_the_audit_is_clean(month, failing=unsure)
    stored = Stored.of(month.account_id)
    issued = [invoice for invoice in stored.invoices if invoice.state is State.ISSUED]
    _each_due_period_has_one_invoice(month, stored)
    _each_entry_is_on_one_invoice(stored)
    _numbers_run_without_a_hole(stored, issued)
    mails = mailed(month.cloud)
    progress = {delivery.invoice_id: delivery.progress for delivery in stored.deliveries}
    for invoice in issued:
        assert mails[invoice.id] == 1 or (progress[invoice.id] is Progress.UNKNOWN and not mails[invoice.id])
    assert sum(each is Progress.UNKNOWN for each in progress.values()) <= unsure
    assert len(issued) >= len(month.clients)


def assert_that_the_audit_is_clean(month: Month, *, failing: int) -> None:
    """`invoicely audit` finds nothing wrong as of the end, and nothing under way."""
    as_of = f"{END + dt.timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
    command = [sys.executable, "-c", "from handlers.cli.main import main; main()", "audit", "--json"]
    ended = subprocess.run(
        [*command, "--account", month.account_id, "--as-of", as_of],
        env=os.environ | month.cloud.environment() | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    proof = json.loads(ended.stdout)
    proven = proof["proven"]
    assert (proof["findings"], proof["failed"]) == ([], [])
    assert (proven["clients"], proven["pending"]) == (len(month.clients), 0)
    assert proven["failing"] <= failing


def _each_due_period_has_one_invoice(month: Month, stored: Stored) -> None:
    expected = {invoice_id(client.id, day) for client in month.clients for day in month.due_days(client)}
    assert sorted(invoice.id for invoice in stored.invoices) == sorted(expected)


def _each_entry_is_on_one_invoice(stored: Stored) -> None:
    live = [entry for entry in stored.work if not entry.removed]
    assert live
    assert all(entry.invoiced_on for entry in live)
    for invoice in stored.invoices:
        lines = [entry for entry in live if entry.invoice_id == invoice.id]
        assert (invoice.entries, invoice.net) == (len(lines), sum(line.amount for line in lines))


def _numbers_run_without_a_hole(stored: Stored, issued: list[Invoice]) -> None:
    in_order = sorted(issued, key=lambda invoice: invoice.number or "")
    assert [int((invoice.number or "")[-4:]) for invoice in in_order] == list(range(1, len(issued) + 1))
    assert len(stored.numbers) == sum(int(each["last"]) for each in stored.sequences) == len(issued)
    dates = [invoice.issued_on or dt.date.min for invoice in in_order]
    assert all(before <= after for before, after in pairwise(dates))


def mailed(cloud: LocalCloud) -> Counter[str]:
    """How many mails there are of each invoice."""
    return Counter(_invoice_of(path) for path in cloud.mailbox.glob("*.eml"))


def _invoice_of(path: Path) -> str:
    return str(message_from_bytes(path.read_bytes())["X-Invoicely-Invoice"])


def depths(cloud: LocalCloud) -> dict[str, int]:
    """How many messages each queue holds, on their way or not."""
    sqs = aws.client("sqs")
    asked = {
        name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_DEPTHS)["Attributes"]
        for name, url in cloud.queues.items()
    }
    return {name: sum(map(int, told.values())) for name, told in asked.items()}
