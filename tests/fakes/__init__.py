"""One fake per port, in memory: they keep the ports' promises, and a contract suite holds them to it."""

from tests.fakes.accounts import InMemoryAccounts
from tests.fakes.clients import InMemoryClients
from tests.fakes.counters import InMemoryCounters
from tests.fakes.credit_notes import InMemoryCreditNotes
from tests.fakes.delivery import (
    InMemoryArchive,
    InMemoryDeliveries,
    PlainEInvoices,
    PlainRenderer,
    RecordingPostman,
)
from tests.fakes.failures import InMemoryLedger
from tests.fakes.held import InMemoryHeldInvoices
from tests.fakes.imports import InMemoryImports, InMemoryResults, InMemoryUploads
from tests.fakes.invoices import InMemoryInvoices
from tests.fakes.payments import InMemoryPayments
from tests.fakes.prepayments import InMemoryPrepayments
from tests.fakes.records import InMemoryOpenFailures, InMemoryRecords
from tests.fakes.reminders import InMemoryReminders
from tests.fakes.replays import InMemoryReplayJobs
from tests.fakes.requests import InMemoryRates, InMemoryRequests
from tests.fakes.retries import InMemoryPaces, InMemorySources
from tests.fakes.store import Hooked, Moment, Step, Store
from tests.fakes.tokens import InMemoryTokens
from tests.fakes.work import InMemoryWork

__all__ = [
    "Hooked",
    "InMemoryAccounts",
    "InMemoryArchive",
    "InMemoryClients",
    "InMemoryCounters",
    "InMemoryCreditNotes",
    "InMemoryDeliveries",
    "InMemoryHeldInvoices",
    "InMemoryImports",
    "InMemoryInvoices",
    "InMemoryLedger",
    "InMemoryOpenFailures",
    "InMemoryPaces",
    "InMemoryPayments",
    "InMemoryPrepayments",
    "InMemoryRates",
    "InMemoryRecords",
    "InMemoryReminders",
    "InMemoryReplayJobs",
    "InMemoryRequests",
    "InMemoryResults",
    "InMemorySources",
    "InMemoryTokens",
    "InMemoryUploads",
    "InMemoryWork",
    "Moment",
    "PlainEInvoices",
    "PlainRenderer",
    "RecordingPostman",
    "Step",
    "Store",
]
