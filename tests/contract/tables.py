"""A world of adapters over one table."""

import datetime as dt
from typing import Any

from infrastructure.dynamodb.accounts import DynamoDBAccounts
from infrastructure.dynamodb.clients import DynamoDBClients
from infrastructure.dynamodb.counters import DynamoDBCounters
from infrastructure.dynamodb.credit_notes import DynamoDBCreditNotes
from infrastructure.dynamodb.deliveries import DynamoDBDeliveries
from infrastructure.dynamodb.failures import DynamoDBLedger
from infrastructure.dynamodb.held import DynamoDBHeldInvoices
from infrastructure.dynamodb.imports import DynamoDBImports, DynamoDBResults
from infrastructure.dynamodb.invoices import DynamoDBInvoices
from infrastructure.dynamodb.open_failures import LedgerOpenFailures
from infrastructure.dynamodb.paces import DynamoDBPaces
from infrastructure.dynamodb.payments import DynamoDBPayments
from infrastructure.dynamodb.prepayments import DynamoDBPrepayments
from infrastructure.dynamodb.rates import DynamoDBRates
from infrastructure.dynamodb.records import DynamoDBRecords
from infrastructure.dynamodb.register import DynamoDBRegister
from infrastructure.dynamodb.reminders import DynamoDBReminders
from infrastructure.dynamodb.replays import DynamoDBReplayJobs
from infrastructure.dynamodb.requests import DynamoDBRequests
from infrastructure.dynamodb.table import Table
from infrastructure.dynamodb.tokens import DynamoDBTokens
from infrastructure.dynamodb.work import DynamoDBWork
from infrastructure.uploads import S3Uploads
from tests import data_stack
from tests.world import World

NOON = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)


def over(client: Any) -> World:
    """Everything is written at the same instant: no promise may depend on the clock."""
    table = Table(client, data_stack.TABLE, lambda: NOON)
    accounts, clients, invoices = DynamoDBAccounts(table), DynamoDBClients(table), DynamoDBInvoices(table)
    counters, ledger = DynamoDBCounters(table), DynamoDBLedger(table)
    notes = DynamoDBCreditNotes(table)
    return World(
        accounts=accounts,
        clients=clients,
        due_clients=clients,
        opening=invoices,
        work=DynamoDBWork(table),
        invoices=invoices,
        collecting=invoices,
        reviews=invoices,
        held_invoices=DynamoDBHeldInvoices(table),
        parties=invoices,
        numbering=invoices,
        credit_notes=notes,
        crediting=notes,
        voiding=notes,
        counters=counters,
        deliveries=DynamoDBDeliveries(table),
        payments=DynamoDBPayments(table),
        prepayments=DynamoDBPrepayments(table),
        reminders=DynamoDBReminders(table),
        due_reminders=DynamoDBReminders(table),
        paces=DynamoDBPaces(table),
        ledger=ledger,
        directory=accounts,
        resetting=counters,
        register=DynamoDBRegister(table),
        records=DynamoDBRecords(table),
        current=DynamoDBRecords(table),
        open_failures=LedgerOpenFailures(ledger),
        replay_jobs=DynamoDBReplayJobs(table),
        tokens=DynamoDBTokens(table),
        requests=DynamoDBRequests(table),
        rates=DynamoDBRates(table),
        imports=DynamoDBImports(table),
        import_results=DynamoDBResults(table),
        known_work=DynamoDBWork(table),
        uploads=S3Uploads(data_stack.client("s3"), data_stack.UPLOADS),
    )
