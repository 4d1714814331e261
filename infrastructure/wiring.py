"""Who talks to whom: every port's real adapter, made once, by name. Tests replace one of these functions.

It is one table, and long for that reason: who looks for an adapter finds it here, with what it is made of.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from functools import cache
from typing import TYPE_CHECKING

from domain.identifiers import encode
from infrastructure import aws, settings

if TYPE_CHECKING:  # a function loads only what it uses
    from collections.abc import Callable

    from domain.accounts import AccountDirectory, Accounts
    from domain.archiving import Archive
    from domain.audit import Books
    from domain.clients import Clients, DueClients
    from domain.counters import Counters, Resetting
    from domain.credit_notes import CreditNotes
    from domain.crediting import Crediting
    from domain.delivery import Deliveries
    from domain.documents import Renderer
    from domain.einvoices import EInvoices
    from domain.failures import Ledger
    from domain.held import HeldInvoices
    from domain.import_rows import Results
    from domain.importing import Importer, Readers
    from domain.imports import Imports, Uploads
    from domain.invoices import Invoices
    from domain.invoicing import Collecting, Numbering, Parties
    from domain.mailing import Postman
    from domain.opening import Opening
    from domain.pace import Paces
    from domain.payments import Payments
    from domain.prepayments import Prepayments
    from domain.proof import OpenFailures, Records
    from domain.rates import Permits, Rates
    from domain.register import Register
    from domain.reminders import DueReminders, Reminders
    from domain.replays import ReplayJobs
    from domain.requests import Requests
    from domain.retries import Sources
    from domain.reviews import Reviews
    from domain.tokens import Tokens
    from domain.voiding import Voiding
    from domain.work import KnownWork, WorkEntries
    from events.publishing import Aside, Changes
    from events.republishing import Current, FailureRecords
    from infrastructure.dynamodb.table import Table
    from infrastructure.openid import SignIns
    from infrastructure.queue import Consumer, Visibility


def now() -> dt.datetime:
    """The instant it is, in UTC."""
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    """Sixteen characters that are new: 50 bits of milliseconds, so that ids sort by age, and 30 of chance."""
    return encode(time.time_ns() // 1_000_000 << 30 | secrets.randbits(30), length=16)


@cache
def table() -> Table:
    """The single table."""
    from infrastructure.dynamodb.table import Table

    return Table(aws.client("dynamodb"), settings.table_name(), now)


@cache
def accounts() -> Accounts:
    from infrastructure.dynamodb.accounts import DynamoDBAccounts

    return DynamoDBAccounts(table())


@cache
def directory() -> AccountDirectory:
    from infrastructure.dynamodb.accounts import DynamoDBAccounts

    return DynamoDBAccounts(table())


@cache
def clients() -> Clients:
    from infrastructure.dynamodb.clients import DynamoDBClients

    return DynamoDBClients(table())


@cache
def due_clients() -> DueClients:
    from infrastructure.dynamodb.clients import DynamoDBClients

    return DynamoDBClients(table())


@cache
def work() -> WorkEntries:
    from infrastructure.dynamodb.work import DynamoDBWork

    return DynamoDBWork(table())


@cache
def known_work() -> KnownWork:
    from infrastructure.dynamodb.work import DynamoDBWork

    return DynamoDBWork(table())


@cache
def counters() -> Counters:
    from infrastructure.dynamodb.counters import DynamoDBCounters

    return DynamoDBCounters(table())


@cache
def resetting() -> Resetting:
    from infrastructure.dynamodb.counters import DynamoDBCounters

    return DynamoDBCounters(table())


@cache
def invoices() -> Invoices:
    from infrastructure.dynamodb.invoices import DynamoDBInvoices

    return DynamoDBInvoices(table())


@cache
def opening() -> Opening:
    from infrastructure.dynamodb.invoices import DynamoDBInvoices

    return DynamoDBInvoices(table())


@cache
def reviews() -> Reviews:
    from infrastructure.dynamodb.invoices import DynamoDBInvoices

    return DynamoDBInvoices(table())


@cache
def collecting() -> Collecting:
    from infrastructure.dynamodb.invoices import DynamoDBInvoices

    return DynamoDBInvoices(table())


@cache
def held_invoices() -> HeldInvoices:
    from infrastructure.dynamodb.held import DynamoDBHeldInvoices

    return DynamoDBHeldInvoices(table())


@cache
def parties() -> Parties:
    from infrastructure.dynamodb.invoices import DynamoDBInvoices

    return DynamoDBInvoices(table())


@cache
def numbering() -> Numbering:
    from infrastructure.dynamodb.invoices import DynamoDBInvoices

    return DynamoDBInvoices(table())


@cache
def credit_notes() -> CreditNotes:
    from infrastructure.dynamodb.credit_notes import DynamoDBCreditNotes

    return DynamoDBCreditNotes(table())


@cache
def crediting() -> Crediting:
    from infrastructure.dynamodb.credit_notes import DynamoDBCreditNotes

    return DynamoDBCreditNotes(table())


@cache
def voiding() -> Voiding:
    from infrastructure.dynamodb.credit_notes import DynamoDBCreditNotes

    return DynamoDBCreditNotes(table())


@cache
def register() -> Register:
    from infrastructure.dynamodb.register import DynamoDBRegister

    return DynamoDBRegister(table())


@cache
def records() -> Records:
    from infrastructure.dynamodb.records import DynamoDBRecords

    return DynamoDBRecords(table())


@cache
def current() -> Current:
    from infrastructure.dynamodb.records import DynamoDBRecords

    return DynamoDBRecords(table())


@cache
def open_failures() -> OpenFailures:
    from infrastructure.dynamodb.open_failures import LedgerOpenFailures

    return LedgerOpenFailures(ledger())


def books() -> Books:
    """All that an audit reads."""
    from domain.audit import Books

    return Books(
        accounts=accounts(),
        clients=clients(),
        records=records(),
        counters=counters(),
        invoices=invoices(),
        held_invoices=held_invoices(),
        credit_notes=credit_notes(),
        numbering=numbering(),
        register=register(),
        failures=open_failures(),
    )


@cache
def deliveries() -> Deliveries:
    from infrastructure.dynamodb.deliveries import DynamoDBDeliveries

    return DynamoDBDeliveries(table())


@cache
def payments() -> Payments:
    from infrastructure.dynamodb.payments import DynamoDBPayments

    return DynamoDBPayments(table())


@cache
def prepayments() -> Prepayments:
    from infrastructure.dynamodb.prepayments import DynamoDBPrepayments

    return DynamoDBPrepayments(table())


@cache
def reminders() -> Reminders:
    from infrastructure.dynamodb.reminders import DynamoDBReminders

    return DynamoDBReminders(table())


@cache
def due_reminders() -> DueReminders:
    from infrastructure.dynamodb.reminders import DynamoDBReminders

    return DynamoDBReminders(table())


@cache
def ledger() -> Ledger:
    from infrastructure.dynamodb.failures import DynamoDBLedger

    return DynamoDBLedger(table())


@cache
def paces() -> Paces:
    from infrastructure.dynamodb.paces import DynamoDBPaces

    return DynamoDBPaces(table())


def replay_jobs() -> ReplayJobs:
    from infrastructure.dynamodb.replays import DynamoDBReplayJobs

    return DynamoDBReplayJobs(table())


@cache
def tokens() -> Tokens:
    from infrastructure.dynamodb.tokens import DynamoDBTokens

    return DynamoDBTokens(table())


def new_secret() -> str:
    """Forty-three characters that nobody can guess: 256 bits of chance."""
    return secrets.token_urlsafe(32)


@cache
def sign_ins() -> SignIns:
    from infrastructure.key_sets import KeySet
    from infrastructure.openid import SignIns

    return SignIns(
        issuer=settings.oidc_issuer(),
        audience=settings.oidc_audience(),
        keys=KeySet(settings.oidc_jwks_url()),
    )


def requests() -> Requests:
    from infrastructure.dynamodb.requests import DynamoDBRequests

    return DynamoDBRequests(table())


@cache
def rates() -> Rates:
    from infrastructure.dynamodb.rates import DynamoDBRates

    return DynamoDBRates(table())


@cache
def permits() -> Permits:
    """What this process may still let through; so there is one for all its threads."""
    from domain.rates import Permits

    return Permits(rates(), limit=settings.requests_per_minute())


def visibility() -> Visibility:
    from infrastructure.sqs import SqsVisibility

    return SqsVisibility(aws.client("sqs"), settings.queue_url())


def consumer() -> Consumer:
    """How the function deals with the messages of its queue; SQS is called only for those that fail."""
    from infrastructure.queue import Consumer

    return Consumer(
        queue=settings.queue_name(),
        most_receives=settings.most_receives(),
        ledger=ledger(),
        visibility=visibility,
        now=now,
    )


@cache
def archive() -> Archive:
    from infrastructure.s3 import S3Archive

    return S3Archive(aws.client("s3"), settings.documents_bucket())


@cache
def imports() -> Imports:
    from infrastructure.dynamodb.imports import DynamoDBImports

    return DynamoDBImports(table())


@cache
def import_results() -> Results:
    from infrastructure.dynamodb.imports import DynamoDBResults

    return DynamoDBResults(table())


def importer(progress: Callable[[int], None] = lambda _: None) -> Importer:
    """All that taking the rows of an import needs; *progress* is told how many are dealt with."""
    from domain.importing import Importer

    return Importer(
        imports=imports(),
        results=import_results(),
        clients=clients(),
        work=work(),
        known=known_work(),
        progress=progress,
    )


@cache
def uploads() -> Uploads:
    from infrastructure.uploads import S3Uploads

    return S3Uploads(aws.client("s3"), settings.uploads_bucket())


def readers() -> Readers:
    """Who reads which export."""
    from domain.imports import Format
    from infrastructure import toggl

    return {Format.TOGGL: toggl.read}


@cache
def renderer() -> Renderer:
    from infrastructure.documents.renderer import TypstRenderer

    return TypstRenderer()


@cache
def einvoices() -> EInvoices:
    from infrastructure.einvoice.writer import XmlEInvoices

    return XmlEInvoices()


@cache
def postman() -> Postman:
    from infrastructure.ses import SesPostman

    return SesPostman(aws.client("ses"), settings.sender_address(), settings.configuration_set())


@cache
def changes() -> Changes:
    from infrastructure.sns import SnsChanges

    return SnsChanges(aws.client("sns"), settings.topic_arn())


@cache
def aside() -> Aside:
    from infrastructure.sqs import SqsAside

    return SqsAside(aws.client("sqs"), settings.unpublished_queue_url())


@cache
def sources() -> Sources:
    from infrastructure.sources import LambdaSource, NamedSources, Source, SqsSource, StreamSource

    found: dict[str, Source] = {"stream": StreamSource(aws.client("s3"), changes=changes, aside=aside)}
    for name, url in settings.source_queue_urls().items():
        found[name] = SqsSource(aws.client("sqs"), url)
    for name, function in settings.source_functions().items():
        found[name] = LambdaSource(
            aws.client("lambda"), function, resolves=name != "audit"
        )  # it never writes
    return NamedSources(found)


@cache
def failure_records() -> FailureRecords:
    from infrastructure.s3 import S3FailureRecords

    return S3FailureRecords(aws.client("s3"), settings.failures_bucket())
