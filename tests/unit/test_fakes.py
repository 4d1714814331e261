from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from domain.invoices import Invoice, InvoiceMovedError
from tests.builders import ACME, ADA, a_client, a_work_entry
from tests.fakes import InMemoryClients, InMemoryInvoices, Store


def test_the_fakes_lose_no_update_of_real_threads() -> None:
    clients = InMemoryClients()
    clients.add(client=a_client(name="-"))

    def rename(_: int) -> None:
        clients.update(
            account_id=ADA, client_id=ACME, change=lambda client: replace(client, name=client.name + ".")
        )

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(rename, range(100)))

    stored = clients.get(account_id=ADA, client_id=ACME)
    assert (len(stored.name), stored.version) == (101, 101)


def test_of_real_threads_one_claims_an_entry() -> None:
    store = Store()
    invoices, entry = InMemoryInvoices(store), a_work_entry()
    invoice = Invoice.opened(a_client())
    for thing in (invoice, entry):
        store.add(thing)

    def claim(_: int) -> bool:
        with suppress(InvoiceMovedError):
            invoices.claim(invoice=invoice, entries=[entry])
            return True
        return False

    with ThreadPoolExecutor(8) as threads:
        claimed = list(threads.map(claim, range(20)))

    assert sum(claimed) == 1
    assert invoices.get(account_id=ADA, invoice_id=invoice.id).entries == 1


def test_nothing_of_a_transaction_that_fails_half_way_is_stored() -> None:
    store = Store()
    invoices, entries = InMemoryInvoices(store), [a_work_entry("1" * 16), a_work_entry("2" * 16)]
    invoice = Invoice.opened(a_client())
    store.add(invoice)
    for entry in entries:
        store.add(entry)
    invoices.claim(invoice=invoice, entries=entries[1:])
    before = list(store.stream)

    with suppress(InvoiceMovedError):
        invoices.claim(invoice=invoice, entries=entries)

    assert store.stream == before
